"""People as pages and programs look for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, Select, and_, exists, func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer

from blog import policy
from blog.content.slugs import numbered, slugify
from blog.database import plan_for_values
from blog.models import CoAuthor, Event, Media, Passkey, Post, Redirect, Role, Status, User, UserStatus
from blog.models.user import email_key
from blog.queries.page import Page, fetch_page

ADMIN_SIZE = 50
EVENTS_SHOWN = 30
NAMED_ONLY = "named"
"""A status that may be asked for: authors known by name, who cannot sign in."""
NOBODYS = frozenset({"admin", "administrator", "editor", "moderator", "root", "security", "staff", "support", "system"})
"""Usernames that would make others believe something."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What an admin asks of the list of people; an empty part asks nothing."""

    q: str = ""
    role: str = ""
    status: str = ""


async def by_id(db: AsyncSession, user_id: int) -> User | None:
    return await db.get(User, user_id)


async def by_email(db: AsyncSession, address: str) -> User | None:
    """Fetch the person with this address, whatever the case of its letters, with their password hash."""
    query = select(User).where(User.email_key == email_key(address))
    return await db.scalar(query.options(undefer(User.password_hash)))


async def with_password(db: AsyncSession, user_id: int) -> User | None:
    """Fetch a person afresh with their password hash."""
    query = select(User).where(User.id == user_id).options(undefer(User.password_hash))
    return await db.scalar(query.execution_options(populate_existing=True))


async def has_password(db: AsyncSession, user_id: int) -> bool:
    """Tell whether a person can sign in with a password."""
    return await db.scalar(select(User.id).where(User.id == user_id, User.password_hash.is_not(None))) is not None


async def picture_of(db: AsyncSession, user: User) -> Media | None:
    """Fetch somebody's own picture."""
    return await db.get(Media, user.picture_id) if user.picture_id else None


