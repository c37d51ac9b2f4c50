"""People: who is here, and what each may do."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.text import clean_text
from blog.controllers.admin.governing import govern, person_of, person_page
from blog.forms.users import parse_role
from blog.models import Event, Opening, Role, User
from blog.queries import logins, registrations, users
from blog.queries.users import PeopleFilter
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import asks_again, serves
from blog.web.input import page_number, read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import site_of

LONGEST_QUERY = 200


class AdminUsers(Controller):
    path = "/admin/users"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.users.index")
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """List everybody, or whom the filter finds."""
        asked = {
            name: clean_text(request.query_params.get(name, "")[:LONGEST_QUERY]) for name in ("q", "role", "status")
        }
        wanted = PeopleFilter(**asked)
        found = await users.page(db, page_number(request.query_params.get("page")), wanted)
        if found is None:
            raise NotFound
        waiting = await registrations.count(db, now)
        return page(
            request,
            "admin/users/index.html",
            page=found,
            filter=wanted,
            counts=await users.post_counts(db, found.items),
            roles=list(Role),
            waiting=waiting,
            has_queue=waiting or site_of(request.scope).registration != Opening.CLOSED,
        )

    @get("/{user_id:int}", name="admin.users.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId) -> Response[Any]:
        """Show a person: what they may do, and what happened."""
        return await person_page(request, db, viewer, await person_of(db, user_id), {})

    @post("/{user_id:int}/role", name="roles.update", status_code=200, opt=asks_again())
    async def change_role(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Change somebody's role; their sign-ins end at once."""
        role, errors = parse_role(await read_form(request))
        if role is None:
            return await person_page(request, db, viewer, await person_of(db, user_id), errors)
        person, problem = await govern(db, viewer, user_id, stays_admin=role == Role.ADMIN)
        if problem:
            return await person_page(request, db, viewer, person, {"": problem}, status=409)
        return await _done(db, person, person.change_role(role, now=now, by=viewer), "role")

    @post("/{user_id:int}/suspension", name="suspensions.create", status_code=200, opt=asks_again())
    async def suspend(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Suspend somebody; their sign-ins end at once and their posts stay."""
        person, problem = await govern(db, viewer, user_id, stays_admin=False)
        if problem:
            return await person_page(request, db, viewer, person, {"": problem}, status=409)
        return await _done(db, person, person.suspend(now=now, by=viewer), "suspended")

    @post("/{user_id:int}/suspension/delete", name="suspensions.delete", status_code=200, opt=asks_again())
    async def reactivate(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Let somebody sign in again."""
        person, problem = await govern(db, viewer, user_id, stays_admin=True)
        if problem:
            return await person_page(request, db, viewer, person, {"": problem}, status=409)
        return await _done(db, person, person.reactivate(now=now, by=viewer), "reactivated")

    @post("/{user_id:int}/sessions/delete", name="admin.users.sign_out", status_code=200)
    async def sign_out(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """End all sign-ins of somebody, who may sign in again."""
        person, problem = await govern(db, viewer, user_id, stays_admin=True)
        if problem:
            return await person_page(request, db, viewer, person, {"": problem}, status=409)
        return await _done(db, person, Event.about("user.sessions_ended", person, now, viewer), "their-sessions-ended")


async def _done(db: AsyncSession, person: User, event: Event, message: str) -> Response[Any]:
    db.add(event)
    await logins.end_all(db, person)
    await db.commit()
    return see(routes.url("admin.users.show", user_id=person.id), message=message)
