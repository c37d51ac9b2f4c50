"""Signing in half-way, and the questions that passkeys answer."""

from datetime import datetime

from sqlalchemy import CursorResult, Delete, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Arrival, Challenge, Login


async def by_token_hash(db: AsyncSession, token_hash: str, now: datetime) -> Arrival | None:
    """Fetch who is at the door, with the person whose password was right, while it is open."""
    query = select(Arrival).where(Arrival.token_hash == token_hash, Arrival.expires_at > now)
    return await db.scalar(query.options(joinedload(Arrival.user)))


async def end(db: AsyncSession, arrival_id: int) -> bool:
    """Let somebody in or go; of two requests only one is told True."""
    return await _deleted(db, delete(Arrival).where(Arrival.id == arrival_id)) == 1


async def use_challenge(db: AsyncSession, challenge_hash: str, asked: Login | Arrival, now: datetime) -> bool:
    """Use up a question that was asked of this sign-in or arrival; of two answers only one is told True."""
    whose = Challenge.login_id == asked.id if isinstance(asked, Login) else Challenge.arrival_id == asked.id
    query = delete(Challenge).where(Challenge.challenge_hash == challenge_hash, whose, Challenge.expires_at > now)
    return await _deleted(db, query) == 1


async def forget_expired(db: AsyncSession, now: datetime) -> None:
    """Clear away what was never finished."""
    await _deleted(db, delete(Challenge).where(Challenge.expires_at <= now))
    await _deleted(db, delete(Arrival).where(Arrival.expires_at <= now))


async def _deleted(db: AsyncSession, query: Delete) -> int:
    result = await db.execute(query.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what a DELETE gives
    return result.rowcount
