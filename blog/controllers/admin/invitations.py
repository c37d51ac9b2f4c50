"""Inviting people: each link is shown once to copy, and sent by mail where that is set up."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.tokens import new_token, token_hash
from blog.forms.access import InvitationForm
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.mail import post_mail
from blog.models import Event, Invitation, Role, User
from blog.models.invitation import LIFETIME
from blog.models.user import email_key
from blog.queries import invitations, mails, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import asks_again, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house

TEMPLATE = "invitation"


class AdminInvitations(Controller):
    path = "/admin/invitations"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.invitations.index")
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """List the invitations that nobody accepted yet, with the form for another."""
        return await _list(request, db, now, InvitationForm(), {})

    @post("/", name="admin.invitations.create", status_code=200, opt=asks_again())
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Invite somebody; of one address the newest invitation holds."""
        form, errors = InvitationForm.parse(await read_form(request))
        if not errors and await users.by_email(db, form.email):
            errors["email"] = _(
                "Somebody with this address has an account already. Their role is changed under People."
            )
        if errors:
            return await _list(request, db, now, form, errors)
        for older in await invitations.open_to(db, form.email, now):
            db.add(older.revoke(now=now, by=viewer))
        return await _invite(request, db, form.email, form.role, viewer, now)

    @post("/{invitation_id:int}/again", name="admin.invitations.again", status_code=200, opt=asks_again())
    async def again(self, request: Asked, db: Db, viewer: Viewer, invitation_id: PathId, now: Now) -> Response[Any]:
        """Make a new link for the same address and role; the old one ends."""
        older = await _unused(db, invitation_id)
        if await users.by_email(db, older.email):
            return see(routes.url("admin.invitations.index"), message="has-account")
        db.add(older.revoke(now=now, by=viewer))
        return await _invite(request, db, older.email, older.role, viewer, now)

    @post("/{invitation_id:int}/delete", name="admin.invitations.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, invitation_id: PathId, now: Now) -> Response[Any]:
        """Take an invitation back; its link opens nothing from then on."""
        invitation = await _unused(db, invitation_id)
        db.add(invitation.revoke(now=now, by=viewer))
        await mails.drop_waiting(db, TEMPLATE, invitation.email)
        await db.commit()
        return see(routes.url("admin.invitations.index"), message="uninvited")


async def _unused(db: AsyncSession, invitation_id: int) -> Invitation:
    invitation = await invitations.unused(db, row_id(invitation_id))
    if invitation is None:
        raise NotFound
    return invitation


async def _invite(
    request: Asked, db: AsyncSession, email: str, role: Role, viewer: User, now: datetime
) -> Response[Any]:
    """Make the invitation and show its link, this once: only its hash is kept."""
    token = new_token()
    invitation = Invitation(
        email=email,
        email_key=email_key(email),
        role=role,
        token_hash=token_hash(token),
        by_id=viewer.id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    db.add(invitation)
    await db.flush()  # the event names the invitation
    db.add(Event.about("invitation.created", invitation, now, viewer, role=role))
    await invitations.forget_old(db, now)
    await mails.drop_waiting(db, TEMPLATE, email)  # its link has just ended
    link = house(request).settings.base_url + routes.url("invitations.show", token=token)
    is_sent = await post_mail(
        db, to=email, template=TEMPLATE, name=viewer.name, role=role, link=link, expires=invitation.expires_at
    )
    await db.commit()
    return page(request, "admin/invitations/show.html", invitation=invitation, link=link, is_sent=is_sent)


async def _list(request: Asked, db: AsyncSession, now: datetime, form: InvitationForm, errors: Errors) -> Response[Any]:
    rows = [(one, policy.may_be_accepted(one, now)) for one in await invitations.listed(db)]
    return page(
        request,
        "admin/invitations/index.html",
        status=422 if errors else 200,
        rows=rows,
        roles=list(Role),
        form=form,
        errors=errors,
        is_mailed=house(request).has_mail,
    )
