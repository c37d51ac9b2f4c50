"""How somebody else signs in: an admin gives them another address, or a link to a new password."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.tokens import new_token, token_hash
from blog.forms.access import AddressForm
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.mail import post_mail
from blog.models import Event, Purpose, User
from blog.queries import logins, tokens, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.guards import asks_again, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class AdminAccess(Controller):
    path = "/admin/users/{user_id:int}/access"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.access.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId) -> Response[Any]:
        """Show somebody's address, with the forms to change it and to make a link."""
        person = await _person(db, viewer, user_id)
        return _page(request, person, AddressForm(email=person.email or ""), {})

    @post("/email", name="admin.access.email", status_code=200, opt=asks_again())
    async def change_email(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Give somebody another address to sign in with; their sign-ins and open links end, the old address is told."""
        person = await _person(db, viewer, user_id)
        form, errors = AddressForm.parse(await read_form(request))
        other = None if errors else await users.by_email(db, form.email)
        if other is not None and other.id != person.id:
            errors["email"] = _("%(name)s has this address already.") % {"name": other.name}
        if errors:
            return _page(request, person, form, errors)
        old = person.email
        db.add(person.change_email(form.email, now=now, by=viewer))
        await logins.end_all(db, person)
        await tokens.end_all(db, person)
        if old:
            await post_mail(db, to=old, template="email-changed", name=person.name, email=form.email, now=now)
        await db.commit()
        return see(routes.url("admin.access.show", user_id=person.id), message="email-given")

    @post("/password-reset", name="admin.access.reset", status_code=200, opt=asks_again())
    async def make_link(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Make a link to a new password and show it, this once; the password that is there works until it is used."""
        person = await _person(db, viewer, user_id)
        if not person.can_sign_in:
            raise Refusal(
                409, _("This person is suspended or has no e-mail address, so they cannot sign in with any password.")
            )
        token = new_token()
        made = await tokens.make(db, Purpose.PASSWORD, person, token_hash(token), now)
        db.add(Event.about("user.reset_made", person, now, viewer))
        await db.commit()
        link = house(request).settings.base_url + routes.url("resets.open", token=token)
        return page(request, "admin/access/link.html", person=person, link=link, expires=made.expires_at)


async def _person(db: AsyncSession, viewer: User, user_id: int) -> User:
    person = await users.by_id(db, row_id(user_id))
    if person is None:
        raise NotFound
    if not policy.may_govern(viewer, person):
        raise Refusal(403, _("You change your own address and password in your account."))
    return person


def _page(request: Asked, person: User, form: AddressForm, errors: Errors) -> Response[Any]:
    return page(
        request, "admin/access/show.html", status=422 if errors else 200, person=person, form=form, errors=errors
    )
