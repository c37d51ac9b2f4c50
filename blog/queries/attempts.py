"""Tries to sign in, counted in the database so that the limit holds across processes and restarts."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.throttle import WINDOW, Bucket
from blog.models import Attempt
from blog.queries.upsert import insert


async def count_try(db: AsyncSession, bucket: Bucket, now: datetime) -> timedelta | None:
    """Count one more try; give how long to wait when it is one too many. One statement, so a race cannot slip past."""
    statement = insert(db, Attempt).values(key=bucket.key, window_ends_at=now + WINDOW, count=1)
    expired = Attempt.window_ends_at <= now
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((expired, 1), else_=Attempt.count + 1),
            "window_ends_at": case((expired, now + WINDOW), else_=Attempt.window_ends_at),
        },
    ).returning(Attempt.count, Attempt.window_ends_at)
    count, ends_at = (await db.execute(statement)).one()
    return ends_at - now if count > bucket.limit else None


async def forgive(db: AsyncSession, bucket: Bucket) -> None:
    """Forget the tries of a bucket, after one that was right."""
    await db.execute(delete(Attempt).where(Attempt.key == bucket.key))


async def forget_expired(db: AsyncSession, now: datetime) -> None:
    """Clear away windows that ended."""
    await db.execute(delete(Attempt).where(Attempt.window_ends_at <= now))
