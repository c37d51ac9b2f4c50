"""What stands around a post: who wrote it and what it is about, the posts before and after, and a few alike.

A post's page asks twice in all: for the post, and for what stands around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from blog import policy
from blog.models import CoAuthor, Media, Post, SimilarPost, Tag, User
from blog.models.post import post_tags

MOST_RELATED = 3

Neighbour = Row[Any]
"""Has the slug, title and date of publication of a post."""


@dataclass(frozen=True, slots=True)
class Around:
    """The posts that a reader may go on to."""

    previous: Neighbour | None
    next: Neighbour | None
    related: Sequence[Neighbour]


async def around(db: AsyncSession, post: Post, now: datetime) -> Around:
    """Complete a post with its tags and co-authors, and find what stands around it, in one statement."""
    parts = [_tags(post), _co_authors(post), *_neighbours(post, now)]
    rows = (await db.execute(union_all(*(select(part.subquery()) for part in parts)))).all()
    found: dict[str, list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: row.rank):
        found.setdefault(row.part, []).append(row)
    set_committed_value(post, "tags", [Tag(name=row.title, slug=row.slug) for row in found.get("tag", ())])
    set_committed_value(post, "co_authors", [_co_author(row) for row in found.get("author", ())])
    # Two posts may each have found the other.
    related = list({row.slug: row for row in found.get("related", ())}.values())[:MOST_RELATED]
    return Around(next(iter(found.get("previous", ())), None), next(iter(found.get("next", ())), None), related)


def _tags(post: Post) -> Select[Any]:
    tags: Select[Any] = select(
        literal("tag").label("part"), Tag.slug, Tag.name.label("title"), *_BLANK, literal(0.0).label("rank")
    )
    return tags.join(post_tags, post_tags.c.tag_id == Tag.id).where(post_tags.c.post_id == post.id).order_by(Tag.key)


def _co_authors(post: Post) -> Select[Any]:
    picture = select(Media.name).where(Media.id == User.picture_id).scalar_subquery()
    query: Select[Any] = (
        select(
            literal("author").label("part"),
            User.username.label("slug"),
            User.name.label("title"),
            literal(None, Post.published_at.type).label("published_at"),
            User.id.label("user_id"),
            picture.label("picture"),
            (CoAuthor.position * 1.0).label("rank"),
        )
        .join(CoAuthor, CoAuthor.user_id == User.id)
        .where(CoAuthor.post_id == post.id)
    )
    return query


def _neighbours(post: Post, now: datetime) -> list[Select[Any]]:
    if post.published_at is None:
        return []
    place = tuple_(Post.published_at, Post.id)
    here = tuple_(literal(post.published_at, Post.published_at.type), literal(post.id, Post.id.type))
    before = _named("previous").where(place < here).order_by(Post.published_at.desc(), Post.id.desc()).limit(1)
    after = _named("next").where(place > here).order_by(Post.published_at, Post.id).limit(1)
    one_way = select(SimilarPost.other_id.label("id"), SimilarPost.score).where(SimilarPost.post_id == post.id)
    other_way = select(SimilarPost.post_id.label("id"), SimilarPost.score).where(SimilarPost.other_id == post.id)
    alike = union_all(one_way, other_way).subquery()
    related = _named("related", -alike.c.score).join(alike, alike.c.id == Post.id)
    related = related.order_by(alike.c.score.desc(), Post.id).limit(MOST_RELATED * 2)
    return [part.where(policy.listed(now)) for part in (before, after, related)]


def _named(part: str, rank: Any = None) -> Select[Any]:
    ranked = (literal(0.0) if rank is None else rank).label("rank")
    return select(literal(part).label("part"), Post.slug, Post.title, Post.published_at, *_NOBODY, ranked)


def _co_author(row: Row[Any]) -> CoAuthor:
    user = User(id=row.user_id, name=row.title, username=row.slug)
    set_committed_value(user, "picture", Media(name=row.picture) if row.picture else None)
    place = CoAuthor(user_id=row.user_id)
    set_committed_value(place, "user", user)
    return place


_NOBODY = (literal(None, User.id.type).label("user_id"), literal(None, Media.name.type).label("picture"))
_BLANK = (literal(None, Post.published_at.type).label("published_at"), *_NOBODY)
