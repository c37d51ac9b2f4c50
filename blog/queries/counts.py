"""How many posts readers find under a tag or an author, known without looking through them.

Triggers count what is published, as they do by day. What is scheduled, and what has ended since then, no trigger can
know: these few are counted by indexes of their own and taken off.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select

from blog import policy
from blog.models import CoAuthor, Post, PostCount
from blog.models.post import post_tags


def under_tag(tag_id: Any, now: datetime) -> ColumnElement[int]:
    """Count the posts of a tag."""
    place = post_tags.c
    later = select(func.count()).where(place.tag_id == tag_id, place.live_at > now)
    ended = select(func.count()).where(place.tag_id == tag_id, place.live_until <= now, place.live_at <= now)
    return _live("tag", tag_id, later, ended)


def by_author(user_id: Any, now: datetime) -> ColumnElement[int]:
    """Count the posts in whose byline somebody stands."""
    own = (Post.owner_id == user_id, Post.status == policy.PUBLISHED, Post.kind == policy.POST)
    later = select(func.count(Post.id)).where(*own, Post.published_at > now)
    ended = select(func.count(Post.id)).where(*own, Post.expires_at <= now, Post.published_at <= now)
    shared = select(func.count()).select_from(CoAuthor).where(CoAuthor.user_id == user_id)
    shared_later = shared.where(CoAuthor.live_at > now)
    shared_ended = shared.where(CoAuthor.live_until <= now, CoAuthor.live_at <= now)
    return _live("author", user_id, later, ended, shared_later, shared_ended)


def _live(subject: str, subject_id: Any, *others: Select[int]) -> ColumnElement[int]:
    # PostgreSQL gives the sum of whole numbers as a number with decimals.
    number = cast(func.coalesce(func.sum(PostCount.posts), 0), BigInteger)
    published = select(number).where(PostCount.subject == subject, PostCount.subject_id == subject_id)
    found: ColumnElement[int] = published.scalar_subquery()
    for other in others:
        found = found - other.scalar_subquery()
    return found
