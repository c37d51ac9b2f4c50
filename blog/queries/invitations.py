"""Invitations that were made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Invitation
from blog.models.user import email_key

KEPT_FOR = timedelta(days=90)
"""For so long the page of an invitation that ended says that it did."""
MOST_LISTED = 500


_UNUSED = and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))


async def listed(db: AsyncSession) -> Sequence[Invitation]:
    """List what was neither used nor taken back, the newest first, with who made it."""
    query = select(Invitation).where(_UNUSED).order_by(Invitation.id.desc()).limit(MOST_LISTED)
    return (await db.scalars(query.options(joinedload(Invitation.by)))).all()


async def unused(db: AsyncSession, invitation_id: int) -> Invitation | None:
    """Fetch one that was neither used nor taken back."""
    return await db.scalar(select(Invitation).where(Invitation.id == invitation_id, _UNUSED))


async def by_token_hash(db: AsyncSession, token_hash: str) -> Invitation | None:
    """Fetch what a link belongs to, whether or not it still opens anything, with who made it."""
    query = select(Invitation).where(Invitation.token_hash == token_hash).options(joinedload(Invitation.by))
    return await db.scalar(query.execution_options(populate_existing=True))


async def use(db: AsyncSession, invitation: Invitation, now: datetime) -> bool:
    """Use an invitation up; of two who accept at the same moment only one is told True."""
    query = update(Invitation).where(Invitation.id == invitation.id, _UNUSED).values(used_at=now)
    used = await db.scalar(query.returning(Invitation.id).execution_options(synchronize_session=False))
    return used is not None


async def open_to(db: AsyncSession, address: str, now: datetime) -> Sequence[Invitation]:
    """List what is open to an address."""
    mine = (Invitation.email_key == email_key(address), _UNUSED, Invitation.expires_at > now)
    return (await db.scalars(select(Invitation).where(*mine))).all()


async def forget_old(db: AsyncSession, now: datetime) -> None:
    """Clear away what ended long ago."""
    old = Invitation.expires_at < now - KEPT_FOR
    await db.execute(delete(Invitation).where(old).execution_options(synchronize_session=False))
