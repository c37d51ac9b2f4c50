"""What somebody is told on their desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Notice, Post, User
from blog.queries.page import Page, fetch_page

LIST_SIZE = 30
MOST_ON_DESK = 5


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for somebody: news that they have not read, and for editors posts to review."""

    news: int = 0
    reviews: int = 0


async def pending(db: AsyncSession, viewer: User) -> Pending:
    """Count what waits for somebody, in one statement: every page of the desk says it."""
    unread = select(func.count(Notice.id)).join(Notice.post).where(*_unread(viewer)).scalar_subquery()
    reviews = select(func.count(Post.id)).where(policy.reviewable_by(viewer)).scalar_subquery()
    news, waiting = (await db.execute(select(unread, reviews))).one()
    return Pending(news, waiting)


async def page(db: AsyncSession, viewer: User, number: int) -> Page[Notice] | None:
    """Fetch a page of somebody's news, unread and then newest first, of posts that they still work on."""
    query = select(Notice).join(Notice.post).where(Notice.user_id == viewer.id, policy.seen_by(viewer))
    query = query.order_by(Notice.read_at.is_not(None), Notice.id.desc())
    return await fetch_page(db, query.options(joinedload(Notice.post), joinedload(Notice.by)), number, LIST_SIZE)


async def unread(db: AsyncSession, viewer: User) -> Sequence[Notice]:
    """Fetch the newest news that somebody has not read."""
    query = select(Notice).join(Notice.post).where(*_unread(viewer)).order_by(Notice.id.desc()).limit(MOST_ON_DESK)
    return (await db.scalars(query.options(joinedload(Notice.post), joinedload(Notice.by)))).all()


async def read(db: AsyncSession, viewer: User, notice_id: int, now: datetime) -> None:
    """Note that somebody has read one of their notices."""
    await _read(db, viewer, now, Notice.id == notice_id)


async def read_up_to(db: AsyncSession, viewer: User, notice_id: int, now: datetime) -> None:
    """Note that somebody has read all their notices up to this one; what came later they have not seen."""
    await _read(db, viewer, now, Notice.id <= notice_id)


async def _read(db: AsyncSession, viewer: User, now: datetime, which: ColumnElement[bool]) -> None:
    mine = (Notice.user_id == viewer.id, Notice.read_at.is_(None), which)
    await db.execute(update(Notice).where(*mine).values(read_at=now).execution_options(synchronize_session=False))


def _unread(viewer: User) -> tuple[ColumnElement[bool], ...]:
    return Notice.user_id == viewer.id, Notice.read_at.is_(None), policy.seen_by(viewer)
