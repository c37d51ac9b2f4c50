"""Deleting a person: what they have goes to somebody else, in the same step."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.admin.governing import NOT_YOURSELF, govern, person_of
from blog.forms.fields import Errors
from blog.forms.users import parse_heir
from blog.languages import gettext as _
from blog.models import Event, User
from blog.queries import leaving, redirects, site, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import asks_again, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see


class UserDeletions(Controller):
    path = "/admin/users/{user_id:int}/deletion"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.users.deletion")
    async def new(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId) -> Response[Any]:
        """Say what deleting somebody does, and ask who gets what they leave."""
        person = await person_of(db, user_id)
        if not policy.may_govern(viewer, person):
            return await _form(request, db, person, {"": _(NOT_YOURSELF)}, status=409)
        return await _form(request, db, person, {})

    @post("/", name="admin.users.delete", status_code=200, opt=asks_again())
    async def delete(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Delete somebody; posts, places in bylines and files go to who was chosen."""
        username, errors = parse_heir(await read_form(request))
        person, problem = await govern(db, viewer, user_id, stays_admin=False)
        if problem:
            return await _form(request, db, person, {"": problem}, status=409)
        heir = await _heir(db, person, username, errors)
        if errors:
            return await _form(request, db, person, errors, chosen=username)
        event = Event.about(
            "user.deleted", person, now, viewer, name=person.name, after=heir.username if heir else None
        )
        if heir is not None:
            posts = await leaving.pass_on(db, person, heir)
            event.detail = event.detail | {"posts": posts}
            await redirects.remember_author(db, f"/authors/{person.username}", heir, now)
        await leaving.leave(db, person)
        db.add(event)
        await site.touch(db)
        await db.commit()
        return see(routes.url("admin.users.index"), message="user-deleted")


async def _heir(db: AsyncSession, person: User, username: str, errors: Errors) -> User | None:
    """Find who gets what a person leaves, and hold both; a person who leaves nothing needs nobody."""
    heir = next((one for one in await users.heirs(db, person) if one.username == username), None)
    held = await leaving.hold(db, person.id, *([heir.id] if heir else []))
    if person.id not in held:
        raise NotFound
    if heir is None and username:
        errors["heir"] = _("Nobody who writes here has this username.")
    elif heir is None and (await leaving.belongings(db, person)).any:
        errors["heir"] = _("Choose who gets what they leave.")
    elif heir is not None and heir.id not in held:
        errors["heir"] = _("Nobody who writes here has this username.")
    return heir


async def _form(
    request: Asked, db: AsyncSession, person: User, errors: Errors, *, status: int = 422, chosen: str = ""
) -> Response[Any]:
    return page(
        request,
        "admin/users/deletion.html",
        status=status if errors else 200,
        person=person,
        errors=errors,
        has=await leaving.belongings(db, person),
        heirs=await users.heirs(db, person),
        chosen=chosen,
    )
