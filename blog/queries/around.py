"""What stands around a post: who wrote it and what it is about, the posts before and after, and a few alike.

A post's page asks twice in all: for the post, and for what stands around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    tuple_,
    union_all,
)
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
    given = {"post_id": post.id, "at": post.published_at or now, "now": now}
    found: dict[str, list[Row[Any]]] = {}
    for row in sorted((await db.execute(_STATEMENT, given)).all(), key=lambda row: row.rank):
        found.setdefault(row.part, []).append(row)
    set_committed_value(post, "tags", [Tag(name=row.title, slug=row.slug) for row in found.get("tag", ())])
    set_committed_value(post, "co_authors", [_co_author(row) for row in found.get("author", ())])
    if post.published_at is None:
        return Around(None, None, [])
    # Two posts may each have found the other.
    related = list({row.slug: row for row in found.get("related", ())}.values())[:MOST_RELATED]
    return Around(next(iter(found.get("previous", ())), None), next(iter(found.get("next", ())), None), related)


def _co_author(row: Row[Any]) -> CoAuthor:
    user = User(id=row.user_id, name=row.title, username=row.slug)
    set_committed_value(user, "picture", Media(name=row.picture) if row.picture else None)
    place = CoAuthor(user_id=row.user_id)
    set_committed_value(place, "user", user)
    return place


def _statement() -> CompoundSelect[Any]:
    post_id = bindparam("post_id", type_=Post.id.type)
    at = bindparam("at", type_=Post.published_at.type)
    now: Any = bindparam("now", type_=Post.published_at.type)
    here, place = tuple_(at, post_id), tuple_(Post.published_at, Post.id)
    # Neither database begins reading at a comparison of pairs; at a plain one both do.
    before = (
        _named("previous")
        .where(Post.published_at <= at, place < here)
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(1)
    )
    after = _named("next").where(Post.published_at >= at, place > here).order_by(Post.published_at, Post.id).limit(1)
    one_way = select(SimilarPost.other_id.label("id"), SimilarPost.score).where(SimilarPost.post_id == post_id)
    other_way = select(SimilarPost.post_id.label("id"), SimilarPost.score).where(SimilarPost.other_id == post_id)
    alike = union_all(one_way, other_way).subquery()
    related = _named("related", -alike.c.score).join(alike, alike.c.id == Post.id)
    related = related.order_by(alike.c.score.desc(), Post.id).limit(MOST_RELATED * 2)
    neighbours = [part.where(policy.listed(now)) for part in (before, after, related)]
    parts = [*neighbours, _tags(post_id), _co_authors(post_id)]
    return union_all(*(select(part.subquery()) for part in parts))


def _named(part: str, rank: Any = None) -> Select[Any]:
    told: tuple[Any, ...] = (
        Post.slug,
        Post.title,
        Post.published_at,
        _NO_ID.label("user_id"),
        _NO_NAME.label("picture"),
    )
    return select(literal_column(f"'{part}'").label("part"), *told, (_ZERO if rank is None else rank).label("rank"))


def _tags(post_id: Any) -> Select[Any]:
    told: tuple[Any, ...] = (
        Tag.slug,
        Tag.name,
        _NO_TIME.label("at"),
        _NO_ID.label("user_id"),
        _NO_NAME.label("picture"),
    )
    query = select(literal_column("'tag'").label("part"), *told, _ZERO.label("rank"))
    return query.join(post_tags, post_tags.c.tag_id == Tag.id).where(post_tags.c.post_id == post_id).order_by(Tag.key)


def _co_authors(post_id: Any) -> Select[Any]:
    picture = select(Media.name).where(Media.id == User.picture_id).scalar_subquery()
    told: tuple[Any, ...] = (User.username, User.name, _NO_TIME.label("at"), User.id, picture.label("picture"))
    query = select(literal_column("'author'").label("part"), *told, (CoAuthor.position * 1.0).label("rank"))
    return query.join(CoAuthor, CoAuthor.user_id == User.id).where(CoAuthor.post_id == post_id)


_NO_TIME, _NO_ID = cast(null(), Post.published_at.type), cast(null(), User.id.type)
_NO_NAME = cast(null(), Media.name.type)
_ZERO: ColumnElement[float] = literal_column("0.0")
_STATEMENT = _statement()
