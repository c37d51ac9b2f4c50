"""How many posts readers find in each month, as the site's own clock tells months apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post
from blog.queries.days import Days

COUNTED_AT_ONCE = 100  # SQLite joins at most 500 selects

Period = tuple[datetime, datetime]


def month_of(year: int, month: int, zone: ZoneInfo) -> Period | None:
    """Give when a month begins and ends; None when there is no such month."""
    try:
        begin = datetime(year, month, 1, tzinfo=zone)
        return begin, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


async def by_year(
    db: AsyncSession, now: datetime, zone: ZoneInfo, days: Days
) -> list[tuple[int, list[tuple[datetime, int]]]]:
    """List the years that have posts, newest first, each with its months' first moments and counts."""
    if not days.live:
        return []
    first, last = days.ends[-1].astimezone(zone) - timedelta(days=2), now.astimezone(zone)
    begins = [
        month[0]
        for year in range(first.year, last.year + 1)
        for number in range(1, 13)
        if (month := month_of(year, number, zone)) and month[0] <= now
    ]
    older = [*await _older(db, now, begins, days), days.live]
    counted = [(begin, after - before) for begin, (before, after) in zip(begins, pairwise(older), strict=True)]
    filled = [(begin, count) for begin, count in reversed(counted) if count]
    return [(year, list(part)) for year, part in groupby(filled, lambda counted: counted[0].year)]


async def _older(db: AsyncSession, now: datetime, moments: Sequence[datetime], days: Days) -> list[int]:
    """Count the posts before each moment: those of whole days (UTC) are known, the others are looked up."""
    midnights = [datetime.combine(moment.astimezone(UTC), time(), UTC) for moment in moments]
    split = [
        place
        for place, (moment, midnight) in enumerate(zip(moments, midnights, strict=True))
        if moment != midnight and days.older_than(midnight) != days.older_than(midnight + timedelta(days=1))
    ]
    rest: dict[int, int] = {}
    for start in range(0, len(split), COUNTED_AT_ONCE):
        some = split[start : start + COUNTED_AT_ONCE]
        counts = union_all(*(_count(now, place, (midnights[place], moments[place])) for place in some))
        rest |= {place: count for place, count in await db.execute(counts)}  # noqa: C416 - rows are not pairs to dict()
    return [days.older_than(midnight) + rest.get(place, 0) for place, midnight in enumerate(midnights)]


def _count(now: datetime, place: int, period: Period) -> Select[int, int]:
    inside = (policy.listed(now), Post.published_at >= period[0], Post.published_at < period[1])
    return select(literal(place), select(func.count(Post.id)).where(*inside).scalar_subquery())
