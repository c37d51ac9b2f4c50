"""Posts whose tags changed, many at once: noted in the transaction of the change, taken in a few at a time after it.

Indexing fifty thousand posts takes minutes; nobody else could write for as long. Only what the index holds of their
tags and excerpts is written anew, so their texts are not read.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.worker import in_turn
from blog.database import Sessions, begin_write
from blog.models import Post, SearchDue, SearchText, Tag
from blog.models.post import post_tags
from blog.search.document import Part
from blog.search.engine import engine_of

BATCH = 50
PAUSE_SECONDS = 0.05
"""Between two of these transactions; on SQLite others who write find their turn in it."""


async def note_due(db: AsyncSession, posts: Select[int]) -> None:
    """Note that the posts of these ids have other tags now; the caller commits, and then has them taken in."""
    await db.execute(insert(SearchDue).from_select(["post_id"], posts))


async def take_in_due(sessions: Sessions) -> int:
    """Take in all posts that are due, each few in a transaction of their own; give how many there were.

    What is left when the process ends, the next change or `blog migrate` goes on with.
    """
    done = 0
    while True:
        async with sessions() as db:
            await begin_write(db)
            ids = await _taken_off(db)
            await _index_anew(db, ids)
            await db.commit()
        if not ids:
            return done
        done += len(ids)
        await asyncio.sleep(PAUSE_SECONDS)


async def _taken_off(db: AsyncSession) -> list[int]:
    """Take some posts off the list; whoever changes their tags now notes them again."""
    first = select(SearchDue.id).order_by(SearchDue.id).limit(BATCH).scalar_subquery()
    rows = await db.scalars(delete(SearchDue).where(SearchDue.id.in_(first)).returning(SearchDue.post_id))
    return sorted(set(rows))


async def _index_anew(db: AsyncSession, ids: Sequence[int]) -> None:
    query = select(Post.id, Post.excerpt, SearchText.language).join(SearchText, SearchText.post_id == Post.id)
    # Held, so that a save at the same moment comes before or after, not between.
    posts = (
        await db.execute(query.where(Post.id.in_(ids)).order_by(Post.id).with_for_update(read=True, of=Post))
    ).all()
    names = select(post_tags.c.post_id, Tag.name).join(Tag, Tag.id == post_tags.c.tag_id)
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for post_id, name in await db.execute(names.where(post_tags.c.post_id.in_(ids)).order_by(Tag.key)):
        tags[post_id].append(name)
    abouts = [(post_id, " ".join([excerpt, *tags[post_id]]), language) for post_id, excerpt, language in posts]
    if abouts:
        await engine_of(db).put_about(db, await in_turn(_apart, abouts))


def _apart(abouts: Sequence[tuple[int, str, str]]) -> list[tuple[int, Any]]:
    return [(post_id, Part.of(about, language)) for post_id, about, language in abouts]
