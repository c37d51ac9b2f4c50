"""The outbox as its sender and the admins look at it."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Mail, MailStatus
from blog.queries.page import Page, fetch_page

PAGE_SIZE = 50
# Written out, not as a parameter: the index of what is due holds for this value only.
WAITING = Mail.status == literal_column(f"'{MailStatus.WAITING}'")


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(WAITING, Mail.next_try_at <= now, or_(Mail.held_until.is_(None), Mail.held_until <= now))


async def any_due(db: AsyncSession, now: datetime) -> bool:
    """Tell whether there is anything to send."""
    return await db.scalar(select(Mail.id).where(_due(now)).limit(1)) is not None


async def next_due(db: AsyncSession, now: datetime) -> Mail | None:
    """Fetch the letter that waits longest, in a transaction that will take it; what others are taking is passed over."""
    query = select(Mail).where(_due(now)).order_by(Mail.next_try_at, Mail.id).limit(1)
    return await db.scalar(query.with_for_update(skip_locked=True))


async def held(db: AsyncSession, claimed: Mail) -> Mail | None:
    """Fetch a letter that was taken for a try, if that try is still the last one."""
    query = select(Mail).where(Mail.id == claimed.id, WAITING, Mail.tries == claimed.tries)
    return await db.scalar(query.with_for_update())


async def by_id(db: AsyncSession, mail_id: int) -> Mail | None:
    return await db.get(Mail, mail_id)


async def count_waiting(db: AsyncSession) -> int:
    """Count what has not been sent yet."""
    return await db.scalar(select(func.count(Mail.id)).where(WAITING)) or 0


async def page(db: AsyncSession, number: int) -> Page[Mail] | None:
    """Fetch a page of letters: those that failed, those that wait, and those that went out, the newest first."""
    order = (Mail.status != MailStatus.FAILED, Mail.status != MailStatus.WAITING, Mail.id.desc())
    return await fetch_page(db, select(Mail).order_by(*order), number, PAGE_SIZE)


async def try_now(db: AsyncSession, now: datetime) -> None:
    """Let everything that waits for its next try be sent now."""
    await db.execute(
        update(Mail)
        .where(WAITING, Mail.next_try_at > now)
        .values(next_try_at=now)
        .execution_options(synchronize_session=False)
    )


async def delete_one(db: AsyncSession, mail_id: int) -> None:
    """Take a letter out of the list; one that waits is not sent any more."""
    await db.execute(delete(Mail).where(Mail.id == mail_id).execution_options(synchronize_session=False))


async def drop_waiting(db: AsyncSession, template: str, address: str) -> None:
    """Revoke the letters of a kind that wait to go to an address."""
    which = (WAITING, Mail.template == template, Mail.address == address)
    await db.execute(delete(Mail).where(*which).execution_options(synchronize_session=False))


async def forget_before(db: AsyncSession, moment: datetime) -> None:
    """Clear away what was posted before a moment and does not wait any more."""
    which = (~WAITING, Mail.created_at < moment)
    await db.execute(delete(Mail).where(*which).execution_options(synchronize_session=False))
