"""How many posts readers find, and on which day a page of them begins; known without counting posts.

Reading over all the posts before a page makes pages slower the older they are. With the number of posts of each day,
reading can begin on the right one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post, PostDay


@dataclass(frozen=True, slots=True)
class Days:
    """The posts counted by day, newest day first. `before[n]` posts are newer than day n; `scheduled` are not live yet."""

    ends: Sequence[datetime]
    before: Sequence[int]
    scheduled: int

    @property
    def live(self) -> int:
        """How many posts readers find."""
        return self.before[-1] - self.scheduled

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
    rows = (await db.execute(select(PostDay.day, PostDay.posts).order_by(PostDay.day.desc()))).all()
    later = select(func.count(Post.id)).where(
        Post.status == policy.PUBLISHED, Post.kind == policy.POST, Post.published_at > now
    )
    ends = [datetime.combine(row.day, time(), UTC) + timedelta(days=1) for row in rows]
    before = list(accumulate((row.posts for row in rows), initial=0))
    return Days(ends, before, await db.scalar(later) or 0)
