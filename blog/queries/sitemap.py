"""Every public page with when it last changed, without loading what it shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import CoAuthor, Post, PostCount, Tag, User
from blog.models.post import post_tags
from blog.queries.days import Days

PART_SIZE = 10_000

Changed = Sequence[Row[str, datetime] | tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the sitemap: addresses as slugs and usernames, each with a time; the lists only in the first part.

    Of a tag and of an author the time is when the newest post appeared.
    """

    posts: Changed
    pages: Changed
    tags: Changed
    authors: Changed
    is_first: bool


def parts(live: int) -> int:
    """Tell how many parts the sitemap of so many posts needs, at least one."""
    return max(1, -(-live // PART_SIZE))


async def part(db: AsyncSession, now: datetime, number: int, base_url: str, days: Days) -> Part:
    """Fetch a part, counted from 1, of the site at `base_url`; the first begins with the oldest posts.

    What appeared on another site first is left out: search engines are sent there.
    """
    size = min(PART_SIZE, days.live - (number - 1) * PART_SIZE)
    before, offset = days.begin(days.live - (number - 1) * PART_SIZE - size)
    # The order of an index, of which only the day before a part is passed over.
    ends = [] if before is None else [Post.published_at < before]
    places = select(Post.id).where(*ends, policy.listed(now)).order_by(Post.published_at.desc(), Post.id.desc())
    these = places.limit(size).offset(offset).scalar_subquery()
    told = (Post.slug, Post.updated_at, Post.canonical_url)
    posts = _own(await db.execute(select(*told).where(Post.id.in_(these)).order_by(Post.id)), base_url)
    if number > 1:
        return Part(posts, [], [], [], is_first=False)
    # Asked for in the order of their slugs, SQLite would look at all posts.
    pages = select(*told).where(policy.live(now), Post.kind == policy.PAGE)
    return Part(
        posts,
        sorted(_own(await db.execute(pages), base_url)),
        _newest(await db.execute(_tags(now))),
        _newest(await db.execute(_authors(now))),
        is_first=True,
    )


def _tags(now: datetime) -> Select[Any]:
    """Select slug and newest post of each tag, the latter by an index, of which the first entry is read."""
    under = select(post_tags.c.live_at).where(post_tags.c.tag_id == Tag.id, policy.listed_under_tags(now))
    newest = under.order_by(post_tags.c.live_at.desc(), post_tags.c.post_id.desc()).limit(1)
    return select(Tag.slug, newest.scalar_subquery()).order_by(Tag.slug)


def _authors(now: datetime) -> Select[Any]:
    """Select username, newest own post and newest post with others of who has any: most who sign in write nothing."""
    own = select(Post.published_at).where(Post.owner_id == User.id, policy.listed(now))
    own = own.order_by(Post.published_at.desc(), Post.id.desc()).limit(1)
    shared = select(CoAuthor.live_at).where(CoAuthor.user_id == User.id, policy.listed_under_co_authors(now))
    shared = shared.order_by(CoAuthor.live_at.desc(), CoAuthor.post_id.desc()).limit(1)
    counted = select(PostCount.subject_id).where(PostCount.subject == "author")
    newest: tuple[Any, ...] = (own.scalar_subquery(), shared.scalar_subquery())
    return select(User.username, *newest).where(User.id.in_(counted)).order_by(User.username)


def _newest(rows: Iterable[Row[Any]]) -> Changed:
    """Give each name with the last of its times; leave out what has none."""
    found: list[tuple[str, list[datetime]]] = [(row[0], list(filter(None, row[1:]))) for row in rows]
    return [(name, max(times)) for name, times in found if times]


def _own(rows: Iterable[Row[str, datetime, str]], base_url: str) -> Changed:
    """Leave out what names a page of another site as its own first place."""
    here = urlsplit(base_url).netloc.lower()
    return [(slug, changed) for slug, changed, first in rows if not first or urlsplit(first).netloc.lower() == here]
