"""One's own name, bio and password."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password, verify_password
from blog.auth.throttle import proof_bucket
from blog.content.urls import clean_url
from blog.forms.account import PasswordForm, ProfileForm
from blog.forms.fields import Errors
from blog.forms.site import zones
from blog.languages import gettext as _
from blog.languages import translated
from blog.languages.offered import OFFERED
from blog.mail import post_mail
from blog.models import Event, User
from blog.queries import attempts, logins, redirects, site, tokens, users
from blog.web import logins as web_logins
from blog.web import proofs, routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import Refusal
from blog.web.factors import too_many, wait_words
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of


class Account(Controller):
    path = "/account"
    opt = serves(policy.Action.OWN_ACCOUNT)

    @get("/", name="account.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Show one's own profile and the forms to change it."""
        return await account(request, db, viewer, ProfileForm.of(viewer), {}, {})

    @post("/", name="account.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Change one's own name, username, bio, links, language and time zone."""
        form, errors = ProfileForm.parse(await read_form(request), viewer)
        if form.username != viewer.username and "username" not in errors:
            await site.hold(db)
            if form.username in users.NOBODYS or await users.has_username(db, form.username, but=viewer):
                errors["username"] = _("Somebody has this username, or had it. Choose another one.")
        if errors:
            return await account(request, db, viewer, form, errors, {})
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
        typed = await read_form(request)
        person = await users.with_password(db, viewer.id)
        stored = person.password_hash if person else None
        form, errors = PasswordForm.parse(typed, viewer, site_of(request.scope).title, has_one=stored is not None)
        await db.commit()  # nothing is held while passwords are hashed
        if stored is None:
            await proofs.insist(request, typed)
        elif not errors and (wait := await too_many(db, (proof_bucket(viewer.id),), now)):
            errors[""] = wait_words(wait)
        elif not errors and not await verify_password(form.current, stored):
            errors["current_password"] = _("This is not the password you have now.")
        if errors:
            return await account(request, db, viewer, ProfileForm.of(viewer), {}, errors)
        new_hash = await hash_password(form.new)
        await begin_writing(request)
        person = await users.with_password(db, viewer.id)
        if person is None or not person.is_active or person.password_hash != stored:
            raise Refusal(409)
        db.add(person.change_password(new_hash, now=now, by=person))
        await attempts.forgive(db, proof_bucket(person.id))
        had_second_factor = request.auth is not None and request.auth.has_second_factor
        await logins.end_all(db, person)
        await tokens.end_all(db, person)
        await post_mail(db, to=person.email or "", template="password-changed", name=person.name, now=now)
        token = await web_logins.begin(db, request, person, now, has_second_factor=had_second_factor)
        await db.commit()
        response = see(routes.url("account.show"), message="password")
        web_logins.remember(response, token, house(request).settings)
        return response


async def account(
    request: Asked, db: AsyncSession, viewer: User, form: ProfileForm, errors: Errors, password_errors: Errors
) -> Response[Any]:
    """Show the page of one's own account; 422 when a form was refused."""
    status = 422 if errors or password_errors else 200
    return page(
        request,
        "account/show.html",
        status=status,
        form=form,
        errors=errors,
        password_errors=password_errors,
        picture=await users.picture_of(db, viewer),
        languages=[(tag, OFFERED[tag]) for tag in translated()],
        zones=zones(),
    )


async def _rename(db: AsyncSession, user: User, username: str, now: datetime) -> None:
    """Give a person another username; the old address of an author leads to the new one."""
    if policy.may(user, policy.Action.WRITE):
        await redirects.remember_author(db, f"/authors/{user.username}", user, now)
    await redirects.forget(db, f"/authors/{username}")
    user.username = username
