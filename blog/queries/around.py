"""A post as its page shows it: with its byline and tags, the posts before and after, and a few alike, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from blog import policy
from blog.database.gathering import Gathered, Listed, moment_of
from blog.models import CoAuthor, Kind, Media, Post, SimilarPost, Tag, User
from blog.queries.cards import TAGS
from blog.queries.posts import at_slug

MOST_RELATED = 3


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A post that a reader may go on to."""

    slug: str
    title: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """The posts that a reader may go on to."""

    previous: Neighbour | None
    next: Neighbour | None
    related: Sequence[Neighbour]


async def with_around(db: AsyncSession, slug: str, viewer: User | None, now: datetime) -> tuple[Post, Around] | None:
    """Fetch the post at a public address, if that shows this viewer anything, and what stands around it."""
    openable = None if viewer is None else policy.openable_by(viewer, now)
    statement = _FOR_READERS if openable is None else _whole(openable)
    row = (await db.execute(statement, {"slug": slug, "now": now})).one_or_none()
    if row is None:
        return None
    post, tags, co_authors, before, after, found_here, found_there = row
    set_committed_value(post, "tags", [Tag(name=name, slug=slug) for _, name, slug in sorted(tags)])
    set_committed_value(post, "co_authors", [_co_author(*told) for _, *told in sorted(co_authors)])
    # Two posts may each have found the other.
    best_first = sorted([*found_here, *found_there], reverse=True)
    alike = {post_id: told for _, post_id, *told in best_first}
    return post, Around(
        _neighbour(before), _neighbour(after), [_of(told) for told in list(alike.values())[:MOST_RELATED]]
    )


def _neighbour(told: list[str] | None) -> Neighbour | None:
    return _of(told) if told else None


def _of(told: list[str]) -> Neighbour:
    slug, title, published_at = told
    return Neighbour(slug, title, moment_of(published_at))


def _co_author(user_id: int, name: str, username: str, picture: str | None) -> CoAuthor:
    user = User(id=user_id, name=name, username=username)
    set_committed_value(user, "picture", Media(name=picture) if picture else None)
    place = CoAuthor(user_id=user_id)
    set_committed_value(place, "user", user)
    return place


def _whole(openable: ColumnElement[bool]) -> Select[Any]:
    found = at_slug(bindparam("slug"), Kind.POST, openable)
    return found.add_columns(TAGS, _co_authors(), *_neighbours(), *_related())


def _co_authors() -> ScalarSelect[Any]:
    picture = select(Media.name).where(Media.id == _person.picture_id).scalar_subquery()
    query = select(Gathered(CoAuthor.position, _person.id, _person.name, _person.username, picture))
    query = query.join(_person, _person.id == CoAuthor.user_id).where(CoAuthor.post_id == Post.id)
    return query.correlate(Post).scalar_subquery()


def _neighbours() -> tuple[ScalarSelect[Any], ScalarSelect[Any]]:
    one = aliased(Post)
    here, place = tuple_(Post.published_at, Post.id), tuple_(one.published_at, one.id)
    told = select(Listed(one.slug, one.title, one.published_at)).limit(1).correlate(Post)
    # Neither database begins reading at a comparison of pairs; at a plain one both do, SQLite at the first of two.
    before = told.where(one.published_at <= Post.published_at, place < here, policy.listed(_NOW, one))
    after = told.where(one.published_at >= Post.published_at, place > here, policy.listed(_NOW, one))
    return (
        before.order_by(one.published_at.desc(), one.id.desc()).scalar_subquery(),
        after.order_by(one.published_at, one.id).scalar_subquery(),
    )


def _related() -> tuple[ScalarSelect[Any], ScalarSelect[Any]]:
    one, told = aliased(Post), aliased(SimilarPost)
    query = select(told.score, one.id, one.slug, one.title, one.published_at).where(policy.listed(_NOW, one))
    found_here = query.where(told.other_id == one.id, told.post_id == Post.id)
    found_there = query.where(told.post_id == one.id, told.other_id == Post.id)
    return _most_alike(found_here, told.score, one.id), _most_alike(found_there, told.score, one.id)


def _most_alike(query: Select[*tuple[Any, ...]], score: Any, post_id: Any) -> ScalarSelect[Any]:
    best = query.order_by(score.desc(), post_id.desc()).limit(MOST_RELATED).correlate(Post).subquery()
    return select(Gathered(*best.c)).correlate(Post).scalar_subquery()


_person = aliased(User)
_NOW: Any = bindparam("now", type_=Post.published_at.type)
_FOR_READERS = _whole(policy.openable_by(None, _NOW))
