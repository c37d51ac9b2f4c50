"""When backups were made and proven, as the events tell."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event

MADE, PROVEN = "backup.made", "backup.proven"


@dataclass(frozen=True, slots=True)
class LastBackups:
    """When a backup was made last, and when one was proven last."""

    made_at: datetime | None
    proven_at: datetime | None


async def last(db: AsyncSession) -> LastBackups:
    """Tell when a backup was made and proven last."""
    query = select(Event.action, func.max(Event.at)).where(Event.action.in_((MADE, PROVEN))).group_by(Event.action)
    found = {action: at for action, at in await db.execute(query)}  # noqa: C416 - rows are not pairs to dict()
    return LastBackups(found.get(MADE), found.get(PROVEN))
