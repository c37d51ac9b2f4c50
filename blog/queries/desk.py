"""The desk's list of posts: what a writer asks of it, its pages and its counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from blog import policy
from blog.content.slugs import tag_key
from blog.database import plan_for_values
from blog.models import CoAuthor, Kind, Post, Status, Tag, User
from blog.models.post import post_tags
from blog.queries.days import live_total
from blog.queries.own import on_desk_of
from blog.queries.page import Page
from blog.queries.posts import BYLINE

PAGE_SIZES = (25, 50, 100)
SCHEDULED = "scheduled"
ENDED = "ended"
UNSEEN = "unseen"
"""What the desk calls a published post whose time has not come, one whose time is over, and one that has changes which
readers do not see yet."""
STATUSES = frozenset({*Status, SCHEDULED, ENDED, UNSEEN})

MOST_UNSEEN = 2000
"""Posts with changes that readers do not see yet, the last saved ones, that are counted and listed."""

Chosen = TypeVar("Chosen")


class Order(StrEnum):
    """The orders in which the list can stand."""

    SAVED = "saved"
    DATE = "date"
    OLDEST = "oldest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What a writer asks of the list of posts; an empty part asks nothing.

    `held` are the newest posts that hold the words of `q`, `headed` those of them that hold them in title, excerpt or
    tags, which come first. Without them `q` is a part of the title. `since` and `until` are days of the site's clocks,
    both within, and `begin` and `end` the moments that they mean.
    """

    kind: Kind
    status: str = ""
    author: str = ""
    tag: str = ""
    q: str = ""
    held: Sequence[int] | None = None
    headed: Sequence[int] = ()
    since: str = ""
    until: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    order: Order = Order.SAVED
    size: int = PAGE_SIZES[0]

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        asked = {"q": self.q, "status": self.status, "tag": self.tag, "author": self.author}
        asked |= {"since": self.since, "until": self.until}
        asked["order"] = "" if self.order == Order.SAVED else self.order
        asked["size"] = "" if self.size == PAGE_SIZES[0] else str(self.size)
        return asked

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than all posts of a status."""
        return any((self.q, self.tag, self.author, self.since, self.until))


async def page(
    db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter, number: int, total: int
) -> Page[Post] | None:
    """Fetch a page of the posts that the viewer works on, of `total`; None when it is past the end.

    `counts` tells the total: counting takes most of the time on a large site.
    """
    pages = max(1, -(-total // wanted.size))
    if number > pages:
        return None
    await plan_for_values(db)
    query = _on_desk(select(Post), viewer, now, wanted).limit(wanted.size).offset((number - 1) * wanted.size)
    return Page((await db.scalars(query.options(*BYLINE))).all(), number, pages, total)


async def ids(db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter, most: int) -> Sequence[int]:
    """List the ids of the posts that the viewer works on, up to a number."""
    await plan_for_values(db)
    return (await db.scalars(_on_desk(select(Post.id), viewer, now, wanted).limit(most))).all()


async def counts(db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter) -> dict[str, int]:
    """Count what else the filter finds, by the status that may be asked for; "" is all but the trash."""
    await plan_for_values(db)
    sees_all = wanted.kind == Kind.POST and policy.may(viewer, policy.Action.EDIT_ALL)
    each = _of_all(now) if sees_all and not wanted.is_narrow else [_of_these(viewer, now, wanted)]
    unseen: Any = select(literal(UNSEEN), func.count())
    each.append(_matching(unseen, viewer, wanted).where(*_unseen(now)))
    found = {name: count for name, count in await db.execute(union_all(*each)) if count}
    return found | {"": sum(count for name, count in found.items() if name not in {Status.TRASHED, UNSEEN})}


def _of_all(now: datetime) -> list[Any]:
    """Count all posts by status without reading those that readers find, of which a site has the most."""
    post, published = Post.kind == policy.POST, Post.status == policy.PUBLISHED
    unpublished = select(cast(Post.status, String), func.count()).where(post, Post.status != policy.PUBLISHED)
    return [
        unpublished.group_by(Post.status),
        select(literal(SCHEDULED), func.count()).where(post, published, Post.published_at > now),
        select(literal(ENDED), func.count()).where(post, policy.ended(now), Post.published_at <= now),
        select(literal(str(Status.PUBLISHED)), live_total(now)),
    ]


def _of_these(viewer: User, now: datetime, wanted: DeskFilter) -> Any:
    later = and_(Post.status == Status.PUBLISHED, Post.published_at > now)
    status = case((later, SCHEDULED), (policy.ended(now), ENDED), else_=cast(Post.status, String))
    return _matching(select(status, func.count()), viewer, wanted).group_by(status)


def _on_desk(query: Select[Chosen], viewer: User, now: datetime, wanted: DeskFilter) -> Select[Chosen]:
    query = _matching(query, viewer, wanted)
    if wanted.status == SCHEDULED:
        query = query.where(Post.status == policy.PUBLISHED, Post.published_at > now)
    elif wanted.status == ENDED:
        query = query.where(policy.ended(now))
    elif wanted.status == UNSEEN:
        query = query.where(*_unseen(now))
    elif wanted.status == Status.PUBLISHED:
        query = query.where(policy.live(now))
    elif wanted.status in set(Status):
        query = query.where(Post.status == Status(wanted.status), Post.status != policy.PUBLISHED)
    else:
        query = query.where(Post.status != Status.TRASHED)
    return _in_order(query, wanted)


def _in_order(query: Select[Chosen], wanted: DeskFilter) -> Select[Chosen]:
    match wanted.order:
        case Order.DATE:
            return query.order_by(_dated().desc(), Post.id.desc())
        case Order.OLDEST:
            return query.order_by(_dated(), Post.id)
        case Order.TITLE:
            return query.order_by(func.lower(Post.title), Post.id)
    if wanted.headed:
        query = query.order_by(Post.id.in_(wanted.headed).desc())
    return query.order_by(Post.saved_at.desc(), Post.id.desc())


def _dated() -> ColumnElement[datetime]:
    """Give the date that a writer knows a post by: of what has none yet, that of its last save."""
    return func.coalesce(Post.published_at, Post.saved_at)


def _unseen(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Neither database expects that these are few. In the order of their index they are read from it all the same.
    some = aliased(Post)
    changed = select(some.id).where(some.revision_number != some.shown_revision)
    return policy.live(now), Post.id.in_(changed.order_by(some.saved_at.desc(), some.id.desc()).limit(MOST_UNSEEN))


def _matching(query: Select[Chosen], viewer: User, wanted: DeskFilter) -> Select[Chosen]:
    query = query.where(on_desk_of(viewer), Post.kind == wanted.kind)
    if wanted.author:
        person = select(User.id).where(User.username == wanted.author).scalar_subquery()
        named = select(CoAuthor.post_id).join(CoAuthor.user).where(User.username == wanted.author)
        query = query.where(or_(Post.owner_id == person, Post.id.in_(named)))
    if wanted.tag:
        called = or_(Tag.slug == wanted.tag, Tag.key == tag_key(wanted.tag))
        tagged = select(post_tags.c.post_id).join(Tag, Tag.id == post_tags.c.tag_id).where(called)
        query = query.where(Post.id.in_(tagged))
    if wanted.begin is not None:
        query = query.where(_dated() >= wanted.begin)
    if wanted.end is not None:
        query = query.where(_dated() < wanted.end)
    if wanted.held is not None:
        query = query.where(Post.id.in_(wanted.held))
    elif wanted.q:
        query = query.where(Post.title.icontains(wanted.q, autoescape=True))
    return query
