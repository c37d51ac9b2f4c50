"""Imports and exports as the processes that do them and the admins look at them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Transfer
from blog.models.transfer import FILE_KEPT_FOR, KEPT_FOR, LEASE, REPORT_KEPT_FOR, Phase, TransferKind, TransferState
from blog.queries.page import Page, fetch_page

PAGE_SIZE = 20
# Written out, not as a parameter: the index of what is open holds for these values only.
OPEN = Transfer.state.in_([literal_column("'waiting'"), literal_column("'running'")])


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(OPEN, or_(Transfer.held_until.is_(None), Transfer.held_until <= now))


async def any_free(db: AsyncSession, now: datetime) -> bool:
    """Tell whether there is a job that nobody works on."""
    return await db.scalar(select(Transfer.id).where(_free(now)).limit(1)) is not None


async def next_free(db: AsyncSession, now: datetime) -> Transfer | None:
    """Fetch the job that waits longest, in a transaction that will take it; what others are taking is passed over."""
    query = select(Transfer).where(_free(now)).order_by(Transfer.id).limit(1)
    return await db.scalar(query.with_for_update(skip_locked=True, of=Transfer))


async def held(db: AsyncSession, claimed: Transfer) -> Transfer | None:
    """Fetch a job that was taken, if it was not taken from us since."""
    query = select(Transfer).where(
        Transfer.id == claimed.id, Transfer.state == TransferState.RUNNING, Transfer.tries == claimed.tries
    )
    return await db.scalar(query.with_for_update(of=Transfer).execution_options(populate_existing=True))


async def beat(db: AsyncSession, claimed: Transfer, phase: Phase, done: int, total: int, now: datetime) -> bool:
    """Give a sign of life; False when the job is not ours any more, or somebody asked to cancel it."""
    told: CursorResult[tuple[()]] = await db.execute(
        update(Transfer)
        .where(
            Transfer.id == claimed.id,
            Transfer.state == TransferState.RUNNING,
            Transfer.tries == claimed.tries,
            Transfer.cancel_asked.is_(False),
        )
        .values(phase=phase, done=done, total=total, held_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )  # type: ignore[assignment]  # an UPDATE gives a cursor
    return told.rowcount == 1


async def by_id(db: AsyncSession, transfer_id: int) -> Transfer | None:
    """Fetch a job with who asked for it."""
    query = select(Transfer).where(Transfer.id == transfer_id).options(joinedload(Transfer.asked_by))
    return await db.scalar(query)


async def page(db: AsyncSession, number: int) -> Page[Transfer] | None:
    """Fetch a page of jobs, the newest first."""
    query = select(Transfer).order_by(Transfer.id.desc()).options(joinedload(Transfer.asked_by))
    return await fetch_page(db, query, number, PAGE_SIZE)


async def count_open(db: AsyncSession) -> int:
    """Count what waits or is being done."""
    return await db.scalar(select(func.count(Transfer.id)).where(OPEN)) or 0


async def with_old_files(db: AsyncSession, now: datetime) -> Sequence[Transfer]:
    """Fetch the jobs whose files have lain here for long enough."""
    is_import = Transfer.kind == TransferKind.IMPORT
    old = or_(
        and_(Transfer.result != "", ~is_import, Transfer.finished_at <= now - FILE_KEPT_FOR),
        and_(Transfer.result != "", is_import, Transfer.finished_at <= now - REPORT_KEPT_FOR),
        and_(Transfer.upload != "", Transfer.finished_at <= now - FILE_KEPT_FOR),
    )
    return (await db.scalars(select(Transfer).where(~OPEN, old).with_for_update(skip_locked=True))).all()


async def forget_old(db: AsyncSession, now: datetime) -> None:
    """Clear away what was done long ago and has no files any more."""
    which = (~OPEN, Transfer.finished_at < now - KEPT_FOR, Transfer.upload == "", Transfer.result == "")
    await db.execute(delete(Transfer).where(*which).execution_options(synchronize_session=False))
