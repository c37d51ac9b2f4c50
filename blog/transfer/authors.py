"""The people whom files name as authors: found among the users, or made as users who cannot sign in."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import is_slug, numbered, slugify
from blog.models import Event, Role, User
from blog.queries import imports


async def named(db: AsyncSession, names: Iterable[str], now: datetime) -> tuple[dict[str, User], int]:
    """Find or make a user for each name; give them by name, and how many were made.

    A file may name somebody by display name or by id. The same words are the same person; words that look like an id
    ("18F", "aaron") also find the user whose username they become.
    """
    wanted = list(dict.fromkeys(names))
    ids = {name: slugify(name) for name in wanted if is_slug(name)}
    by_name: dict[str, User] = {}
    by_username: dict[str, User] = {}
    for user in await imports.people(db, {*wanted, *ids.values()}):
        by_name.setdefault(user.name, user)
        by_username[user.username] = user
    found: dict[str, User] = {}
    missing: list[str] = []
    for name in wanted:
        user_found = by_username.get(name) or by_name.get(name) or by_username.get(ids.get(name, ""))
        if user_found is None:
            missing.append(name)
        else:
            found[name] = user_found
    made = await _made(db, missing, now)
    return found | made, len(set(made.values()))


async def _made(db: AsyncSession, names: list[str], now: datetime) -> dict[str, User]:
    stems = {name: slugify(name) or "author" for name in names}
    taken = await imports.usernames_like(db, stems.values()) if names else set()
    made: dict[str, User] = {}
    ids: dict[str, User] = {}
    for name in names:
        if is_slug(name) and (same := ids.get(stems[name])):
            # "TC" and "tc" in one batch are one person, as they are in two.
            made[name] = same
            continue
        username = numbered(stems[name], taken)
        taken.add(username)
        user = User(name=name, username=username, role=Role.AUTHOR, bio="", created_at=now)
        made[name] = user
        ids[username] = user
    people = list(dict.fromkeys(made.values()))
    db.add_all(people)
    await db.flush()  # the events and the posts need their ids
    db.add_all(Event.about("user.added", user, now, None, role=user.role, by_import=True) for user in people)
    return made
