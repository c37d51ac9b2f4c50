"""The people whom files name as authors: found among the users, or made as users who cannot sign in."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import is_slug, numbered, slugify
from blog.models import Event, Role, User, UserStatus
from blog.models.user import email_key
from blog.queries import imports
from blog.transfer.source import Person


async def named(db: AsyncSession, people: Iterable[Person], now: datetime) -> tuple[dict[str, User], int]:
    """Find or make a user for each person; give them by key, and how many were made.

    Nobody who is made can sign in: an admin gives them an address or a link. None becomes an admin.
    """
    wanted = list({person.key: person for person in people}.values())
    found = await known(db, wanted)
    made = await _made(db, [person for person in wanted if person.key not in found], now)
    return found | made, len(set(made.values()))


async def known(db: AsyncSession, wanted: Sequence[Person]) -> dict[str, User]:
    """Find who of some people is here already, by key.

    A file may name somebody by display name or by id. The same words are the same person; words that look like an id
    ("18F", "aaron") also find the user whose username they become. Who comes with a username of their own is found by
    e-mail address, then by that, and by name only as somebody who signs in here: two people may have one name.
    """
    ids = {person.key: slugify(person.key) for person in wanted if is_slug(person.key) and not person.username}
    words = {word for person in wanted for word in (_name(person), person.username) if word}
    emails = {email_key(person.email) for person in wanted if person.email}
    by_name: dict[str, User] = {}
    by_username: dict[str, User] = {}
    by_email: dict[str, User] = {}
    signing_in: dict[str, User] = {}
    for user in await imports.people(db, {*words, *ids.values()}, emails):
        by_name.setdefault(user.name, user)
        by_username[user.username] = user
        if user.email_key:
            by_email[user.email_key] = user
            signing_in.setdefault(user.name, user)
    found: dict[str, User] = {}
    for person in wanted:
        name = _name(person)
        if person.username:
            ways = by_email.get(email_key(person.email)), by_username.get(person.username), signing_in.get(name)
        else:
            ways = by_username.get(name), by_name.get(name), by_username.get(ids.get(person.key, ""))
        if user_found := next(filter(None, ways), None):
            found[person.key] = user_found
    return found


async def _made(db: AsyncSession, people: Sequence[Person], now: datetime) -> dict[str, User]:
    stems = {person.key: person.username or slugify(_name(person)) or "author" for person in people}
    taken = await imports.usernames_like(db, stems.values()) if people else set()
    made: dict[str, User] = {}
    ids: dict[str, User] = {}
    for person in people:
        name, stem = _name(person), stems[person.key]
        if is_slug(name) and not person.username and (same := ids.get(stem)):
            # "TC" and "tc" in one batch are one person, as they are in two.
            made[person.key] = same
            continue
        username = numbered(stem, taken)
        taken.add(username)
        role = Role.EDITOR if person.role == Role.ADMIN else person.role
        status = UserStatus.SUSPENDED if person.is_suspended else UserStatus.ACTIVE
        user = User(name=name, username=username, role=role, status=status, bio=person.bio, created_at=now)
        made[person.key] = user
        ids[username] = user
    new = list(dict.fromkeys(made.values()))
    db.add_all(new)
    await db.flush()  # the events and the posts need their ids
    db.add_all(Event.about("user.added", user, now, None, role=user.role, by_import=True) for user in new)
    return made


def _name(person: Person) -> str:
    return person.name or person.key
