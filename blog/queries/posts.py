"""Posts as readers and writers look for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    bindparam,
    desc,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from blog import policy
from blog.content.slugs import candidates
from blog.models import CoAuthor, Kind, Media, Post, Redirect, Tag, User
from blog.models.post import post_tags
from blog.queries import counts
from blog.queries.cards import Card, cards_of, fetch_cards
from blog.queries.days import Days
from blog.queries.page import Page

SYNDICATED = 20
LISTED = 500
_MOMENT = timedelta(microseconds=1)
SLUG_LOCK = 0x626C6F67  # any number that only this lock uses
CANDIDATES, MOST_CANDIDATES = 20, 2000

BYLINE: tuple[ORMOption, ...] = (
    joinedload(Post.owner, innerjoin=True),
    selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
)
_CARD: tuple[ORMOption, ...] = (*BYLINE, joinedload(Post.cover), selectinload(Post.tags))
_BY = joinedload(Post.owner, innerjoin=True)
_PAGE: tuple[ORMOption, ...] = (
    _BY.load_only(User.name, User.username),
    _BY.joinedload(User.picture).load_only(Media.name),
    joinedload(Post.cover),
)
_WORDS: tuple[ORMOption, ...] = (undefer(Post.html), undefer(Post.contents))
_NEWEST = (Post.published_at.desc(), Post.id.desc())


@dataclass(frozen=True, slots=True)
class Within:
    """A part of the site that readers browse: the posts of a tag, of an author or of a time; or all."""

    tag: Tag | None = None
    author: User | None = None
    period: tuple[datetime, datetime] | None = None


EVERYWHERE = Within()
Places = Select[Any] | CompoundSelect[Any]


async def count(db: AsyncSession, now: datetime, within: Within) -> int:
    """Count the posts that readers find there."""
    if within.tag is not None:
        return await db.scalar(select(counts.under_tag(within.tag.id, now))) or 0
    if within.author is not None:
        return await db.scalar(select(counts.by_author(within.author.id, now))) or 0
    return await db.scalar(select(func.count()).select_from(_places(now, within).order_by(None).subquery())) or 0


async def live_page(
    db: AsyncSession,
    now: datetime,
    number: int,
    size: int,
    total: int,
    within: Within = EVERYWHERE,
    days: Days | None = None,
) -> Page[Card] | None:
    """Fetch a page of `size` of the posts that readers find, newest first, of `total`; None when it is past the end.

    With `days`, which count the posts of the whole site, a late page costs no more than an early one. Of a part of the
    site, a page nearer to the end is read from there.
    """
    pages = max(1, -(-total // size))
    if number > pages:
        return None
    before, offset = days.begin((number - 1) * size) if days else (None, (number - 1) * size)
    if within == EVERYWHERE:
        values = {"now": now, "before": before or now + _MOMENT, "offset": offset, "size": size}
        return Page(await fetch_cards(db, _EVERYWHERE, values), number, pages, total)
    after = total - offset - size
    if after < offset:
        places = _some(_places(now, within, is_from_oldest=True), min(size, total - offset), max(0, after))
    else:
        places = _some(_places(now, within), size, offset)
    return Page(await fetch_cards(db, cards_of(places)), number, pages, total)


async def front_page(db: AsyncSession, now: datetime, size: int, total: int) -> tuple[Card | None, Page[Card]]:
    """Fetch the newest posts, and apart from them the one that leads: the newest that is featured, else the newest."""
    found = await fetch_cards(db, _FRONT, {"now": now, "size": size})
    lead = next((card for card in found if card.is_featured), next(iter(found), None))
    # A featured post that is older than these came beside them.
    items = [card for card in found[:size] if card is not lead]
    return lead, Page(items, 1, max(1, -(-total // size)), total)


async def latest(db: AsyncSession, now: datetime, within: Within = EVERYWHERE) -> Sequence[Post]:
    """Fetch the newest posts with their HTML, for syndication feeds; which of it may be told is for the caller."""
    query = select(Post).where(Post.id.in_(_some(_places(now, within), SYNDICATED, 0)))
    return (await db.scalars(query.order_by(*_NEWEST).options(*_CARD, undefer(Post.html)))).all()


async def next_due(db: AsyncSession, now: datetime) -> datetime | None:
    """Tell when the next post or page appears or ends by itself."""
    # Each kind by itself, so that each is read from its index.
    firsts = [
        select(func.min(at)).where(Post.status == policy.PUBLISHED, Post.kind == kind, at > now)
        for kind in (policy.POST, policy.PAGE)
        for at in (Post.published_at, Post.expires_at)
    ]
    return min(filter(None, await db.scalars(union_all(*firsts))), default=None)


async def newest_titles(db: AsyncSession, now: datetime) -> Sequence[Row[str, str, datetime | None]]:
    """List slug, title and date of the newest posts that everybody may read."""
    query = select(Post.slug, Post.title, Post.published_at).where(policy.listed(now), policy.readable_by(None, now))
    return (await db.execute(query.order_by(*_NEWEST).limit(LISTED))).all()


async def source_by_slug(db: AsyncSession, slug: str, now: datetime) -> Post | None:
    """Fetch a post that everybody may read, with its Markdown."""
    query = select(Post).where(Post.slug == slug, policy.listed(now), policy.readable_by(None, now))
    return await db.scalar(query.options(*_CARD, undefer(Post.body)))


async def by_slug(
    db: AsyncSession, slug: str, viewer: User | None, now: datetime, *, kind: Kind = Kind.POST
) -> Post | None:
    """Fetch the post or page at a public address, if that shows this viewer anything; perhaps not the whole text.

    Its tags and co-authors come with what stands around it.
    """
    if viewer is None:
        return await db.scalar(_AT_SLUG, {"slug": slug, "kind": kind, "now": now})
    return await db.scalar(at_slug(slug, kind, policy.openable_by(viewer, now)))


async def card_by_slug(db: AsyncSession, slug: str, now: datetime) -> Post | None:
    """Fetch what the picture of a post says that everybody may find."""
    query = select(Post).where(Post.slug == slug, policy.live(now))
    return await db.scalar(query.options(*BYLINE))


async def for_desk(db: AsyncSession, post_id: int, viewer: User) -> Post | None:
    """Fetch a post with its Markdown, if its desk pages exist for this viewer."""
    query = select(Post).where(Post.id == post_id, policy.seen_by(viewer))
    return await db.scalar(query.options(*_CARD, undefer(Post.body), *_WORDS))


async def free_slug(db: AsyncSession, wanted: str, *, but: Post | None = None) -> str:
    """Find the first of wanted, wanted-2, wanted-3… that no post has and no old address uses."""
    await _hold_slugs(db)
    # By equality, for which both databases use their indexes: what merely begins so they look for in all posts.
    left, some = candidates(wanted), CANDIDATES
    while True:
        asked = list(islice(left, some))
        taken = await _taken(db, asked, but)
        if free := next((slug for slug in asked if slug not in taken), None):
            return free
        some = MOST_CANDIDATES


async def has_slug(db: AsyncSession, slug: str, *, but: Post | None = None) -> bool:
    """Tell whether another post has this slug; a free one stays free until the transaction ends."""
    await _hold_slugs(db)
    query = select(Post.id).where(Post.slug == slug)
    if but is not None and but.id is not None:
        query = query.where(Post.id != but.id)
    return await db.scalar(query.limit(1)) is not None


async def is_unchanged(db: AsyncSession, post: Post) -> bool:
    """Tell whether nobody changed the post since it was fetched."""
    return await db.scalar(select(Post.version).where(Post.id == post.id)) == post.version


async def by_source(db: AsyncSession, source: str) -> Post | None:
    """Fetch the post that an import made from this source before."""
    query = select(Post).where(Post.source == source)
    return await db.scalar(query.options(*_CARD, undefer(Post.body), *_WORDS))


async def _taken(db: AsyncSession, slugs: Sequence[str], but: Post | None) -> set[str]:
    posts = select(Post.slug).where(Post.slug.in_(slugs))
    old = select(Redirect.path).where(Redirect.path.in_([f"/posts/{slug}" for slug in slugs]))
    if but is not None and but.id is not None:
        posts = posts.where(Post.id != but.id)
        old = old.where(or_(Redirect.post_id.is_(None), Redirect.post_id != but.id))
    return set(await db.scalars(posts)) | {path.removeprefix("/posts/") for path in await db.scalars(old)}


async def _hold_slugs(db: AsyncSession) -> None:
    # On PostgreSQL two saves that choose a slug wait for one another, until the first is committed; a transaction
    # that writes to SQLite is alone already.
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(SLUG_LOCK)))


def _places(now: Any, within: Within, *, is_from_oldest: bool = False) -> Places:
    """Select the ids of posts in their order, from indexes alone: what is passed over is not read."""

    def in_order(places: Any) -> Places:
        order: tuple[Any, ...] = ("at", "id") if is_from_oldest else (desc("at"), desc("id"))
        ordered: Places = places.order_by(*order)
        return ordered

    if within.tag is not None:
        tagged = select(post_tags.c.post_id.label("id"), post_tags.c.live_at.label("at"))
        return in_order(tagged.where(post_tags.c.tag_id == within.tag.id, policy.listed_under_tags(now)))
    listed = select(Post.id.label("id"), Post.published_at.label("at")).where(policy.listed(now))
    if within.author is not None:
        # Two lists in order become one; asked for with OR, databases would look through all of somebody's posts. That
        # each is in order PostgreSQL knows only when it is told.
        shared = select(CoAuthor.post_id.label("id"), CoAuthor.live_at.label("at"))
        shared = shared.where(CoAuthor.user_id == within.author.id, policy.listed_under_co_authors(now))
        both = [in_order(one).subquery() for one in (listed.where(Post.owner_id == within.author.id), shared)]
        return in_order(union_all(*(select(one.c.id, one.c.at) for one in both)))
    if within.period is not None:
        listed = listed.where(Post.published_at >= within.period[0], Post.published_at < within.period[1])
    return in_order(listed)


def _some(places: Places, size: int, offset: int) -> Select[int]:
    """Select the ids of a few of these places."""
    return select(places.limit(size).offset(offset).subquery().c.id)


def _newest(*where: Any) -> Select[int]:
    """Select the ids of the site's posts, newest first; of a late page nothing before it is read."""
    return select(Post.id).where(*where, policy.listed(_NOW)).order_by(*_NEWEST)


def _front() -> Select[Any]:
    newest = _newest().limit(_SIZE).subquery()
    featured = _newest(Post.is_featured).limit(1).subquery()
    return cards_of(union_all(select(newest), select(featured)))


def at_slug(slug: Any, kind: Any, openable: ColumnElement[bool]) -> Select[Post]:
    """Select the whole post or page at a public address."""
    return select(Post).where(Post.slug == slug, Post.kind == kind, openable).options(*_PAGE, *_WORDS)


# Made once: making them takes as long as sending them.
_NOW: Any
_BEFORE: Any
_NOW, _BEFORE = (bindparam(name, type_=Post.published_at.type) for name in ("now", "before"))
_SIZE, _OFFSET = (bindparam(name, type_=Integer) for name in ("size", "offset"))
# Of two limits on one column SQLite begins reading at the first.
_EVERYWHERE = cards_of(_newest(Post.published_at < _BEFORE).limit(_SIZE).offset(_OFFSET))
_FRONT = _front()
_AT_SLUG = at_slug(bindparam("slug"), bindparam("kind"), policy.openable_by(None, _NOW))
