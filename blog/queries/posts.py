"""Posts as readers and writers look for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from blog import policy
from blog.content.slugs import numbered
from blog.models import CoAuthor, Post, Redirect, Revision, Status, Tag, User
from blog.models.post import post_tags
from blog.queries.page import Page, fetch_page

FEED_SIZE = 10
DESK_SIZE = 25
SYNDICATED = 20
LISTED = 500
SLUG_LOCK = 0x626C6F67  # any number that only this lock uses

_BYLINE: tuple[ORMOption, ...] = (
    joinedload(Post.owner, innerjoin=True),
    selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
)
_CARD: tuple[ORMOption, ...] = (*_BYLINE, selectinload(Post.tags))
_NEWEST = (Post.published_at.desc(), Post.id.desc())


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What a writer asks of the list of posts; an empty part asks nothing."""

    status: str = ""
    author: str = ""
    tag: str = ""
    q: str = ""


async def live_page(
    db: AsyncSession,
    viewer: User | None,
    now: datetime,
    number: int,
    *,
    tag: Tag | None = None,
    author: User | None = None,
    period: tuple[datetime, datetime] | None = None,
) -> Page[Post] | None:
    """Fetch a page of the posts that readers may find, newest first; of a period, or of all times."""
    query = _live(viewer, now, tag, author)
    if period is not None:
        query = query.where(Post.published_at >= period[0], Post.published_at < period[1])
    return await fetch_page(db, query.options(*_CARD), number, FEED_SIZE)


async def latest(
    db: AsyncSession, now: datetime, *, tag: Tag | None = None, author: User | None = None
) -> Sequence[Post]:
    """Fetch the newest public posts with their HTML, for syndication feeds."""
    query = _live(None, now, tag, author).options(*_CARD, undefer(Post.html)).limit(SYNDICATED)
    return (await db.scalars(query)).all()


async def newest_titles(db: AsyncSession, now: datetime) -> Sequence[Row[str, str, datetime | None]]:
    """List slug, title and date of the newest public posts."""
    query = select(Post.slug, Post.title, Post.published_at).where(policy.listed_for(None, now))
    return (await db.execute(query.order_by(*_NEWEST).limit(LISTED))).all()


async def source_by_slug(db: AsyncSession, slug: str, now: datetime) -> Post | None:
    """Fetch a post that everybody may read, with its Markdown."""
    query = select(Post).where(Post.slug == slug, policy.listed_for(None, now))
    return await db.scalar(query.options(*_CARD, undefer(Post.body)))


async def by_slug(db: AsyncSession, slug: str, viewer: User | None, now: datetime) -> Post | None:
    """Fetch the post at a public address, if this viewer may read it."""
    query = select(Post).where(Post.slug == slug, policy.readable_by(viewer, now))
    return await db.scalar(query.options(*_CARD, undefer(Post.html), undefer(Post.contents)))


async def for_desk(db: AsyncSession, post_id: int, viewer: User) -> Post | None:
    """Fetch a post with its Markdown, if its desk pages exist for this viewer."""
    query = select(Post).where(Post.id == post_id, policy.seen_by(viewer))
    return await db.scalar(query.options(*_CARD, undefer(Post.body), undefer(Post.html), undefer(Post.contents)))


async def desk_page(
    db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter, number: int
) -> Page[Post] | None:
    """Fetch a page of the posts that the viewer works on, last touched first."""
    query = _narrowed(select(Post).where(policy.seen_by(viewer)), wanted, now)
    query = query.order_by(Post.updated_at.desc(), Post.id.desc())
    return await fetch_page(db, query.options(*_BYLINE), number, DESK_SIZE)


async def counts_by_status(db: AsyncSession, viewer: User) -> dict[Status, int]:
    """Count the posts that the viewer works on by status."""
    query = select(Post.status, func.count()).where(policy.seen_by(viewer)).group_by(Post.status)
    return {status: count for status, count in await db.execute(query)}  # noqa: C416 - rows are not pairs to dict()


async def free_slug(db: AsyncSession, wanted: str, *, but: Post | None = None) -> str:
    """Find the first of wanted, wanted-2, wanted-3… that no post has and no old address uses."""
    await _hold_slugs(db)
    stem = wanted[:70]
    posts = select(Post.slug).where(Post.slug.startswith(stem, autoescape=True))
    old = select(Redirect.path).where(Redirect.path.startswith("/posts/" + stem, autoescape=True))
    if but is not None and but.id is not None:
        posts = posts.where(Post.id != but.id)
        old = old.where(or_(Redirect.post_id.is_(None), Redirect.post_id != but.id))
    taken = set(await db.scalars(posts)) | {path.removeprefix("/posts/") for path in await db.scalars(old)}
    return numbered(wanted, taken)


async def has_slug(db: AsyncSession, slug: str, *, but: Post | None = None) -> bool:
    """Tell whether another post has this slug; a free one stays free until the transaction ends."""
    await _hold_slugs(db)
    query = select(Post.id).where(Post.slug == slug)
    if but is not None and but.id is not None:
        query = query.where(Post.id != but.id)
    return await db.scalar(query.limit(1)) is not None


async def last_revision(db: AsyncSession, post: Post) -> Revision | None:
    """Fetch the newest revision with the person who saved it."""
    query = select(Revision).where(Revision.post_id == post.id).order_by(Revision.number.desc()).limit(1)
    return await db.scalar(query.options(joinedload(Revision.saved_by)))


async def by_source(db: AsyncSession, source: str) -> Post | None:
    """Fetch the post that an import made from this source before."""
    query = select(Post).where(Post.source == source)
    return await db.scalar(query.options(*_CARD, undefer(Post.body), undefer(Post.html), undefer(Post.contents)))


async def _hold_slugs(db: AsyncSession) -> None:
    # On PostgreSQL two saves that choose a slug wait for one another, until the first is committed; a transaction
    # that writes to SQLite is alone already.
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(SLUG_LOCK)))


def _live(viewer: User | None, now: datetime, tag: Tag | None, author: User | None) -> Select[Post]:
    query = select(Post).where(policy.listed_for(viewer, now)).order_by(*_NEWEST)
    if tag is not None:
        query = query.join(post_tags, post_tags.c.post_id == Post.id).where(post_tags.c.tag_id == tag.id)
    if author is not None:
        named = select(CoAuthor.post_id).where(CoAuthor.user_id == author.id)
        query = query.where(or_(Post.owner_id == author.id, Post.id.in_(named)))
    return query


def _narrowed(query: Select[Post], wanted: DeskFilter, now: datetime) -> Select[Post]:
    if wanted.status == "scheduled":
        query = query.where(Post.status == Status.PUBLISHED, Post.published_at > now)
    elif wanted.status in set(Status):
        query = query.where(Post.status == Status(wanted.status))
    else:
        query = query.where(Post.status != Status.TRASHED)
    if wanted.author:
        person = select(User.id).where(User.username == wanted.author).scalar_subquery()
        named = select(CoAuthor.post_id).join(CoAuthor.user).where(User.username == wanted.author)
        query = query.where(or_(Post.owner_id == person, Post.id.in_(named)))
    if wanted.tag:
        tagged = select(post_tags.c.post_id).join(Tag, Tag.id == post_tags.c.tag_id).where(Tag.slug == wanted.tag)
        query = query.where(Post.id.in_(tagged))
    if wanted.q:
        query = query.where(Post.title.icontains(wanted.q, autoescape=True))
    return query
