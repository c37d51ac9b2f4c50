"""From a query to the posts and pages that it finds, best first, with the words around what was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.database import plan_for_values
from blog.models import Post, SearchText, User
from blog.queries.page import Page
from blog.search.engine import engine_of
from blog.search.excerpts import Marked, excerpt, marked
from blog.search.terms import MOST_RANKED, Term

PAGE_SIZE = 10
FEW = 200
"""Posts that are looked at one by one for what they hold; among more of them all that hold it are looked at instead."""
Ids = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found, its title and a part of its text with what was looked for marked in them."""

    post: Post
    title: Marked
    excerpt: Marked


async def results(
    db: AsyncSession, viewer: User | None, now: datetime, terms: Sequence[Term], number: int
) -> Page[Found] | None:
    """Fetch a page of what readers may find; None when it is past the end.

    Who may not read a members' post finds it by its title, tags and excerpt only: its text cannot be guessed at.
    """
    await plan_for_values(db)
    query = await _matching(db, viewer, now, terms)
    ranked = query.order_by(query.selected_columns.score.desc(), Post.published_at.desc(), Post.id.desc())
    every = [row.id for row in await db.execute(ranked)]
    pages = max(1, -(-len(every) // PAGE_SIZE))
    if number > pages:
        return None
    ids = every[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    shown = select(Post, SearchText, policy.readable_by(viewer, now)).join(SearchText).where(Post.id.in_(ids))
    rows = {post.id: _found(post, text, bool(readable), terms) for post, text, readable in await db.execute(shown)}
    return Page([rows[post_id] for post_id in ids if post_id in rows], number, pages, len(every))


@dataclass(frozen=True, slots=True)
class Held:
    """The ids of the newest posts that hold some terms, whoever may see them, and of those that a heading tells it of."""

    everywhere: Sequence[int]
    in_headings: Sequence[int]

    @property
    def is_cut(self) -> bool:
        """Whether more posts hold them than are looked at."""
        return len(self.everywhere) >= MOST_RANKED


async def held(db: AsyncSession, terms: Sequence[Term], among: Ids | None = None) -> Held:
    """Find the newest posts that hold these terms; of those that `among` selects, if it does."""
    newest = await _newest(db, terms, among)
    everywhere = list(await db.scalars(newest()))
    since = literal(min(everywhere, default=0))
    in_headings = list(await db.scalars(newest(headings_only=True, since=since))) if everywhere else []
    await engine_of(db).leave_way(db)
    return Held(everywhere, in_headings)


async def headed(db: AsyncSession, terms: Sequence[Term], among: Ids | None = None) -> Sequence[int]:
    """Find the newest posts that hold these terms in title, excerpt or tags; of those that `among` selects, if it does."""
    newest = await _newest(db, terms, among)
    found = list(await db.scalars(newest(headings_only=True)))
    await engine_of(db).leave_way(db)
    return found


async def _newest(db: AsyncSession, terms: Sequence[Term], among: Ids | None) -> Callable[..., Select[Any]]:
    await plan_for_values(db)
    engine = engine_of(db)
    way = await engine.choose_way(db, terms)
    few = [] if among is None else (await db.scalars(among.limit(FEW + 1))).all()
    return partial(engine.newest, terms, way, among=among if len(few) > FEW else few or among)


async def _matching(db: AsyncSession, viewer: User | None, now: datetime, terms: Sequence[Term]) -> Select[Any]:
    engine = engine_of(db)
    way = await engine.choose_way(db, terms)
    everywhere = engine.matches(terms, way).cte("everywhere")
    query = select(Post.id, everywhere.c.score).join(everywhere, everywhere.c.post_id == Post.id)
    query = query.where(policy.live(now))
    if policy.may(viewer, policy.Action.READ_MEMBERS):
        return query
    # Of none that is older: a word of most texts that few titles hold would be looked for in all of them.
    since = select(func.min(everywhere.c.post_id)).scalar_subquery()
    headings = engine.newest(terms, way, headings_only=True, since=since)
    return query.where(or_(policy.readable_by(viewer, now), Post.id.in_(headings)))


def _found(post: Post, text: SearchText, readable: bool, terms: Sequence[Term]) -> Found:
    title = marked(post.title, terms, text.language)
    return Found(post, title, excerpt(text.text if readable else post.teaser, terms, text.language))
