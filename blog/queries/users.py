"""People as pages and programs look for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer

from blog import policy
from blog.content.slugs import numbered, slugify
from blog.models import CoAuthor, Post, Role, User, UserStatus
from blog.models.user import email_key
from blog.queries.page import Page, fetch_page

ADMIN_SIZE = 50


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


async def author(db: AsyncSession, username: str, now: datetime) -> User | None:
    """Fetch a person who has a post that readers can find; others have no public page."""
    own = select(Post.id).where(Post.owner_id == User.id, policy.listed(now)).correlate(User)
    shared = (
        select(Post.id)
        .join(CoAuthor, CoAuthor.post_id == Post.id)
        .where(CoAuthor.user_id == User.id, policy.listed(now))
        .correlate(User)
    )
    query = select(User).where(User.username == username, or_(own.exists(), shared.exists()))
    return await db.scalar(query.options(joinedload(User.picture)))


async def by_usernames(db: AsyncSession, usernames: Iterable[str]) -> dict[str, User]:
    """Fetch people by their usernames."""
    query = select(User).where(User.username.in_(list(usernames)))
    return {user.username: user for user in await db.scalars(query)}


async def bylines(db: AsyncSession) -> Sequence[User]:
    """List everybody who can stand in a byline, by name."""
    query = select(User).where(User.role.in_(policy.ALLOWED[policy.Action.WRITE]))
    return (await db.scalars(query.order_by(func.lower(User.name), User.id))).all()


async def page(db: AsyncSession, number: int, q: str = "") -> Page[User] | None:
    """Fetch a page of all people, those who can sign in first."""
    query = select(User).order_by(User.email.is_(None), func.lower(User.name), User.id)
    if q:
        matches = [column.icontains(q, autoescape=True) for column in (User.name, User.username, User.email)]
        query = query.where(or_(*matches))
    return await fetch_page(db, query, number, ADMIN_SIZE)


async def anybody_signs_in(db: AsyncSession) -> bool:
    """Tell whether there is anybody who can sign in."""
    query = select(User.id).where(User.status == UserStatus.ACTIVE, User.email.is_not(None))
    return await db.scalar(query.limit(1)) is not None


async def lock_admins(db: AsyncSession) -> set[int]:
    """Give the ids of the active admins who can sign in, and hold them: two demotions at once wait for one another."""
    query = select(User.id).where(User.role == Role.ADMIN, User.status == UserStatus.ACTIVE, User.email.is_not(None))
    return set(await db.scalars(query.order_by(User.id).with_for_update()))


async def free_username(db: AsyncSession, name: str) -> str:
    """Find a username for a person's name that nobody has."""
    wanted = slugify(name) or "author"
    taken = set(await db.scalars(select(User.username).where(User.username.startswith(wanted[:70], autoescape=True))))
    return numbered(wanted, taken)
