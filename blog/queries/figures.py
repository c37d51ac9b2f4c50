"""The figures of the dashboard."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Media, MediaKind
from blog.models.media import TYPES
from blog.queries import archive
from blog.queries.days import Days

SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}


async def posts_by_month(
    db: AsyncSession, now: datetime, zone: ZoneInfo, days: Days, months: int
) -> list[tuple[datetime, int]]:
    """Count the posts that readers find by the month of their date, oldest first: of the last months, empty ones too."""
    today = now.astimezone(zone)
    last = today.year * 12 + today.month - 1
    found = {begin: number for _, part in await archive.by_year(db, now, zone, days) for begin, number in part}
    begins = [datetime(number // 12, number % 12 + 1, 1, tzinfo=zone) for number in range(last - months + 1, last + 1)]
    return [(begin, found.get(begin, 0)) for begin in begins]


async def stored(db: AsyncSession) -> Sequence[tuple[MediaKind, int, int]]:
    """Tell of each kind of file how many there are and how many bytes the originals hold."""
    query = select(Media.content_type, func.count(), func.sum(Media.size)).group_by(Media.content_type)
    rows = [(content_type, number, int(size)) for content_type, number, size in await db.execute(query)]
    kinds = []
    for kind, begin in TYPES.items():
        fitting = [row for row in rows if row[0].startswith(begin)]
        kinds.append((kind, sum(row[1] for row in fitting), sum(row[2] for row in fitting)))
    return kinds


async def database_size(db: AsyncSession) -> int:
    """Tell how many bytes the database takes."""
    return int(await db.scalar(SIZE[db.get_bind().dialect.name]) or 0)
