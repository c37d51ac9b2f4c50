"""Links that belong to somebody: to a new password, to a new address. Of each purpose a person has one at most."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Purpose, Token, User, UserStatus
from blog.models.token import LIFETIMES


async def make(
    db: AsyncSession, purpose: Purpose, person: User, token_hash: str, now: datetime, *, email: str | None = None
) -> Token:
    """Keep the hash of a new secret; the older ones of this purpose end, and whatever ran out is cleared away."""
    await _delete(db, Token.user_id == person.id, Token.purpose == purpose)
    await _delete(db, Token.user_id.is_not(None), Token.expires_at <= now)
    made = Token(
        purpose=purpose,
        token_hash=token_hash,
        user_id=person.id,
        email=email,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    db.add(made)
    return made


async def by_hash(db: AsyncSession, purpose: Purpose, token_hash: str, now: datetime) -> Token | None:
    """Fetch a secret that can be used now, with its person; who is suspended can use none."""
    query = (
        select(Token)
        .join(Token.user)
        .where(
            Token.purpose == purpose,
            Token.token_hash == token_hash,
            Token.expires_at > now,
            User.status == UserStatus.ACTIVE,
            User.email.is_not(None),
        )
        .options(joinedload(Token.user, innerjoin=True))
    )
    return await db.scalar(query.execution_options(populate_existing=True))


async def use(db: AsyncSession, token: Token) -> bool:
    """Use a secret up; of two who try at the same moment only one is told True."""
    query = delete(Token).where(Token.id == token.id).returning(Token.id)
    return await db.scalar(query.execution_options(synchronize_session=False)) is not None


async def end_all(db: AsyncSession, person: User) -> None:
    """End all secrets of a person."""
    await _delete(db, Token.user_id == person.id)


async def _delete(db: AsyncSession, *which: object) -> None:
    await db.execute(delete(Token).where(*which).execution_options(synchronize_session=False))  # type: ignore[arg-type]  # conditions
