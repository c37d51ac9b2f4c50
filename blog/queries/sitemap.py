"""Every public page with when it last changed, without loading what it shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import CoAuthor, Post, Tag, User
from blog.models.post import post_tags

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


async def part(db: AsyncSession, now: datetime, number: int, base_url: str) -> Part:
    """Fetch a part, counted from 1, of the site at `base_url`.

    What appeared on another site first is left out: search engines are sent there.
    """
    # The order of an index, so that the posts before a part are passed over without being read.
    places = select(Post.id).where(policy.listed(now)).order_by(Post.published_at, Post.id)
    these = places.limit(PART_SIZE).offset((number - 1) * PART_SIZE).scalar_subquery()
    told = (Post.slug, Post.updated_at, Post.canonical_url)
    posts = _own(await db.execute(select(*told).where(Post.id.in_(these)).order_by(Post.id)), base_url)
    if number > 1:
        return Part(posts, [], [], [], is_first=False)
    # Asked for in the order of their slugs, SQLite would look at all posts.
    pages = select(*told).where(policy.live(now), Post.kind == policy.PAGE)
    newest = func.max(post_tags.c.live_at)
    under = policy.listed_under_tags(now)
    tags = select(Tag.slug, newest).join(post_tags, post_tags.c.tag_id == Tag.id).where(under)
    named = (
        select(CoAuthor.user_id, Post.published_at).join(Post, Post.id == CoAuthor.post_id).where(policy.listed(now))
    )
    owned = select(Post.owner_id.label("user_id"), Post.published_at).where(policy.listed(now))
    bylines = named.union_all(owned).subquery()
    authors = select(User.username, func.max(bylines.c.published_at)).join(bylines, bylines.c.user_id == User.id)
    tags, authors = tags.group_by(Tag.slug).order_by(Tag.slug), authors.group_by(User.username).order_by(User.username)
    return Part(
        posts,
        sorted(_own(await db.execute(pages), base_url)),
        (await db.execute(tags)).all(),
        (await db.execute(authors)).all(),
        is_first=True,
    )


def _own(rows: Iterable[Row[str, datetime, str]], base_url: str) -> Changed:
    """Leave out what names a page of another site as its own first place."""
    here = urlsplit(base_url).netloc.lower()
    return [(slug, changed) for slug, changed, first in rows if not first or urlsplit(first).netloc.lower() == here]
