"""The people whom files name as authors: found among the users, or made as users who cannot sign in."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import is_slug, slugify
from blog.models import Event, Role, User
from blog.queries import imports, users


async def named(db: AsyncSession, names: Iterable[str], now: datetime) -> tuple[dict[str, User], int]:
    """Find or make a user for each name; give them by name, and how many were made.

    A file may name somebody by display name or by id. The same words are the same person; words that look like an id
    ("18F", "aaron") also find the user whose username they become.
    """
    wanted = list(dict.fromkeys(names))
    ids = {name: slugify(name) for name in wanted if is_slug(name)}
    known = await imports.people(db, {*wanted, *ids.values()})
    by_name: dict[str, User] = {}
    by_username: dict[str, User] = {}
    for user in known:
        by_name.setdefault(user.name, user)
        by_username[user.username] = user
    found: dict[str, User] = {}
    made = 0
    for name in wanted:
        user = by_username.get(name) or by_name.get(name) or by_username.get(ids.get(name, ""))
        if user is None:
            user = await _author(db, name, now)
            by_name[name] = by_username[user.username] = user
            made += 1
        found[name] = user
    return found, made


async def _author(db: AsyncSession, name: str, now: datetime) -> User:
    user = User(name=name, username=await users.free_username(db, name), role=Role.AUTHOR, bio="", created_at=now)
    db.add(user)
    await db.flush()  # the event and the post need its id
    db.add(Event.about("user.added", user, now, None, role=user.role, by_import=True))
    return user
