"""One's own e-mail address, and which mail comes to it."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import verify_password
from blog.auth.throttle import proof_bucket
from blog.auth.tokens import new_token, token_hash
from blog.forms.access import AddressForm
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.mail import post_mail
from blog.models import Event, Purpose, Token, User
from blog.models.token import LIFETIMES
from blog.queries import attempts, logins, tokens, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathText, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.factors import too_many, wait_words
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class Emails(Controller):
    path = "/account/mail"
    opt = serves(policy.Action.OWN_ACCOUNT)

    @get("/", name="account.mail")
    async def show(self, request: Asked) -> Response[Any]:
        """Show one's address, with the forms to change it and to choose what is sent to it."""
        return _page(request, AddressForm(), {})

    @post("/", name="account.mail.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Choose whether news of the desk come by mail."""
        viewer.wants_mail = bool((await read_form(request)).get("wants_mail"))
        db.add(Event.about("user.profile_changed", viewer, now, viewer))
        await db.commit()
        return see(routes.url("account.mail"), message="mail-chosen")

    @post("/address", name="emails.create", status_code=200, opt=SLOW)
    async def ask(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Have a link sent to another address. Whether somebody else has that address is told to them, not here."""
        form, errors = AddressForm.parse_with_password(await read_form(request))
        if not house(request).has_mail:
            raise NotFound
        person = await users.with_password(db, viewer.id)
        stored = person.password_hash if person else None
        await db.commit()  # nothing is held while the password is hashed
        if "current_password" not in errors and (wait := await too_many(db, (proof_bucket(viewer.id),), now)):
            errors["current_password"] = wait_words(wait)
        elif "current_password" not in errors and not await verify_password(form.current, stored):
            errors["current_password"] = _("This is not the password you have now.")
        if errors:
            return _page(request, form, errors)
        await begin_writing(request)
        await attempts.forgive(db, proof_bucket(viewer.id))
        await _send_links(request, db, viewer, form.email, now)
        await db.commit()
        return see(routes.url("account.mail"), message="email-asked")

    @get("/address/{token:str}", name="emails.show")
    async def confirm(self, request: Asked, db: Db, viewer: Viewer, token: PathText, now: Now) -> Response[Any]:
        """Ask whether the address behind a link shall be one's own; programs that look at links change nothing."""
        found = await _of_viewer(db, viewer, token, now)
        return _ended(request) if found is None else page(request, "account/email.html", email=found.email, token=token)

    @post("/address/{token:str}", name="emails.update", status_code=200)
    async def change(self, request: Asked, db: Db, viewer: Viewer, token: PathText, now: Now) -> Response[Any]:
        """Take the new address. All other sign-ins and open links end, and the old address is told."""
        found = await _of_viewer(db, viewer, token, now)
        if found is None or found.email is None or not await tokens.use(db, found):
            return _ended(request)
        if await _is_taken(db, viewer, found.email):
            raise Refusal(409, _("This address cannot be used. Choose another one."))
        old, name = viewer.email, viewer.name
        db.add(viewer.change_email(found.email, now=now, by=viewer))
        await logins.end_all(db, viewer, but=request.auth)
        await tokens.end_all(db, viewer)
        if old:
            await post_mail(db, to=old, template="email-changed", name=name, email=found.email, now=now)
        await db.commit()
        return see(routes.url("account.mail"), message="email-changed")


async def _send_links(request: Asked, db: AsyncSession, viewer: User, email: str, now: datetime) -> None:
    token, base_url = new_token(), house(request).settings.base_url
    made = await tokens.make(db, Purpose.EMAIL, viewer, token_hash(token), now, email=email)
    link = base_url + routes.url("emails.show", token=token)
    # Either letter is made in the same time, and the page says the same.
    template = "email-taken" if await _is_taken(db, viewer, email) else "email-confirm"
    lasts = LIFETIMES[Purpose.EMAIL]
    await post_mail(db, to=email, template=template, lasts=lasts, name=viewer.name, link=link, expires=made.expires_at)
    if viewer.email:
        await post_mail(db, to=viewer.email, template="email-asked", name=viewer.name, email=email, now=now)
    db.add(Event.about("user.email_asked", viewer, now, viewer))


async def _is_taken(db: AsyncSession, viewer: User, email: str) -> bool:
    other = await users.by_email(db, email)
    return other is not None and other.id != viewer.id


async def _of_viewer(db: AsyncSession, viewer: User, token: str, now: datetime) -> Token | None:
    """Fetch the secret behind a link; somebody else's is none."""
    found = await tokens.by_hash(db, Purpose.EMAIL, token_hash(token), now)
    return found if found is not None and found.user_id == viewer.id else None


def _page(request: Asked, form: AddressForm, errors: Errors) -> Response[Any]:
    status, is_possible = 422 if errors else 200, house(request).has_mail
    return page(request, "account/mail.html", status=status, form=form, errors=errors, is_possible=is_possible)


def _ended(request: Asked) -> Response[Any]:
    return page(
        request,
        "account/ended.html",
        status=410,
        heading=_("This link no longer works"),
        words=_(
            "It was used, is older than 1 day, or was replaced by a newer one. It works only for the person who asked for it."
        ),
        link=routes.url("account.mail"),
        label=_("Your e-mail address"),
    )
