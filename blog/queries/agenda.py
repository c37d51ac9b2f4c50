"""What lies on a writer's desk, and when things appear and end: lists that the desk's first page and calendar show."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from blog import policy
from blog.database import plan_for_values
from blog.models import CoAuthor, Post, Status, User
from blog.queries.archive import Period
from blog.queries.own import on_desk_of

MOST_OF_EACH = 5
MOST_IN_MONTH = 600


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a desk: its first posts in their order, and how many there are in all."""

    posts: Sequence[Post]
    total: int


async def desk_of(db: AsyncSession, viewer: User, now: datetime) -> Mapping[str, Part]:
    """Fetch what lies on somebody's desk in three statements; parts that are not for them are left out."""
    await plan_for_values(db)
    parts = _parts(viewer, now)
    counts = [
        select(literal(name), select(func.count(Post.id)).where(*where).scalar_subquery())
        for name, (where, _) in parts.items()
    ]
    totals = {name: number for name, number in await db.execute(union_all(*counts))}  # noqa: C416 - rows are not pairs
    firsts = []
    for name, (where, order) in parts.items():
        first = select(Post.id).where(*where).order_by(*order).limit(MOST_OF_EACH).subquery()
        firsts.append(select(literal(name).label("part"), first.c.id))
    place = union_all(*firsts).subquery()
    query = select(place.c.part, Post).join(Post, Post.id == place.c.id)
    found: dict[str, list[Post]] = defaultdict(list)
    for part, post in await db.execute(query.options(*_BYLINE)):
        found[part].append(post)
    return {name: Part(_in_order(name, found[name]), totals[name]) for name in parts}


async def month(db: AsyncSession, viewer: User, period: Period) -> Sequence[Row[Any]]:
    """List what the viewer works on that appears or ends in a time, at most `MOST_IN_MONTH`, in its order.

    A row has the post's id, title, kind and times, and whether it is of the end.
    """
    await plan_for_values(db)
    begin, end = period
    told = (Post.id, Post.title, Post.kind, Post.published_at, Post.expires_at)
    seen = (on_desk_of(viewer), Post.status == policy.PUBLISHED)
    appears: Any = select(Post.published_at.label("at"), literal_column("0").label("is_end"), *told)
    ends: Any = select(Post.expires_at.label("at"), literal_column("1").label("is_end"), *told)
    # Each kind by itself, so that each is read from its index.
    kinds = [
        appears.where(*seen, Post.kind == kind, Post.published_at >= begin, Post.published_at < end)
        for kind in (policy.POST, policy.PAGE)
    ]
    both = union_all(*kinds, ends.where(*seen, Post.expires_at >= begin, Post.expires_at < end))
    return (await db.execute(both.order_by("at", "id").limit(MOST_IN_MONTH))).all()


def _parts(viewer: User, now: datetime) -> dict[str, tuple[list[ColumnElement[bool]], tuple[Any, ...]]]:
    """Select each part of a desk, in the order of how soon it needs somebody.

    What others wrote is on it only where the viewer has to look at it. Scheduled pages are in the calendar.
    """
    mine, edits_all = policy.named_in(viewer), policy.may(viewer, policy.Action.EDIT_ALL)
    watched = policy.seen_by(viewer) if edits_all else mine
    published = Post.status == policy.PUBLISHED
    waiting = {"waiting": ([Post.status == policy.PENDING], (Post.saved_at, Post.id))}
    in_review = {"in_review": ([mine, Post.status == policy.PENDING], (Post.saved_at.desc(), Post.id.desc()))}
    return {
        **(waiting if edits_all else in_review),
        "unseen": (
            [mine, published, Post.revision_number != Post.shown_revision],
            (Post.saved_at.desc(), Post.id.desc()),
        ),
        "drafts": ([mine, Post.status == Status.DRAFT], (Post.saved_at.desc(), Post.id.desc())),
        "scheduled": (
            [watched, published, Post.kind == policy.POST, Post.published_at > now],
            (Post.published_at, Post.id),
        ),
        "ending": ([watched, policy.live(now), Post.expires_at > now], (Post.expires_at, Post.id)),
        "published": ([watched, policy.listed(now)], (Post.published_at.desc(), Post.id.desc())),
    }


def _in_order(name: str, posts: list[Post]) -> list[Post]:
    key, is_newest_first = _ORDERS[name]
    return sorted(posts, key=key, reverse=is_newest_first)


_BYLINE = (
    joinedload(Post.owner, innerjoin=True),
    selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
)
# As the parts are ordered in SQL; True where the newest comes first.
_ORDERS: dict[str, tuple[Callable[[Post], Any], bool]] = {
    "waiting": (lambda post: (post.saved_at, post.id), False),
    "in_review": (lambda post: (post.saved_at, post.id), True),
    "unseen": (lambda post: (post.saved_at, post.id), True),
    "drafts": (lambda post: (post.saved_at, post.id), True),
    "scheduled": (lambda post: (post.published_at, post.id), False),
    "ending": (lambda post: (post.expires_at, post.id), False),
    "published": (lambda post: (post.published_at, post.id), True),
}
