"""An invitation, as the person who was invited opens it. The link is the only key, and works once."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password
from blog.auth.tokens import token_hash
from blog.database import begin_write
from blog.forms.access import JoinForm
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.models import Event, Invitation, User
from blog.queries import invitations, logins, users
from blog.web import known_devices, routes
from blog.web import logins as web_logins
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of


class Invitations(Controller):
    path = "/invitations/{token:str}"
    opt = serves(policy.Action.READ)

    @get("/", name="invitations.show")
    async def show(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Ask for a name and a password."""
        invitation = await _invitation(db, token)
        closed = await _closed(request, db, invitation, now)
        return closed or _form(request, invitation, token, JoinForm(), {})

    @post("/", name="invitations.accept", status_code=200, opt=SLOW)
    async def accept(self, request: Asked, db: Db, token: PathText, viewer: Visitor, now: Now) -> Response[Any]:
        """Make the account and sign its person in; of several tries at once one succeeds."""
        typed = await read_form(request)
        invitation = await _invitation(db, token)
        if closed := await _closed(request, db, invitation, now):
            return closed
        form, errors = JoinForm.parse(typed, invitation.email, site_of(request.scope).title)
        if errors:
            return _form(request, invitation, token, form, errors)
        await db.commit()  # nothing is held while the password is hashed
        password_hash = await hash_password(form.password)
        await (begin_writing(request) if request.auth else begin_write(db))
        invitation = await _invitation(db, token)
        if closed := await _closed(request, db, invitation, now):
            return closed
        if not await invitations.use(db, invitation, now):
            return _ended(request)
        person = await _join(db, invitation, form, password_hash, now)
        if viewer is not None and request.auth is not None:
            await logins.end(db, viewer, request.auth.id)
        session_token = await web_logins.begin(db, request, person, now)
        await db.commit()
        home = "studio.home" if policy.may(person, policy.Action.WRITE) else "account.show"
        response = see(routes.url(home), message="welcome")
        web_logins.remember(response, session_token, house(request).settings)
        known_devices.remember(response, request, person)
        return response


async def _invitation(db: AsyncSession, token: str) -> Invitation:
    invitation = await invitations.by_token_hash(db, token_hash(token))
    if invitation is None:
        raise NotFound
    return invitation


async def _closed(request: Asked, db: AsyncSession, invitation: Invitation, now: datetime) -> Response[Any] | None:
    """Say why this invitation cannot be accepted; None when it can."""
    if not policy.may_be_accepted(invitation, now):
        return _ended(request)
    if await users.by_email(db, invitation.email):
        return page(
            request,
            "account/ended.html",
            status=409,
            heading=_("You have an account here already"),
            words=_("Sign in with the e-mail address you were invited at. An admin can change your role."),
            link=routes.url("logins.new"),
            label=_("Sign in"),
        )
    return None


def _ended(request: Asked) -> Response[Any]:
    return page(
        request,
        "account/ended.html",
        status=410,
        heading=_("This invitation has ended"),
        words=_("It was used, revoked, or is older than 7 days. Ask the person who invited you for a new one."),
        link=routes.url("logins.new"),
        label=_("Sign in"),
    )


async def _join(db: AsyncSession, invitation: Invitation, form: JoinForm, password_hash: str, now: datetime) -> User:
    # Role and address come from the row that an admin made, never from the form.
    person = User(
        name=form.name,
        username=await users.free_username(db, form.name),
        password_hash=password_hash,
        role=invitation.role,
        created_at=now,
    )
    person.set_email(invitation.email)
    db.add(person)
    await db.flush()  # the events name the person by id
    db.add(Event.about("user.added", person, now, person, role=person.role))
    db.add(Event.about("invitation.accepted", invitation, now, person))
    return person


def _form(request: Asked, invitation: Invitation, token: str, form: JoinForm, errors: Errors) -> Response[Any]:
    status = 422 if errors else 200
    return page(
        request,
        "account/invitation.html",
        status=status,
        invitation=invitation,
        token=token,
        form=form,
        errors=errors,
    )
