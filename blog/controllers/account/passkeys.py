"""One's own passkeys: adding, naming and removing them."""

import asyncio
import hashlib
import hmac
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth import passkeys
from blog.auth.passkeys import NewKey, PasskeyRefused, to_make_one, work_at
from blog.auth.tokens import token_hash
from blog.controllers.account.sessions import device_words
from blog.controllers.account.two_factor import changed, is_last_needed
from blog.forms.factors import PasskeyForm
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.models import Event, Passkey, User
from blog.models.factor import LONGEST_PASSKEY_NAME, MOST_PASSKEYS
from blog.queries import arrivals, second_factors
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.factors import ask, known_key, party_of
from blog.web.guards import ALWAYS_OPEN, SLOW, asks_again, begin_writing, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see, told
from blog.web.state import house


class Passkeys(Controller):
    path = "/account/two-factor/passkeys"
    opt = serves(policy.Action.OWN_ACCOUNT) | ALWAYS_OPEN

    @get("/new", name="passkeys.new", opt=asks_again())
    async def new(self, request: Asked) -> Response[Any]:
        """Ask what a new passkey is to be called; the browser then makes it."""
        return _form(request, PasskeyForm(name=device_words(request.headers.get("user-agent", ""))), {})

    @post("/challenge", name="passkeys.ask", status_code=200, opt=asks_again())
    async def ask(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Give a browser what it asks a key that is to be made."""
        assert request.auth is not None  # noqa: S101 - the guard let in only who is signed in
        found = await second_factors.of_user(db, viewer.id)
        challenge = ask(db, request.auth, now)
        await db.commit()
        handle, account = await _handle(request, db, viewer), viewer.email or viewer.username
        known = [known_key(key) for key in found.passkeys]
        party = party_of(request)
        return told(to_make_one(party, challenge, handle=handle, account=account, person=viewer.name, known=known))

    @post("/", name="passkeys.create", status_code=200, opt=SLOW | asks_again())
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Keep a passkey that the browser made."""
        form, errors = PasskeyForm.parse(await read_form(request))
        if errors:
            return _form(request, form, errors)
        try:
            challenge = passkeys.challenge_in(form.passkey)
            made = await asyncio.to_thread(passkeys.check_new, party_of(request), challenge, form.passkey)
        except PasskeyRefused:
            return _form(request, form, {"": _("The passkey could not be made. Try again.")})
        handle = await _handle(request, db, viewer)
        await begin_writing(request)
        assert request.auth is not None  # noqa: S101 - the guard let in only who is signed in
        if not await arrivals.use_challenge(db, token_hash(challenge), request.auth, now):
            return _form(request, form, {"": _("That took too long. Try again.")})
        before = await second_factors.of_user(db, viewer.id)
        if problem := await _problem(db, made, len(before.passkeys)):
            await db.commit()
            return _form(request, form, {"": problem})
        db.add(
            Passkey(
                user_id=viewer.id,
                credential_id=made.id,
                public_key=made.public_key,
                user_handle=handle,
                sign_count=made.sign_count,
                transports=made.transports,
                name=form.name,
                created_at=now,
            )
        )
        return await changed(
            request,
            db,
            viewer,
            before.count,
            Event.about("user.passkey_added", viewer, now, viewer),
            "passkey-added",
            now,
        )

    @post("/{passkey_id:int}", name="passkeys.update", status_code=200)
    async def rename(self, request: Asked, db: Db, viewer: Viewer, passkey_id: PathId, now: Now) -> Response[Any]:
        """Give a passkey another name."""
        key = await _own(db, viewer, passkey_id)
        form, errors = PasskeyForm.parse(await read_form(request))
        if errors:
            return page(request, "account/passkey.html", status=422, key=key, form=form, errors=errors)
        key.name = form.name
        db.add(Event.about("user.passkey_renamed", viewer, now, viewer, name=form.name))
        await db.commit()
        return see(routes.url("two_factor.show"), message="passkey-renamed")

    @get("/{passkey_id:int}", name="passkeys.edit")
    async def edit(self, request: Asked, db: Db, viewer: Viewer, passkey_id: PathId) -> Response[Any]:
        """Show one passkey, to name or remove it."""
        key = await _own(db, viewer, passkey_id)
        return page(request, "account/passkey.html", key=key, form=PasskeyForm(name=key.name), errors={})

    @post("/{passkey_id:int}/delete", name="passkeys.delete", status_code=200, opt=asks_again())
    async def delete(self, request: Asked, db: Db, viewer: Viewer, passkey_id: PathId, now: Now) -> Response[Any]:
        """Take a passkey away."""
        key = await _own(db, viewer, passkey_id)
        before = await second_factors.of_user(db, viewer.id)
        if is_last_needed(request, viewer, before):
            return see(routes.url("two_factor.show"), message="last-factor")
        await db.delete(key)
        return await changed(
            request,
            db,
            viewer,
            before.count,
            Event.about("user.passkey_removed", viewer, now, viewer),
            "passkey-removed",
            now,
        )


async def _own(db: AsyncSession, viewer: User, passkey_id: int) -> Passkey:
    key = await second_factors.own_passkey(db, viewer.id, row_id(passkey_id))
    if key is None:
        raise NotFound
    return key


async def _handle(request: Asked, db: AsyncSession, viewer: User) -> str:
    """Give the name under which all keys of a person know them: that of the first one, or the one it will have."""
    found = await second_factors.of_user(db, viewer.id)
    await db.commit()
    if found.passkeys:
        return found.passkeys[0].user_handle
    key = house(request).settings.secret_key.encode()
    return hmac.new(key, f"passkeys:{viewer.id}".encode(), hashlib.sha256).hexdigest()


async def _problem(db: AsyncSession, made: NewKey, count: int) -> str:
    if count >= MOST_PASSKEYS:
        return _("At most %(most)s passkeys fit here. Remove one first.") % {"most": MOST_PASSKEYS}
    if await second_factors.passkey(db, made.id):
        return _("This passkey is known here already.")
    return ""


def _form(request: Asked, form: PasskeyForm, errors: Errors) -> Response[Any]:
    return page(
        request,
        "account/passkey_new.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        longest=LONGEST_PASSKEY_NAME,
        passkeys_work=work_at(house(request).settings.base_url),
    )
