"""How often posts were read."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write
from blog.models import Post, PostViews
from blog.models.kinds import Kind
from blog.queries.upsert import insert

AT_ONCE = 1000


async def add(db: AsyncSession, seen: Mapping[tuple[date, int], int]) -> None:
    """Add to the views of each day and post, and commit."""
    # All processes write in one order, so that none waits for another in a circle.
    rows = [{"day": day, "post_id": post_id, "views": number} for (day, post_id), number in sorted(seen.items())]
    await begin_write(db)
    for start in range(0, len(rows), AT_ONCE):
        statement = insert(db, PostViews).values(rows[start : start + AT_ONCE])
        more = {"views": PostViews.views + statement.excluded.views}
        await db.execute(statement.on_conflict_do_update(index_elements=["day", "post_id"], set_=more))
    await db.commit()


async def per_day(db: AsyncSession, since: date) -> dict[date, int]:
    """Sum up the views of all posts by day, from a day on."""
    query = select(PostViews.day, func.sum(PostViews.views)).where(PostViews.day >= since).group_by(PostViews.day)
    return {day: int(number) for day, number in await db.execute(query)}


async def most_read(db: AsyncSession, since: date, most: int) -> Sequence[Row[int, str, str, Kind, int]]:
    """List id, title, slug, kind and views of the posts that were read most since a day."""
    number = func.sum(PostViews.views).label("views")
    counted = select(PostViews.post_id, number).where(PostViews.day >= since).group_by(PostViews.post_id).subquery()
    query = select(Post.id, Post.title, Post.slug, Post.kind, counted.c.views).join(
        counted, counted.c.post_id == Post.id
    )
    return (await db.execute(query.order_by(counted.c.views.desc(), Post.id).limit(most))).all()
