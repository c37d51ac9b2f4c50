"""The first admin: open only while nobody can sign in, and only with the secret that the server printed."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password
from blog.auth.tokens import token_hash
from blog.controllers.admin.site import index_in
from blog.database import begin_write
from blog.forms.account import SetupForm
from blog.forms.fields import Errors
from blog.languages.offered import OFFERED
from blog.models import Event, Purpose, Role, User
from blog.queries import logins, site, users
from blog.web import known_devices, routes
from blog.web import logins as web_logins
from blog.web.arguments import Db, Now
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import read_form, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of


class Setup(Controller):
    path = "/setup"
    opt = serves(policy.Action.READ)

    @get("/", name="setup.new")
    async def new(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Ask for the site's name and the first admin."""
        token = request.query_params.get("token", "")
        await _insist(db, token, now)
        return _form(request, token, SetupForm(language=_preferred(request)), {})

    @post("/", name="setup.create", status_code=200)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Make the first admin and sign them in; of several tries at once one succeeds."""
        typed = await read_form(request)
        token = text_of(typed, "token")
        await _insist(db, token, now)
        await db.commit()  # nothing is held while the password is hashed
        form, errors = SetupForm.parse(typed)
        if errors:
            return _form(request, token, form, errors)
        password_hash = await hash_password(form.password)
        await begin_write(db)
        if not await logins.use_token(db, Purpose.SETUP, token_hash(token), now) or await users.anybody_signs_in(db):
            raise NotFound
        admin = await _first_admin(db, form, password_hash, now)
        session_token = await web_logins.begin(db, request, admin, now)
        await site.touch(db)
        await db.commit()
        house(request).forget_site()
        if form.language:
            index_in(request, form.language)
        response = see(routes.url("studio.home"), message="welcome")
        web_logins.remember(response, session_token, house(request).settings)
        known_devices.remember(response, request, admin)
        return response


async def _insist(db: AsyncSession, token: str, now: datetime) -> None:
    valid = token and await logins.token_valid(db, Purpose.SETUP, token_hash(token), now)
    if not valid or await users.anybody_signs_in(db):
        raise NotFound


async def _first_admin(db: AsyncSession, form: SetupForm, password_hash: str, now: datetime) -> User:
    admin = await _known_admin(db, form, password_hash, now)
    if admin is None:
        admin = User(
            name=form.name,
            username=await users.free_username(db, form.name),
            password_hash=password_hash,
            role=Role.ADMIN,
            created_at=now,
        )
        admin.set_email(form.email)
        db.add(admin)
        await db.flush()  # the event names the admin by id
        db.add(Event.about("user.added", admin, now, admin, role=admin.role))
    here = await site.current(db)
    here.title, here.language, here.first_steps = form.site_title, form.language or here.language, True
    return admin


async def _known_admin(db: AsyncSession, form: SetupForm, password_hash: str, now: datetime) -> User | None:
    """Open the account with this address to the first admin, where an import brought one that nobody can sign in to."""
    person = await users.by_email(db, form.email)
    if person is None:
        return None
    person.name = form.name
    db.add(person.change_password(password_hash, now=now, by=None))
    if person.role != Role.ADMIN:
        db.add(person.change_role(Role.ADMIN, now=now, by=None))
    if not person.is_active:
        db.add(person.reactivate(now=now, by=None))
    return person


def _form(request: Asked, token: str, form: SetupForm, errors: Errors) -> Response[Any]:
    status = 422 if errors else 200
    languages = OFFERED.items()
    return page(
        request, "account/setup.html", status=status, token=token, form=form, errors=errors, languages=languages
    )


def _preferred(request: Asked) -> str:
    """Give the language that the browser asks for first, if a site may be in it (RFC 9110, section 12.5.4)."""
    for asked in request.headers.get("accept-language", "").split(","):
        tag = asked.partition(";")[0].strip().lower()
        for offered in OFFERED:
            if offered.lower() in {tag, tag.partition("-")[0]}:
                return offered
    return site_of(request.scope).language
