"""From a query to the posts and pages that it finds, best first, with the words around what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.database import plan_for_values
from blog.models import Post, SearchText, User
from blog.queries.page import Page
from blog.search.engine import engine_of
from blog.search.excerpts import Marked, excerpt, marked
from blog.search.terms import Term

PAGE_SIZE = 10


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


def held(db: AsyncSession, terms: Sequence[Term], *, headings_only: bool = False) -> Select[Any]:
    """Select the ids of all posts that hold these terms, whoever may see them; with `headings_only`, not in the text."""
    return engine_of(db).holding(terms, headings_only=headings_only)  # type: ignore[no-any-return]  # of a module


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
