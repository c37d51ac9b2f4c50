"""How many posts readers find, and on which day a page of them begins; known without counting posts.

Reading over all the posts before a page makes pages slower the older they are. With the number of posts of each day,
reading can begin on the right one. Triggers count what is published; what has ended since then, no trigger can know:
these few are counted by an index of their own and taken off.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from sqlalchemy import BigInteger, ColumnElement, Date, ScalarSelect, case, cast, func, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post, PostDay


@dataclass(frozen=True, slots=True)
class Days:
    """The posts counted by day, newest day first, without those that ended.

    `before[n]` posts are newer than day n; `scheduled` are not live yet.
    """

    ends: Sequence[datetime]
    before: Sequence[int]
    scheduled: int

    @property
    def live(self) -> int:
        """How many posts readers find."""
        return self.before[-1] - self.scheduled

    def older_than(self, midnight: datetime) -> int:
        """Count the posts of the days before a day that begins at this moment (UTC)."""
        day = bisect_left(self.ends, -midnight.timestamp(), key=lambda end: -end.timestamp())
        return self.before[-1] - self.before[day]

    def begin(self, offset: int) -> tuple[datetime | None, int]:
        """Tell where the live post number `offset` (from 0, newest first) stands: before which moment, after how many."""
        place = offset + self.scheduled
        day = bisect_right(self.before, place) - 1
        if not 0 <= day < len(self.ends):
            return None, offset
        # Days that hold scheduled posts are few and near; there, counting begins at the newest live post.
        return (None, offset) if self.before[day] < self.scheduled else (self.ends[day], place - self.before[day])


async def days(db: AsyncSession, now: datetime) -> Days:
    """Read how many posts each day has."""
    counted = select(PostDay.day, PostDay.posts)
    # What had not begun when it ended counts as scheduled. As a condition this would lead to the index of all posts.
    was_live = case((Post.published_at <= now, 1))
    gone = select(_day_of(db), -func.count(was_live)).where(policy.ended(now), Post.kind == policy.POST)
    posts: Counter[date] = Counter()
    for day, number in await db.execute(union_all(counted, gone.group_by(text("1")))):
        if day is not None:
            posts[day] += number
    later = select(func.count(Post.id)).where(
        Post.status == policy.PUBLISHED, Post.kind == policy.POST, Post.published_at > now
    )
    newest_first = sorted(posts, reverse=True)
    ends = [datetime.combine(day, time(), UTC) + timedelta(days=1) for day in newest_first]
    before = list(accumulate((posts[day] for day in newest_first), initial=0))
    return Days(ends, before, await db.scalar(later) or 0)


def live_total(now: datetime) -> ColumnElement[int]:
    """Tell in SQL how many posts readers find; it reads the days, and of the posts those that they do not find."""

    def counted(*which: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(func.count(Post.id)).where(Post.kind == policy.POST, *which).scalar_subquery()

    every = select(func.coalesce(func.sum(PostDay.posts), 0)).scalar_subquery()
    later = counted(Post.status == policy.PUBLISHED, Post.published_at > now)
    return cast(every, BigInteger) - later - counted(policy.ended(now), Post.published_at <= now)


def _day_of(db: AsyncSession) -> ColumnElement[date]:
    """Tell the day (UTC) of a post's date as the triggers do."""
    if db.get_bind().dialect.name == "postgresql":
        return cast(func.timezone("UTC", Post.published_at), Date)
    return func.substr(Post.published_at, 1, 10, type_=Date)
