"""Several tags made one: what that will do, and doing it, however many posts they have."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Tag
from blog.models.post import post_tags


@dataclass(frozen=True, slots=True)
class Merger:
    """What merging one tag into another does: how many posts get the other, how many have both."""

    tag: Tag
    gaining: int
    having_both: int


async def foreseen(db: AsyncSession, old: Sequence[Tag], new: Tag) -> list[Merger]:
    """Count for each of some tags what merging it does."""
    theirs, others = post_tags.alias(), post_tags.alias()
    query = select(theirs.c.tag_id, func.count(), func.count(others.c.post_id)).outerjoin(
        others, (others.c.post_id == theirs.c.post_id) & (others.c.tag_id == new.id)
    )
    query = query.where(theirs.c.tag_id.in_([tag.id for tag in old])).group_by(theirs.c.tag_id)
    counts = {tag_id: (every - both, both) for tag_id, every, both in await db.execute(query)}
    return [Merger(tag, *counts.get(tag.id, (0, 0))) for tag in old]


async def hold(db: AsyncSession, ids: Sequence[int]) -> Sequence[Tag]:
    """Fetch some tags by name and hold them: whoever saves a post with one of them waits, then meets the change."""
    query = select(Tag).where(Tag.id.in_(ids)).order_by(Tag.id)
    found = (await db.scalars(query.with_for_update().execution_options(populate_existing=True))).all()
    return sorted(found, key=lambda tag: tag.key)


def posts_of(tags: Sequence[Tag]) -> Select[int]:
    """Select the ids of the posts that have one of these tags."""
    return select(post_tags.c.post_id).where(post_tags.c.tag_id.in_([tag.id for tag in tags])).distinct()


async def merge(db: AsyncSession, old: Sequence[Tag], new: Tag) -> int:
    """Give the posts of some tags another one in their place, and delete the tags; give how many got it anew."""
    have = select(post_tags.c.post_id).where(post_tags.c.tag_id == new.id)
    gaining = posts_of(old).where(post_tags.c.post_id.not_in(have)).subquery()
    count = await db.scalar(select(func.count()).select_from(gaining)) or 0
    await db.execute(insert(post_tags).from_select(["post_id", "tag_id"], select(gaining.c.post_id, literal(new.id))))
    # With the tags go their rows in post_tags.
    await db.execute(
        delete(Tag).where(Tag.id.in_([tag.id for tag in old])).execution_options(synchronize_session=False)
    )
    return count
