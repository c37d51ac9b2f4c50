"""Those who ask for an account."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Row, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from blog.models import News, Notice, Registration, Role, User, UserStatus
from blog.queries.page import Page

PAGE_SIZE = 50
MOST_ON_DESK = 5
TOLD_AGAIN_AFTER = timedelta(days=1)
"""However many ask for an account, an admin who does not answer gets one letter in this time."""


def waiting(now: datetime) -> ColumnElement[bool]:
    """Select who waits for an admin."""
    return and_(Registration.token_hash.is_(None), Registration.expires_at > now)


async def count(db: AsyncSession, now: datetime) -> int:
    """Count who waits for an admin."""
    return await db.scalar(select(func.count(Registration.id)).where(waiting(now))) or 0


async def first(db: AsyncSession, now: datetime) -> Sequence[Registration]:
    """Fetch a few of those who wait for an admin, the first first."""
    query = select(Registration).where(waiting(now)).order_by(Registration.id).limit(MOST_ON_DESK)
    return (await db.scalars(query)).all()


async def admins_to_tell(db: AsyncSession, now: datetime) -> Sequence[int]:
    """Name the admins by their ids who were not told lately that somebody waits, or have answered since."""
    told = and_(Notice.news == News.REGISTRATION, Notice.read_at.is_(None), Notice.at > now - TOLD_AGAIN_AFTER)
    admins = select(User.id).where(User.role == Role.ADMIN, User.status == UserStatus.ACTIVE)
    return (await db.scalars(admins.where(~exists().where(Notice.user_id == User.id, told)).order_by(User.id))).all()


async def page(db: AsyncSession, number: int, now: datetime) -> Page[Row[Registration, bool]] | None:
    """Fetch a page of those who wait for an admin, the first first, with whether their address has an account."""
    total = await count(db, now)
    pages = max(1, -(-total // PAGE_SIZE))
    if number > pages:
        return None
    known = exists(select(User.id).where(User.email_key == Registration.email_key).correlate(Registration))
    query = select(Registration, known).where(waiting(now)).order_by(Registration.id)
    rows = (await db.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))).all()
    return Page(rows, number, pages, total)


async def take(db: AsyncSession, registration_id: int, now: datetime) -> Registration | None:
    """Fetch somebody who waits for an admin, to be let in or turned away, and hold them: it happens once."""
    query = select(Registration).where(Registration.id == registration_id, waiting(now)).with_for_update()
    return await db.scalar(query.options(undefer(Registration.password_hash)))


async def by_token(db: AsyncSession, token_hash: str, now: datetime, *, to_use: bool = False) -> Registration | None:
    """Fetch who was sent a secret that still holds; to be used it is held, so that this happens once."""
    query = select(Registration).where(Registration.token_hash == token_hash, Registration.expires_at > now)
    query = query.options(undefer(Registration.password_hash))
    return await db.scalar(query.with_for_update() if to_use else query)


async def forget_expired(db: AsyncSession, now: datetime) -> int:
    """Clear away what nobody answered in time."""
    gone = delete(Registration).where(Registration.expires_at <= now)
    result = await db.execute(gone.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what a DELETE gives
    return result.rowcount


async def forget_others(db: AsyncSession, email_key: str) -> None:
    """Clear away all that was asked for an address, once it has an account."""
    gone = delete(Registration).where(Registration.email_key == email_key)
    await db.execute(gone.execution_options(synchronize_session=False))
