"""How many posts readers find in each month, as the site's own clock tells months apart."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post

PERIODS_AT_ONCE = 100  # SQLite joins at most 500 selects

Period = tuple[datetime, datetime]


def month_of(year: int, month: int, zone: ZoneInfo) -> Period | None:
    """Give when a month begins and ends; None when there is no such month."""
    try:
        begin = datetime(year, month, 1, tzinfo=zone)
        return begin, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


async def by_year(db: AsyncSession, now: datetime, zone: ZoneInfo) -> list[tuple[int, list[tuple[datetime, int]]]]:
    """List the years that have posts, newest first, each with its months' first moments and counts."""
    live = policy.listed(now)
    first, last = (await db.execute(select(func.min(Post.published_at), func.max(Post.published_at)).where(live))).one()
    if first is None or last is None:
        return []
    years = [
        (datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone))
        for year in range(last.astimezone(zone).year, first.astimezone(zone).year - 1, -1)
    ]
    filled = [begin.year for begin, _ in await _filled(db, now, years)]
    months = [month for year in filled for number in range(12, 0, -1) if (month := month_of(year, number, zone))]
    counted = await _filled(db, now, months)
    return [(year, list(part)) for year, part in groupby(counted, lambda counted: counted[0].year)]


async def _filled(db: AsyncSession, now: datetime, periods: Sequence[Period]) -> list[tuple[datetime, int]]:
    """Count the posts of each period; those without any are left out."""
    found: list[tuple[datetime, int]] = []
    for start, part in _parts(periods):
        counts = union_all(*(_count(now, start + place, period) for place, period in enumerate(part)))
        rows = {place: count for place, count in await db.execute(counts)}  # noqa: C416 - rows are not pairs to dict()
        found += [(begin, count) for place, (begin, _) in enumerate(part, start) if (count := rows[place])]
    return found


def _count(now: datetime, place: int, period: Period) -> Select[int, int]:
    inside = (policy.listed(now), Post.published_at >= period[0], Post.published_at < period[1])
    return select(literal(place), select(func.count(Post.id)).where(*inside).scalar_subquery())


def _parts(periods: Sequence[Period]) -> Iterator[tuple[int, Sequence[Period]]]:
    for start in range(0, len(periods), PERIODS_AT_ONCE):
        yield start, periods[start : start + PERIODS_AT_ONCE]
