"""People: their roles, suspending and reactivating them."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.forms.fields import Errors
from blog.forms.users import parse_role
from blog.models import Event, Role, User
from blog.queries import logins, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, read_form, row_id
from blog.web.rendering import Asked, page, see

LONGEST_QUERY = 200


class Admin(Controller):
    path = "/admin"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.home")
    async def home(self) -> Response[Any]:
        """Go to the list of people."""
        return see(routes.url("admin.users.index"))


class AdminUsers(Controller):
    path = "/admin/users"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.users.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """List everybody."""
        return await _list(request, db)

    @post("/{user_id:int}/role", name="roles.update", status_code=200)
    async def change_role(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Change somebody's role; their sign-ins end at once."""
        role, errors = parse_role(await read_form(request))
        person = await _person(db, user_id)
        if role is None:
            return await _list(request, db, errors={str(person.id): errors["role"]})
        if problem := await _problem(db, viewer, person, stays_admin=role == Role.ADMIN):
            return see(routes.url("admin.users.index"), message=problem)
        return await _done(db, person, person.change_role(role, now=now, by=viewer), "role")

    @post("/{user_id:int}/suspension", name="suspensions.create", status_code=200)
    async def suspend(self, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Suspend somebody; their sign-ins end at once and their posts stay."""
        person = await _person(db, user_id)
        if problem := await _problem(db, viewer, person, stays_admin=False):
            return see(routes.url("admin.users.index"), message=problem)
        return await _done(db, person, person.suspend(now=now, by=viewer), "suspended")

    @post("/{user_id:int}/suspension/delete", name="suspensions.delete", status_code=200)
    async def reactivate(self, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Let somebody sign in again."""
        person = await _person(db, user_id)
        return await _done(db, person, person.reactivate(now=now, by=viewer), "reactivated")


async def _person(db: AsyncSession, user_id: int) -> User:
    person = await users.by_id(db, row_id(user_id))
    if person is None:
        raise NotFound
    return person


async def _problem(db: AsyncSession, viewer: User, person: User, *, stays_admin: bool) -> str:
    """Name what forbids the change. The admins are held, so that two who demote each other wait for one another."""
    if not policy.may_govern(viewer, person):
        return "not-yourself"
    admins = await users.lock_admins(db)
    if not stays_admin and person.id in admins and len(admins) == 1:
        return "last-admin"
    # While this waited for the lock, somebody may have taken the role that allows it.
    return "" if viewer.id in admins else "not-yourself"


async def _done(db: AsyncSession, person: User, event: Event, message: str) -> Response[Any]:
    db.add(event)
    await logins.end_all(db, person)
    await db.commit()
    return see(routes.url("admin.users.index"), message=message)


async def _list(request: Asked, db: AsyncSession, errors: Errors | None = None) -> Response[Any]:
    q = request.query_params.get("q", "")[:LONGEST_QUERY].replace("\0", "")
    found = await users.page(db, page_number(request.query_params.get("page")), q)
    if found is None:
        raise NotFound
    status = 422 if errors else 200
    return page(
        request, "admin/users/index.html", status=status, page=found, roles=list(Role), q=q, errors=errors or {}
    )
