"""Ending mail of the desk with one click in any mail program, without signing in (RFC 8058)."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.tokens import same, unsubscribe_token
from blog.database import begin_write
from blog.models import Event, User
from blog.queries import users
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import number_of
from blog.web.rendering import Asked, page
from blog.web.state import house


class Unsubscribe(Controller):
    path = "/unsubscribe/{token:str}"
    opt = serves(policy.Action.READ)

    @get("/", name="unsubscribe.show")
    async def show(self, request: Asked, db: Db, token: PathText) -> Response[Any]:
        """Show the button; programs that look at links end nothing."""
        person = await _person(request, db, token)
        return page(request, "account/unsubscribe.html", token=token, is_done=not person.wants_mail)

    @post("/", name="unsubscribe.update", status_code=200)
    async def update(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """End it."""
        await db.commit()
        await begin_write(db)
        person = await _person(request, db, token)
        if person.wants_mail:
            person.wants_mail = False
            db.add(Event.about("user.profile_changed", person, now, person))
        await db.commit()
        return page(request, "account/unsubscribe.html", token=token, is_done=True)


async def _person(request: Asked, db: AsyncSession, token: str) -> User:
    number, _, secret = token.partition("-")
    user_id = number_of(number)
    if not same(secret, unsubscribe_token(house(request).settings.secret_key, user_id)):
        raise NotFound
    person = await users.by_id(db, user_id)
    if person is None:
        raise NotFound
    return person
