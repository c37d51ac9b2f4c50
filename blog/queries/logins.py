"""Sign-ins and one-time secrets."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Delete, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Arrival, Login, Purpose, Token, User, UserStatus


async def by_token_hash(db: AsyncSession, token_hash: str, now: datetime, *, again: bool = False) -> Login | None:
    """Fetch the sign-in that a cookie stands for, with its person, while both hold; `again` overwrites what is known."""
    query = (
        select(Login)
        .join(Login.user)
        .where(Login.token_hash == token_hash, Login.expires_at > now, User.status == UserStatus.ACTIVE)
        .options(joinedload(Login.user, innerjoin=True))
    )
    return await db.scalar(query.execution_options(populate_existing=again))


async def of_user(db: AsyncSession, user: User, now: datetime) -> Sequence[Login]:
    """List a person's sign-ins that still hold, the last used first."""
    query = select(Login).where(Login.user_id == user.id, Login.expires_at > now)
    return (await db.scalars(query.order_by(Login.last_used_at.desc(), Login.id.desc()))).all()


async def note_use(db: AsyncSession, login: Login, now: datetime, *, idle: timedelta, lifetime: timedelta) -> None:
    """Note that a sign-in was used, which lets it last. One that has ended meanwhile stays ended."""
    ends_at = min(now + idle, login.created_at + lifetime)
    query = update(Login).where(Login.id == login.id, Login.last_used_at < now)
    query = query.values(last_used_at=now, expires_at=ends_at)
    await db.execute(query.execution_options(synchronize_session=False))


async def end(db: AsyncSession, user: User, login_id: int) -> bool:
    """End one sign-in of a person; False when they have no such."""
    return await _deleted(db, delete(Login).where(Login.user_id == user.id, Login.id == login_id)) > 0


async def end_all(db: AsyncSession, user: User, *, but: Login | None = None) -> int:
    """End a person's sign-ins, all or all but one, and what was half-way to one; give how many."""
    await _deleted(db, delete(Arrival).where(Arrival.user_id == user.id))
    query = delete(Login).where(Login.user_id == user.id)
    return await _deleted(db, query if but is None else query.where(Login.id != but.id))


async def end_expired(db: AsyncSession, now: datetime) -> None:
    """Clear away the sign-ins that no longer hold."""
    await _deleted(db, delete(Login).where(Login.expires_at <= now))


async def token_valid(db: AsyncSession, purpose: Purpose, token_hash: str, now: datetime) -> bool:
    """Tell whether a one-time secret could be used now."""
    query = select(Token.id).where(Token.purpose == purpose, Token.token_hash == token_hash, Token.expires_at > now)
    return await db.scalar(query) is not None


async def use_token(db: AsyncSession, purpose: Purpose, token_hash: str, now: datetime) -> bool:
    """Use up a one-time secret; of two who try at the same moment only one is told True."""
    query = delete(Token).where(Token.purpose == purpose, Token.token_hash == token_hash, Token.expires_at > now)
    return await _deleted(db, query) == 1


async def drop_tokens(db: AsyncSession, purpose: Purpose) -> None:
    """Void all secrets of a purpose."""
    await _deleted(db, delete(Token).where(Token.purpose == purpose))


async def _deleted(db: AsyncSession, query: Delete) -> int:
    result = await db.execute(query.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what a DELETE gives
    return result.rowcount
