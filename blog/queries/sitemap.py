"""Every public page with when it last changed, without loading what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import CoAuthor, Kind, Post, Tag, User
from blog.models.post import post_tags

PART_SIZE = 10_000

Changed = Sequence[Row[str, datetime]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the sitemap: addresses as slugs and usernames, each with a time; the lists only in the first part."""

    posts: Changed
    pages: Changed
    tags: Changed
    authors: Changed
    is_first: bool


async def parts(db: AsyncSession, now: datetime) -> int:
    """Count the parts that the sitemap needs, at least one."""
    total = await db.scalar(select(func.count(Post.id)).where(policy.listed(now))) or 0
    return max(1, -(-total // PART_SIZE))


async def part(db: AsyncSession, now: datetime, number: int) -> Part:
    """Fetch a part, counted from 1."""
    live = policy.listed(now)
    newest = func.max(Post.updated_at)
    shown = select(Post.slug, Post.updated_at).where(live).order_by(Post.id)
    posts = (await db.execute(shown.limit(PART_SIZE).offset((number - 1) * PART_SIZE))).all()
    if number > 1:
        return Part(posts, [], [], [], is_first=False)
    pages = select(Post.slug, Post.updated_at).where(policy.live(now), Post.kind == Kind.PAGE).order_by(Post.slug)
    tags = select(Tag.slug, newest).join(post_tags, post_tags.c.tag_id == Tag.id)
    tags = tags.join(Post, Post.id == post_tags.c.post_id).where(live).group_by(Tag.slug).order_by(Tag.slug)
    named = select(CoAuthor.user_id, CoAuthor.post_id)
    owned = select(Post.owner_id.label("user_id"), Post.id.label("post_id"))
    bylines = named.union_all(owned).subquery()
    authors = select(User.username, newest).join(bylines, bylines.c.user_id == User.id)
    authors = authors.join(Post, Post.id == bylines.c.post_id).where(live).group_by(User.username)
    return Part(
        posts,
        (await db.execute(pages)).all(),
        (await db.execute(tags)).all(),
        (await db.execute(authors.order_by(User.username))).all(),
        is_first=True,
    )
