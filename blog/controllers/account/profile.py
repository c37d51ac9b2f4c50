"""One's own name, bio, password and sign-ins."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password, verify_password
from blog.content.urls import clean_url
from blog.forms.account import PasswordForm, ProfileForm
from blog.forms.fields import Errors
from blog.forms.site import zones
from blog.languages import gettext as _
from blog.languages import name_of, translated
from blog.mail import post_mail
from blog.models import Event, User
from blog.queries import logins, redirects, site, tokens, users
from blog.web import logins as web_logins
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class Account(Controller):
    path = "/account"
    opt = serves(policy.Action.OWN_ACCOUNT)

    @get("/", name="account.show")
    async def show(self, request: Asked, viewer: Viewer) -> Response[Any]:
        """Show one's own profile and the forms to change it."""
        return account(request, ProfileForm.of(viewer), {}, {})

    @post("/", name="account.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Change one's own name, username, bio, links, language and time zone."""
        form, errors = ProfileForm.parse(await read_form(request), viewer)
        if form.username != viewer.username and "username" not in errors:
            await site.hold(db)
            if form.username in users.NOBODYS or await users.has_username(db, form.username, but=viewer):
                errors["username"] = _("Somebody has this username, or had it. Choose another one.")
        if errors:
            return account(request, form, errors, {})
        if form.username != viewer.username:
            await _rename(db, viewer, form.username, now)
        viewer.language, viewer.timezone = form.language, form.timezone
        viewer.name, viewer.bio, viewer.links = form.name, form.bio, [clean_url(link) for link in form.links]
        db.add(Event.about("user.profile_changed", viewer, now, viewer))
        await site.touch(db)
        await db.commit()
        return see(routes.url("account.show"), message="profile")

    @post("/password", name="passwords.update", status_code=200, opt=SLOW)
    async def change_password(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Change one's own password; every other sign-in ends, and this one gets a new cookie."""
        form, errors = PasswordForm.parse(await read_form(request), viewer)
        person = await users.with_password(db, viewer.id)
        stored = person.password_hash if person else None
        await db.commit()  # nothing is held while passwords are hashed
        if not errors and not await verify_password(form.current, stored):
            errors["current_password"] = _("This is not the password you have now.")
        if errors:
            return account(request, ProfileForm.of(viewer), {}, errors)
        new_hash = await hash_password(form.new)
        await begin_writing(request)
        person = await users.with_password(db, viewer.id)
        if person is None or not person.is_active or person.password_hash != stored:
            raise Refusal(409)
        db.add(person.change_password(new_hash, now=now, by=person))
        await logins.end_all(db, person)
        await tokens.end_all(db, person)
        await post_mail(db, to=person.email or "", template="password-changed", name=person.name, now=now)
        token = await web_logins.begin(db, request, person, now)
        await db.commit()
        response = see(routes.url("account.show"), message="password")
        web_logins.remember(response, token, house(request).settings)
        return response

    @get("/sessions", name="sessions.index")
    async def sessions(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """List the browsers that are signed in."""
        current = request.auth.id if request.auth else None
        rows = [(login, login.id == current) for login in await logins.of_user(db, viewer, now)]
        return page(request, "account/sessions.html", logins=rows)

    @post("/sessions/{login_id:int}/delete", name="sessions.delete", status_code=200)
    async def end_session(self, db: Db, viewer: Viewer, login_id: PathId, now: Now) -> Response[Any]:
        """End one sign-in."""
        if not await logins.end(db, viewer, row_id(login_id)):
            raise NotFound
        db.add(Event.about("user.session_ended", viewer, now, viewer))
        await db.commit()
        return see(routes.url("sessions.index"), message="session-ended")

    @post("/sessions/delete", name="sessions.delete_others", status_code=200)
    async def end_other_sessions(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """End every sign-in but this one."""
        await logins.end_all(db, viewer, but=request.auth)
        db.add(Event.about("user.sessions_ended", viewer, now, viewer))
        await db.commit()
        return see(routes.url("sessions.index"), message="sessions-ended")


def account(request: Asked, form: ProfileForm, errors: Errors, password_errors: Errors) -> Response[Any]:
    """Show the page of one's own account; 422 when a form was refused."""
    status = 422 if errors or password_errors else 200
    return page(
        request,
        "account/show.html",
        status=status,
        form=form,
        errors=errors,
        password_errors=password_errors,
        languages=[(tag, name_of(tag)) for tag in translated()],
        zones=zones(),
    )


async def _rename(db: AsyncSession, user: User, username: str, now: datetime) -> None:
    """Give a person another username; the old address of an author leads to the new one."""
    if policy.may(user, policy.Action.WRITE):
        await redirects.remember_author(db, f"/authors/{user.username}", user, now)
    await redirects.forget(db, f"/authors/{username}")
    user.username = username
