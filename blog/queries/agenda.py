"""What lies on a writer's desk, and when things appear and end: lists that the desk's first page and calendar show."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, literal, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from blog import policy
from blog.database import plan_for_values
from blog.models import CoAuthor, Post, Status, User
from blog.queries.archive import Period
from blog.queries.days import live_total
from blog.queries.own import on_desk_of

MOST_OF_EACH = 5
MOST_IN_MONTH = 600
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a desk: its first posts in their order, and how many there are in all."""

    posts: Sequence[Post]
    total: int


async def desk_of(db: AsyncSession, viewer: User, now: datetime) -> Mapping[str, Part]:
    """Fetch what lies on somebody's desk in three statements; parts that are not for them are left out."""
    await plan_for_values(db)
    parts, edits_all = _parts(viewer, now), policy.may(viewer, policy.Action.EDIT_ALL)
    counts: list[Any] = []
    firsts: list[Any] = []
    for name, part in parts.items():
        for where in part.places:
            if name != PUBLISHED or not edits_all:
                counts.append(select(literal(name), func.count(Post.id)).where(*where))
            first = select(Post.id).where(*where).order_by(*part.order).limit(MOST_OF_EACH).subquery()
            firsts.append(select(literal(name).label("part"), first.c.id))
    if edits_all:
        counts.append(select(literal(PUBLISHED), live_total(now)))
    totals: Counter[str] = Counter()
    for name, number in await db.execute(union_all(*counts)):
        totals[name] += number
    place = union_all(*firsts).subquery()
    query = select(place.c.part, Post).join(Post, Post.id == place.c.id)
    posts: dict[str, list[Post]] = defaultdict(list)
    for name, post in await db.execute(query.options(*_BYLINE)):
        posts[name].append(post)
    return {name: Part(_in_order(name, posts[name])[:MOST_OF_EACH], totals[name]) for name in parts}


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


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a part holds: each of `places` selects some of it, through an index of its own; none of it stands in two."""

    places: Sequence[Sequence[ColumnElement[bool]]]
    order: tuple[Any, ...]


def _parts(viewer: User, now: datetime) -> dict[str, _Sought]:
    """Select each part of a desk, in the order of how soon it needs somebody.

    What others wrote is on it only where the viewer has to look at it. Scheduled pages are in the calendar.
    """
    edits_all = policy.may(viewer, policy.Action.EDIT_ALL)
    with_others = select(CoAuthor.post_id).where(CoAuthor.user_id == viewer.id)
    shared = and_(Post.owner_id != viewer.id, Post.id.in_(with_others))
    newest_first = (Post.saved_at.desc(), Post.id.desc())

    def mine(*where: ColumnElement[bool]) -> Sequence[Sequence[ColumnElement[bool]]]:
        return [(Post.owner_id == viewer.id, *where), (shared, *where)]

    def watched(*where: ColumnElement[bool]) -> Sequence[Sequence[ColumnElement[bool]]]:
        return [where] if edits_all else mine(*where)

    pending, published = Post.status == policy.PENDING, Post.status == policy.PUBLISHED
    changed, later = Post.revision_number != Post.shown_revision, Post.published_at > now
    # With both kinds, with which the index of what ends begins; SQLite would read one of all posts.
    ending = (Post.kind.in_((policy.POST, policy.PAGE)), Post.expires_at > now, policy.live(now))
    waiting = {"waiting": _Sought([[policy.reviewable_by(viewer)]], (Post.saved_at, Post.id))}
    in_review = {"in_review": _Sought(mine(pending), newest_first)}
    return {
        **(waiting if edits_all else in_review),
        "unseen": _Sought(mine(published, changed), newest_first),
        "drafts": _Sought(mine(Post.status == Status.DRAFT), newest_first),
        "scheduled": _Sought(watched(published, Post.kind == policy.POST, later), (Post.published_at, Post.id)),
        "ending": _Sought(watched(*ending), (Post.expires_at, Post.id)),
        PUBLISHED: _Sought(watched(policy.listed(now)), (Post.published_at.desc(), Post.id.desc())),
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
    PUBLISHED: (lambda post: (post.published_at, post.id), True),
}
