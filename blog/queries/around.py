"""What stands around a post: the one before, the one after, and a few that are about the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post, SimilarPost

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
    """Look in one statement for what stands around a post; around one without a date there is nothing."""
    if post.published_at is None:
        return Around(None, None, [])
    place = tuple_(Post.published_at, Post.id)
    here = tuple_(literal(post.published_at, Post.published_at.type), literal(post.id, Post.id.type))
    before = _named("previous").where(place < here).order_by(Post.published_at.desc(), Post.id.desc()).limit(1)
    after = _named("next").where(place > here).order_by(Post.published_at, Post.id).limit(1)
    one_way = select(SimilarPost.other_id.label("id"), SimilarPost.score).where(SimilarPost.post_id == post.id)
    other_way = select(SimilarPost.post_id.label("id"), SimilarPost.score).where(SimilarPost.other_id == post.id)
    alike = union_all(one_way, other_way).subquery()
    related = (
        _named("related", alike.c.score).join(alike, alike.c.id == Post.id).order_by(alike.c.score.desc(), Post.id)
    )
    parts = [part.where(policy.listed(now)) for part in (before, after, related.limit(MOST_RELATED * 2))]
    rows = (await db.execute(union_all(*(select(part.subquery()) for part in parts)))).all()
    found = {part: [row for row in rows if row.part == part] for part in ("previous", "next", "related")}
    # Two posts may each have found the other; the higher score comes first.
    related_once = {row.slug: row for row in sorted(found["related"], key=lambda row: row.score)}
    best = sorted(related_once.values(), key=lambda row: -row.score)[:MOST_RELATED]
    return Around(next(iter(found["previous"]), None), next(iter(found["next"]), None), best)


def _named(part: str, score: Any = None) -> Select[Any]:
    worth = (literal(0.0) if score is None else score).label("score")
    return select(literal(part).label("part"), Post.slug, Post.title, Post.published_at, worth)
