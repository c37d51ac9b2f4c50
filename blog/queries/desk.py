"""The desk's list of posts: what a writer asks of it, its pages and its counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.slugs import tag_key
from blog.database import plan_for_values
from blog.models import CoAuthor, Kind, Post, Status, Tag, User
from blog.models.post import post_tags
from blog.queries.own import on_desk_of
from blog.queries.page import Page
from blog.queries.posts import BYLINE

PAGE_SIZE = 25
SCHEDULED = "scheduled"
ENDED = "ended"
UNSEEN = "unseen"
"""What the desk calls a published post whose time has not come, one whose time is over, and one that has changes which
readers do not see yet."""
STATUSES = frozenset({*Status, SCHEDULED, ENDED, UNSEEN})

Chosen = TypeVar("Chosen")


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What a writer asks of the list of posts; an empty part asks nothing.

    `held` selects the posts that hold the words of `q`, `headed` those of them that hold them in title, excerpt or
    tags, which come first. Without them `q` is a part of the title.
    """

    kind: Kind
    status: str = ""
    author: str = ""
    tag: str = ""
    q: str = ""
    held: Select[Any] | None = None
    headed: Select[Any] | None = None

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        return {"q": self.q, "status": self.status, "tag": self.tag, "author": self.author}


async def page(
    db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter, number: int, total: int
) -> Page[Post] | None:
    """Fetch a page of the posts that the viewer works on, last touched first, of `total`; None when it is past the end.

    `counts` tells the total: counting takes most of the time on a large site.
    """
    pages = max(1, -(-total // PAGE_SIZE))
    if number > pages:
        return None
    await plan_for_values(db)
    query = _on_desk(select(Post), viewer, now, wanted).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page((await db.scalars(query.options(*BYLINE))).all(), number, pages, total)


async def ids(db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter, most: int) -> Sequence[int]:
    """List the ids of the posts that the viewer works on, last touched first, up to a number."""
    await plan_for_values(db)
    return (await db.scalars(_on_desk(select(Post.id), viewer, now, wanted).limit(most))).all()


async def counts(db: AsyncSession, viewer: User, now: datetime, wanted: DeskFilter) -> dict[str, int]:
    """Count what else the filter finds, by the status that may be asked for; "" is all but the trash."""
    await plan_for_values(db)
    later = and_(Post.status == Status.PUBLISHED, Post.published_at > now)
    status = case((later, SCHEDULED), (policy.ended(now), ENDED), else_=cast(Post.status, String))
    each = _matching(select(status, func.count()), viewer, wanted).group_by(status)
    unseen = _matching(select(func.count()), viewer, wanted).where(*_unseen(now)).scalar_subquery()
    rows = await db.execute(each.union_all(select(literal(UNSEEN), unseen)))
    found = {name: count for name, count in rows}  # noqa: C416 - rows are not pairs to dict()
    return found | {"": sum(count for name, count in found.items() if name not in {Status.TRASHED, UNSEEN})}


def _on_desk(query: Select[Chosen], viewer: User, now: datetime, wanted: DeskFilter) -> Select[Chosen]:
    query = _matching(query, viewer, wanted)
    if wanted.status == SCHEDULED:
        query = query.where(Post.status == Status.PUBLISHED, Post.published_at > now)
    elif wanted.status == ENDED:
        query = query.where(policy.ended(now))
    elif wanted.status == UNSEEN:
        query = query.where(*_unseen(now))
    elif wanted.status == Status.PUBLISHED:
        query = query.where(policy.live(now))
    elif wanted.status in set(Status):
        query = query.where(Post.status == Status(wanted.status))
    else:
        query = query.where(Post.status != Status.TRASHED)
    if wanted.headed is not None:
        query = query.order_by(Post.id.in_(wanted.headed).desc())
    return query.order_by(Post.saved_at.desc(), Post.id.desc())


def _unseen(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return policy.live(now), Post.revision_number != Post.shown_revision


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
    if wanted.held is not None:
        query = query.where(Post.id.in_(wanted.held))
    elif wanted.q:
        query = query.where(Post.title.icontains(wanted.q, autoescape=True))
    return query
