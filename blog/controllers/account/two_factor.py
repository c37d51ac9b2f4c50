"""One's own second factor: the app that shows codes, and the codes for when it is lost. Passkeys have their own file."""

import asyncio
import re
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.codes import address_of, matching_step, new_codes, new_secret, recovery_hash
from blog.auth.passkeys import work_at
from blog.auth.sealing import seal, unseal
from blog.auth.tokens import new_token, token_hash
from blog.forms.factors import parse_code
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.mail import post_mail
from blog.models import Event, Totp, User
from blog.queries import logins, notices, second_factors
from blog.queries.second_factors import SecondFactors
from blog.web import logins as web_logins
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import Refusal
from blog.web.guards import ALWAYS_OPEN, SLOW, asks_again, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of

QUIET_ZONE = 4
"""The margin in modules that readers of QR codes need (ISO/IEC 18004, section 5.3.8)."""


class TwoFactor(Controller):
    path = "/account/two-factor"
    opt = serves(policy.Action.OWN_ACCOUNT) | ALWAYS_OPEN

    @get("/", name="two_factor.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Show what one signs in with beside the password."""
        return page(
            request,
            "account/two_factor.html",
            factors=await second_factors.of_user(db, viewer.id),
            notices=await notices.unread_of_account(db, viewer),
            is_needed=policy.needs_second_factor(viewer, site_of(request.scope)),
            passkeys_work=work_at(house(request).settings.base_url),
        )

    @post("/notices", name="two_factor.read", status_code=200)
    async def read(self, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Mark as read what one was told of one's account."""
        await notices.read_of_account(db, viewer, now)
        await db.commit()
        return see(routes.url("two_factor.show"))

    @post("/recovery-codes", name="recovery_codes.create", status_code=200, opt=asks_again())
    async def renew_codes(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Make other recovery codes and show them once; the old ones are void."""
        if not (await second_factors.of_user(db, viewer.id)).count:
            return see(routes.url("two_factor.show"), message="factor-first")
        codes = await _fresh_codes(db, viewer)
        db.add(Event.about("user.recovery_codes_made", viewer, now, viewer))
        await db.commit()
        return page(request, "account/recovery_codes.html", codes=codes)


class CodeApps(Controller):
    path = "/account/two-factor/app"
    opt = serves(policy.Action.OWN_ACCOUNT) | ALWAYS_OPEN

    @post("/", name="apps.create", status_code=200, opt=asks_again())
    async def create(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Begin to set up an app; an old one goes on until the new one has given a code."""
        sealed = seal(house(request).settings.secret_key, new_secret())
        row = await db.get(Totp, viewer.id) or Totp(user_id=viewer.id, secret="", last_step=0)
        row.new_secret = sealed
        db.add(row)
        await db.commit()
        return see(routes.url("apps.show"))

    @get("/", name="apps.show", opt=asks_again())
    async def show(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Show the secret of the app that is being set up, as a drawing and as text."""
        return await _set_up(request, db, viewer, {})

    @post("/confirmation", name="apps.confirm", status_code=200, opt=SLOW | asks_again())
    async def confirm(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take the first code of the app, which proves that it was set up; from now on it is needed."""
        code, errors = parse_code(await read_form(request))
        secret = await _new_secret(request, db, viewer)
        if secret is None:
            return see(routes.url("two_factor.show"))
        # Somebody who sees the secret could try codes; but then they need not.
        step = None if errors else matching_step(secret, code, now)
        if step is None:
            errors.setdefault("code", _("This code is not right. Type the one that the app shows now."))
            return await _set_up(request, db, viewer, errors)
        await begin_writing(request)
        row = await db.get(Totp, viewer.id, populate_existing=True)
        if row is None or not row.new_secret:
            raise Refusal(409)
        count = (await second_factors.of_user(db, viewer.id)).count
        row.confirm(step, now=now)
        return await changed(
            request, db, viewer, count, Event.about("user.app_set_up", viewer, now, viewer), "app-set-up", now
        )

    @post("/delete", name="apps.delete", status_code=200, opt=asks_again())
    async def delete(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take the app away."""
        before = await second_factors.of_user(db, viewer.id)
        if not before.has_app:
            return see(routes.url("two_factor.show"))
        if is_last_needed(request, viewer, before):
            return see(routes.url("two_factor.show"), message="last-factor")
        count = before.count
        await second_factors.remove_app(db, viewer.id)
        return await changed(
            request, db, viewer, count, Event.about("user.app_removed", viewer, now, viewer), "app-removed", now
        )


def is_last_needed(request: Asked, viewer: User, factors: SecondFactors) -> bool:
    """Tell whether this person may not be left without any of these."""
    return factors.count == 1 and policy.needs_second_factor(viewer, site_of(request.scope))


async def changed(
    request: Asked, db: AsyncSession, viewer: User, before: int, event: Event, message: str, now: datetime
) -> Response[Any]:
    """Finish a change of what somebody signs in with: every other sign-in ends, and this one gets a new cookie.

    `before` is how many factors there were. With the first one come recovery codes, shown once; with the last they go.
    """
    await db.flush()  # the count is taken in the database
    after, login = await second_factors.of_user(db, viewer.id), request.auth
    assert login is not None  # noqa: S101 - the guard let in only who is signed in
    db.add(event)
    await logins.end_all(db, viewer, but=login)
    token = new_token()
    login.prove(token_hash(token), now=now)
    login.has_second_factor = after.count > 0
    codes: list[str] = []
    if not after.count:
        await second_factors.remove_recovery_codes(db, viewer.id)
    elif not before:
        codes = await _fresh_codes(db, viewer)
    if viewer.email:
        await post_mail(db, to=viewer.email, template="second-factor", name=viewer.name, what="changed", by="", now=now)
    await db.commit()
    web_logins.renew(request, token)
    if codes:
        return page(request, "account/recovery_codes.html", codes=codes)
    return see(routes.url("two_factor.show"), message=message)


async def _fresh_codes(db: AsyncSession, viewer: User) -> list[str]:
    codes = new_codes()
    await second_factors.replace_recovery_codes(db, viewer.id, [recovery_hash(code) for code in codes])
    return codes


async def _new_secret(request: Asked, db: AsyncSession, viewer: User) -> str | None:
    """Give the secret of the set-up that waits for its first code."""
    row = await db.get(Totp, viewer.id)
    if row is None or not row.new_secret:
        return None
    return await asyncio.to_thread(unseal, house(request).settings.secret_key, row.new_secret)


async def _set_up(request: Asked, db: AsyncSession, viewer: User, errors: Errors) -> Response[Any]:
    secret = await _new_secret(request, db, viewer)
    if secret is None:
        return see(routes.url("two_factor.show"))
    address = address_of(secret, account=viewer.email or viewer.username, site=site_of(request.scope).title)
    size, path = await asyncio.to_thread(_drawn, address)
    return page(
        request,
        "account/app.html",
        status=422 if errors else 200,
        size=size,
        path=path,
        address=address,
        secret=" ".join(re.findall(".{1,4}", secret)),
        errors=errors,
    )


def _drawn(address: str) -> tuple[int, str]:
    """Draw a QR code: its width in modules, margin included, and the path of the dark ones."""
    # Only this page needs it.
    import segno

    rows = [list(row) for row in segno.make(address, micro=False).matrix_iter(border=QUIET_ZONE)]
    path = "".join(
        f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(rows)
        for run in re.finditer("1+", "".join(map(str, row)))
    )
    return len(rows), path
