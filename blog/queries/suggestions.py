"""What a writer may mean by the first letters of a tag, a person or a post; each found through an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.slugs import tag_key
from blog.database import plan_for_values
from blog.models import Post, Tag, User, UserStatus
from blog.models.post import post_tags
from blog.queries.own import on_desk_of
from blog.queries.prefix import begins

MOST = 8


async def tags(db: AsyncSession, viewer: User, now: datetime, q: str) -> Sequence[Tag]:
    """List tags whose name begins so, then those with a later word that does.

    They are those of the viewer's own desk, and those that readers find; the tags of others' drafts are not theirs to
    know.
    """
    typed = tag_key(q)
    known = select(Tag).where(or_(_live(now), _used_by(viewer))).order_by(Tag.key).limit(MOST)
    found = list(await db.scalars(known.where(begins(db, Tag.key, typed))))
    if typed and len(found) < MOST:
        within = Tag.key.contains(f" {typed}", autoescape=True)
        more = known.where(within, Tag.id.not_in([tag.id for tag in found]))
        found += await db.scalars(more.limit(MOST - len(found)))
    return found


async def authors(db: AsyncSession, q: str) -> list[Row[str, str]]:
    """List username and name of people who may stand in a byline and have a name, or a part of one, that begins so."""
    typed = tag_key(q)
    query = select(User.username, User.name).where(
        User.role.in_(policy.ALLOWED[policy.Action.WRITE]), User.status == UserStatus.ACTIVE
    )
    # People are few; the databases fold only the case of some letters.
    rows = (await db.execute(query.order_by(func.lower(User.name), User.id))).all()
    return [row for row in rows if any(f" {tag_key(part)}".find(f" {typed}") >= 0 for part in row)][:MOST]


async def posts(db: AsyncSession, viewer: User, held: Sequence[int] | None) -> Sequence[Post]:
    """List posts and pages of the viewer's desk, last touched first; of those with these ids, if any are given."""
    await plan_for_values(db)
    query = select(Post).where(on_desk_of(viewer))
    if held is not None:
        query = query.where(Post.id.in_(held))
    return (await db.scalars(query.order_by(Post.saved_at.desc(), Post.id.desc()).limit(MOST))).all()


def _live(now: datetime) -> Any:
    return (
        select(post_tags.c.post_id)
        .where(post_tags.c.tag_id == Tag.id, policy.listed_under_tags(now))
        .correlate(Tag)
        .exists()
    )


def _used_by(viewer: User) -> Any:
    used = select(post_tags.c.post_id).join(Post, Post.id == post_tags.c.post_id)
    return used.where(post_tags.c.tag_id == Tag.id, policy.seen_by(viewer)).correlate(Tag).exists()
