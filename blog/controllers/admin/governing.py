"""What every change of a person by an admin goes through, and the page of the person."""

from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.admin.events import address_of, say
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.languages import mark
from blog.models import Role, User
from blog.queries import events, logins, second_factors, users
from blog.web.errors import NotFound, Refusal
from blog.web.input import row_id
from blog.web.rendering import Asked, page
from blog.web.state import house

LAST_ADMIN = mark("This is the last active admin. Make somebody else an admin first.")
NOT_YOURSELF = mark("Nobody can change their own role, suspend or delete themselves. Ask another admin.")


async def govern(db: AsyncSession, viewer: User, user_id: int, *, stays_admin: bool) -> tuple[User, str]:
    """Fetch a person to change them, with what forbids the change, if anything does.

    The admins are held first: two who demote each other wait for one another, and the second finds what the first did.
    """
    admins = await users.lock_admins(db)
    person = await person_of(db, user_id)
    await db.refresh(person)
    if viewer.id not in admins:
        raise Refusal(403)  # while this waited, somebody took the role that allows it
    if not policy.may_govern(viewer, person):
        return person, _(NOT_YOURSELF)
    if not stays_admin and person.id in admins and len(admins) == 1:
        return person, _(LAST_ADMIN)
    return person, ""


async def person_of(db: AsyncSession, user_id: int) -> User:
    """Fetch a person, or raise NotFound."""
    person = await users.by_id(db, row_id(user_id))
    if person is None:
        raise NotFound
    return person


async def person_page(
    request: Asked, db: AsyncSession, viewer: User, person: User, errors: Errors, *, status: int = 422
) -> Response[Any]:
    """Show the page of a person; `status` is for when something was refused."""
    happened = await users.events_of(db, person)
    return page(
        request,
        "admin/users/show.html",
        status=status if errors else 200,
        person=person,
        errors=errors,
        roles=list(Role),
        may_govern=policy.may_govern(viewer, person),
        posts=(await users.post_counts(db, [person])).get(person.id, 0),
        sign_ins=len(await logins.of_user(db, person, house(request).clock())),
        events=happened,
        names=await events.names(db, happened),
        say=say,
        address_of=address_of,
        has_second_factor=person.id in await second_factors.holders(db, [person.id]),
    )