async def renew_hash(db: AsyncSession, user_id: int, old: str, new: str) -> bool:
    """Store a password's hash made anew; False when the password was changed in the meantime."""
    query = update(User).where(User.id == user_id, User.password_hash == old).values(password_hash=new)
    result = await db.execute(query.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what an UPDATE gives
    return result.rowcount == 1


async def author(db: AsyncSession, username: str, now: datetime) -> User | None:
    """Fetch a person who has a post that readers can find; others have no public page."""
    query = select(User).where(User.username == username, has_posts(now))
    return await db.scalar(query.options(joinedload(User.picture)))


def has_posts(now: datetime) -> ColumnElement[bool]:
    """Whether readers find a post in whose byline somebody stands."""
    own = select(Post.id).where(Post.owner_id == User.id, policy.listed(now))
    shared = select(CoAuthor.post_id).where(CoAuthor.user_id == User.id, policy.listed_under_co_authors(now))
    return or_(own.correlate(User).exists(), shared.correlate(User).exists())


async def by_usernames(db: AsyncSession, usernames: Iterable[str]) -> dict[str, User]:
    """Fetch people by their usernames, or by those that they had before: texts that were kept name them so."""
    wanted = set(usernames)
    query = select(User).where(User.username.in_(wanted))
    found = {user.username: user for user in await db.scalars(query)}
    if wanted - found.keys():
        paths = {f"/authors/{username}": username for username in wanted - found.keys()}
        old = select(Redirect.path, User).join(User, User.id == Redirect.user_id).where(Redirect.path.in_(paths))
        found |= {paths[path]: user for path, user in await db.execute(old)}
    return found


async def bylines(db: AsyncSession) -> Sequence[User]:
    """List everybody who can stand in a byline, by name."""
    query = select(User).where(User.role.in_(policy.ALLOWED[policy.Action.WRITE]))
    return (await db.scalars(query.order_by(func.lower(User.name), User.id))).all()


async def editors(db: AsyncSession) -> Sequence[int]:
    """Name those by their ids who review what is submitted."""
    query = select(User.id).where(User.role.in_(policy.EDITORS), User.status == UserStatus.ACTIVE)
    return (await db.scalars(query.order_by(User.id))).all()


async def page(db: AsyncSession, number: int, wanted: PeopleFilter | None = None) -> Page[User] | None:
    """Fetch a page of all people, or of those that are wanted, by username: an index has them in this order."""
    query = select(User).order_by(User.username)
    if wanted is not None:
        await plan_for_values(db)
        query = _matching(query, wanted)
    return await fetch_page(db, query, number, ADMIN_SIZE)


async def post_counts(db: AsyncSession, people: Iterable[User]) -> dict[int, int]:
    """Count the posts and pages that each of these people owns, without the trash."""
    query = select(Post.owner_id, func.count()).group_by(Post.owner_id)
    query = query.where(Post.owner_id.in_([one.id for one in people]), Post.status != Status.TRASHED)
    return {owner: posts for owner, posts in await db.execute(query)}  # noqa: C416 - rows are not pairs to dict()


async def events_of(db: AsyncSession, person: User) -> Sequence[Event]:
    """List the last that a person did and that was done to them."""
    theirs = or_(Event.actor_id == person.id, and_(Event.subject == "user", Event.subject_id == person.id))
    return (
        await db.scalars(select(Event).where(theirs).order_by(Event.at.desc(), Event.id.desc()).limit(EVENTS_SHOWN))
    ).all()


def can_enter() -> ColumnElement[bool]:
    """Whether somebody has what it takes to sign in: an address, and a password or a passkey.

    Who came with an archive has an address that anybody can have written, and neither, until an admin opens the account.
    """
    has_key = exists(select(Passkey.id).where(Passkey.user_id == User.id).correlate(User))
    proof = or_(User.password_hash.is_not(None), has_key)
    return and_(User.status == UserStatus.ACTIVE, User.email.is_not(None), proof)


async def enters(db: AsyncSession, person: User) -> bool:
    """Tell whether a person has what it takes to sign in."""
    return await db.scalar(select(User.id).where(User.id == person.id, can_enter())) is not None


async def may_reset(db: AsyncSession, person: User) -> bool:
    """Tell whether a link to a new password may go to somebody's address: they can sign in without it, or an admin gave
    them this address to do so."""
    given = (Event.subject == "user", Event.subject_id == person.id, Event.action == "user.email_changed")
    by_admin = select(Event.id).where(*given, Event.actor_id.is_not(None)).limit(1)
    return await enters(db, person) or (person.can_sign_in and await db.scalar(by_admin) is not None)


async def anybody_signs_in(db: AsyncSession) -> bool:
    """Tell whether there is anybody who can sign in."""
    query = select(User.id).where(can_enter())
    return await db.scalar(query.limit(1)) is not None


async def lock_admins(db: AsyncSession) -> set[int]:
    """Give the ids of the active admins who can sign in, and hold them: two demotions at once wait for one another."""
    query = select(User.id).where(User.role == Role.ADMIN, can_enter())
    return set(await db.scalars(query.order_by(User.id).with_for_update()))


async def heirs(db: AsyncSession, person: User) -> Sequence[User]:
    """List who can take over what a person leaves: who writes here and can sign in, by name."""
    able = (User.status == UserStatus.ACTIVE, User.email.is_not(None), User.id != person.id)
    query = select(User).where(User.role.in_(policy.ALLOWED[policy.Action.WRITE]), *able)
    return (await db.scalars(query.order_by(func.lower(User.name), User.id))).all()


async def free_username(db: AsyncSession, name: str) -> str:
    """Find a username for a person's name that nobody has or had."""
    wanted = slugify(name) or "author"
    begin = wanted[:70]
    taken = set(await db.scalars(select(User.username).where(User.username.startswith(begin, autoescape=True))))
    old = select(Redirect.path).where(Redirect.path.startswith(f"/authors/{begin}", autoescape=True))
    taken |= {path.removeprefix("/authors/") for path in await db.scalars(old)}
    return numbered(wanted, taken | NOBODYS)


async def has_username(db: AsyncSession, username: str, *, but: User) -> bool:
    """Tell whether somebody else has this username, or had it: old addresses lead to them."""
    had = select(Redirect.id).where(Redirect.path == f"/authors/{username}", Redirect.user_id != but.id)
    has = select(User.id).where(User.username == username, User.id != but.id)
    return await db.scalar(union_all(has, had).limit(1)) is not None


def _matching(query: Select[User], wanted: PeopleFilter) -> Select[User]:
    if wanted.q:
        matches = [column.icontains(wanted.q, autoescape=True) for column in (User.name, User.username, User.email)]
        query = query.where(or_(*matches))
    if wanted.role in {*Role}:
        query = query.where(User.role == Role(wanted.role))
    if wanted.status == NAMED_ONLY:
        return query.where(User.email.is_(None))
    if wanted.status in {*UserStatus}:
        query = query.where(User.status == UserStatus(wanted.status), User.email.is_not(None))
    return query
