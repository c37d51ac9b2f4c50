"""Those who ask for an account and wait for an admin."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.account.registrations import admit
from blog.mail import post_mail
from blog.models import Event, Registration
from blog.queries import notices, registrations, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class AdminRegistrations(Controller):
    path = "/admin/registrations"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="registrations.index")
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """List who waits, the first first."""
        found = await registrations.page(db, page_number(request.query_params.get("page")), now)
        if found is None:
            raise NotFound
        return page(request, "admin/registrations/index.html", page=found)

    @post("/{registration_id:int}/admission", name="registrations.admit", status_code=200)
    async def admit(self, request: Asked, db: Db, viewer: Viewer, registration_id: PathId, now: Now) -> Response[Any]:
        """Let somebody in, as a viewer, and tell them; an address that has an account already gets no second one."""
        found = await _taken(db, registration_id, now)
        is_known = await users.by_email(db, found.email) is not None
        if not is_known:
            await admit(db, found, now, viewer)
            sign_in = house(request).settings.base_url + routes.url("logins.new")
            await post_mail(db, to=found.email, template="admitted", name=found.name, sign_in=sign_in)
        await registrations.forget_others(db, found.email_key)
        await db.commit()
        return see(routes.url("registrations.index"), message="has-account" if is_known else "admitted")

    @post("/{registration_id:int}/delete", name="registrations.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, registration_id: PathId, now: Now) -> Response[Any]:
        """Turn somebody away."""
        found = await _taken(db, registration_id, now)
        db.add(Event.about("registration.deleted", found, now, viewer, name=found.name))
        await db.delete(found)
        await db.commit()
        return see(routes.url("registrations.index"), message="turned-away")


async def _taken(db: AsyncSession, registration_id: int, now: Now) -> Registration:
    found = await registrations.take(db, row_id(registration_id), now)
    if found is None:
        raise NotFound
    await notices.answer_registrations(db, now)
    return found
