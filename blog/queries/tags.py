"""Tags as readers meet them and writers name them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.slugs import numbered, slugify, tag_key
from blog.models import Post, Tag, User
from blog.models.post import post_tags
from blog.queries.upsert import insert


async def with_counts(db: AsyncSession, now: datetime) -> Sequence[tuple[Tag, int]]:
    """List the tags that have posts for readers, with how many, by name."""
    counted = select(post_tags.c.tag_id, func.count().label("posts")).where(post_tags.c.live_at <= now)
    counts = counted.group_by(post_tags.c.tag_id).subquery()
    query = select(Tag, counts.c.posts).join(counts, counts.c.tag_id == Tag.id).order_by(Tag.key)
    return [(tag, number) for tag, number in (await db.execute(query)).all()]


async def all_with_counts(db: AsyncSession) -> Sequence[tuple[Tag, int]]:
    """List every tag with how many posts have it, whatever their state, by name."""
    count = func.count(post_tags.c.post_id)
    query = select(Tag, count).outerjoin(post_tags, post_tags.c.tag_id == Tag.id).group_by(Tag.id).order_by(Tag.key)
    return [(tag, number) for tag, number in (await db.execute(query)).all()]


async def by_id(db: AsyncSession, tag_id: int) -> Tag | None:
    return await db.get(Tag, tag_id)


async def has_key(db: AsyncSession, key: str, *, but: Tag) -> bool:
    """Tell whether another tag is spelled like this."""
    return await db.scalar(select(Tag.id).where(Tag.key == key, Tag.id != but.id)) is not None


async def by_slug(db: AsyncSession, slug: str, now: datetime) -> Tag | None:
    """Fetch a tag that readers can find a post under."""
    used = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id, post_tags.c.live_at <= now).correlate(Tag)
    return await db.scalar(select(Tag).where(Tag.slug == slug, used.exists()))


async def on_desk_of(db: AsyncSession, viewer: User) -> Sequence[Tag]:
    """List the tags of the posts that the viewer works on; the tags of others' drafts are not theirs to know."""
    used = (
        select(post_tags.c.post_id)
        .join(Post, Post.id == post_tags.c.post_id)
        .where(post_tags.c.tag_id == Tag.id, policy.seen_by(viewer))
        .correlate(Tag)
    )
    return (await db.scalars(select(Tag).where(used.exists()).order_by(Tag.key))).all()


async def named(db: AsyncSession, names: Iterable[str]) -> list[Tag]:
    """Find the tags with these names and make those that are missing; "Python" and "python" are one tag.

    Missing ones are inserted in the order of their keys, so that two saves at the same moment cannot block each other.
    """
    wanted: dict[str, str] = {}
    for name in names:
        if key := tag_key(name):
            wanted.setdefault(key, " ".join(name.split()))
    found = await _by_key(db, wanted)
    missing = sorted(key for key in wanted if key not in found)
    while missing:
        for key in missing:
            slug = await _free_slug(db, wanted[key])
            values = {"name": wanted[key], "key": key, "slug": slug, "description": ""}
            await db.execute(insert(db, Tag).values(**values).on_conflict_do_nothing())
        found = await _by_key(db, wanted)
        # What is still missing lost its slug to another name in the same moment: it gets the next one.
        missing = [key for key in missing if key not in found]
    return [found[key] for key in wanted]


async def _by_key(db: AsyncSession, keys: Iterable[str]) -> dict[str, Tag]:
    return {tag.key: tag for tag in await db.scalars(select(Tag).where(Tag.key.in_(list(keys))))}


async def _free_slug(db: AsyncSession, name: str) -> str:
    wanted = slugify(name) or "tag"
    taken = set(await db.scalars(select(Tag.slug).where(Tag.slug.startswith(wanted[:70], autoescape=True))))
    return numbered(wanted, taken)
