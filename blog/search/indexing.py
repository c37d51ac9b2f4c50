"""Taking posts in: what they say, and which others are like them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, insert, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from blog.content.worker import in_turn
from blog.database import Sessions, begin_write
from blog.database.gathering import Gathered
from blog.models import Post, SearchText, SimilarPost, Tag
from blog.models.post import post_tags
from blog.queries.upsert import insert as insert_or_update
from blog.search.document import Document
from blog.search.due import take_in_due
from blog.search.engine import engine_of
from blog.search.terms import COUNTED

MOST_SIMILAR = 8
MOST_SHOWN, MOST_WAITING = 300, 100
"""Posts of one tag that are looked at for similar ones: the newest of those that readers see, and of all others."""
LIKELY_WORDS = 16
TELLING_WORDS = 6
SHORTEST_TELLING = 4
WORDS_SCORE = 0.9
BATCH = 50


@dataclass(frozen=True, slots=True)
class Words:
    """What search is to know of a post: its body without markup, and its words taken apart.

    The post needs its id and its tags.
    """

    post: Post
    text: str
    document: Document


async def take_in(db: AsyncSession, post: Post, text: str, document: Document) -> None:
    """Make a post findable by what it says now; the caller commits. `text` is its body without markup.

    It is taken in whatever its state is: who may find it is asked when it is looked for.
    """
    await take_in_all(db, [Words(post, text, document)])


async def take_in_all(db: AsyncSession, some: Sequence[Words]) -> None:
    """Make a few posts findable, with nearly as few statements as one; the caller commits."""
    if not some:
        return
    stored = insert_or_update(db, SearchText)
    changes = {"language": stored.excluded.language, "text": stored.excluded.text}
    rows = [{"post_id": one.post.id, "language": one.document.language, "text": one.text} for one in some]
    await db.execute(stored.values(rows).on_conflict_do_update(index_elements=["post_id"], set_=changes))
    await engine_of(db).put(db, [(one.post.id, one.document) for one in some])
    await _find_similar(db, some)


def document_of(post: Post, text: str, language: str) -> Document:
    """Take a post apart; `language` is the site's, for a post that names none."""
    about = " ".join([post.excerpt, *(tag.name for tag in post.tags)])
    return Document.of(post.title, about, text, post.language or language)


async def catch_up(sessions: Sessions, language: str) -> int:
    """Take in every post that is missing, was taken in under another language, or is due; give how many there were.

    It goes on where it was stopped: each few posts are committed.
    """
    done = last = 0
    while True:
        async with sessions() as db:
            await begin_write(db)
            wanted = func.coalesce(Post.language, language)
            missing = or_(SearchText.post_id.is_(None), SearchText.language != wanted)
            query = select(Post, SearchText.text).outerjoin(SearchText, SearchText.post_id == Post.id).where(missing)
            query = query.where(Post.id > last)
            options = (selectinload(Post.tags), undefer(Post.html))
            rows = (await db.execute(query.options(*options).order_by(Post.id).limit(BATCH))).all()
            some = []
            for post, text in rows:
                # Posts from before there was a search have their HTML only.
                words = text if text is not None else post.markup.striptags()
                some.append(Words(post, words, await in_turn(document_of, post, words, language)))
            await take_in_all(db, some)
            await db.commit()
        if not rows:
            return done + await take_in_due(sessions)
        done, last = done + len(rows), rows[-1][0].id


async def clear(db: AsyncSession) -> None:
    """Empty the index, on both databases; what is kept of posts for it stays."""
    await db.execute(delete(table("search_index")))


async def fill(db: AsyncSession, progress: Callable[[int], None]) -> None:
    """Fill the empty index from what is kept of posts for it; the caller commits. Tells how many are in it."""
    done = last = 0
    while True:
        query = select(Post, SearchText.text, SearchText.language).join(SearchText, SearchText.post_id == Post.id)
        query = query.where(Post.id > last).options(selectinload(Post.tags)).order_by(Post.id).limit(BATCH)
        rows = (await db.execute(query)).all()
        documents = await asyncio.to_thread(lambda rows: [document_of(*row) for row in rows], rows)
        if not rows:
            return
        pairs = zip(rows, documents, strict=True)
        await engine_of(db).put(db, [(post.id, document) for (post, *_), document in pairs])
        done, last = done + len(rows), rows[-1][0].id
        progress(done)


async def _find_similar(db: AsyncSession, some: Sequence[Words]) -> None:
    """Note for each post those that share tags with it, then those that share words which few posts have."""
    sharing = await _sharing_tags(db, some)
    telling = await _telling(db, [_likely(one.document) for one in some])
    rows = []
    for one, stems in zip(some, telling, strict=True):
        post_id = one.post.id
        scores: Counter[int] = Counter(sharing[post_id])
        found = await engine_of(db).alike(db, stems, post_id, MOST_SIMILAR) if stems else []
        best = max((score for _, score in found), default=0.0) or 1.0
        for other, score in found:
            # Words alone never outweigh a tag.
            scores[other] += score / best * WORDS_SCORE
        best_ones = scores.most_common(MOST_SIMILAR)
        rows += [{"post_id": post_id, "other_id": other, "score": score} for other, score in best_ones]
    await db.execute(delete(SimilarPost).where(SimilarPost.post_id.in_([one.post.id for one in some])))
    if rows:
        await db.execute(insert(SimilarPost), rows)


async def _sharing_tags(db: AsyncSession, some: Sequence[Words]) -> dict[int, dict[int, float]]:
    """Count for each post the tags that it shares with others, the newest of each tag; of these only the best few."""
    mine = select(post_tags.c.post_id, post_tags.c.tag_id).where(post_tags.c.post_id.in_([one.post.id for one in some]))
    pairs = (await db.execute(mine)).all()
    newest = select(Tag.id, _NEWEST, _WAITING).where(Tag.id.in_({tag_id for _, tag_id in pairs}))
    under = {tag_id: [*shown, *waiting] for tag_id, shown, waiting in await db.execute(newest)}
    shared: dict[int, Counter[int]] = {one.post.id: Counter() for one in some}
    for post_id, tag_id in pairs:
        shared[post_id].update(other for (other,) in under[tag_id] if other != post_id)
    return {post_id: _best(counted) for post_id, counted in shared.items()}


def _best(counted: Counter[int]) -> dict[int, float]:
    """Choose the posts that share the most, of equals the newest."""
    return {other: counted[other] for other in nlargest(MOST_SIMILAR, counted, key=lambda one: (counted[one], one))}


def _under_tag(is_shown: ColumnElement[bool], most: int) -> ScalarSelect[Any]:
    order = (post_tags.c.live_at.desc(), post_tags.c.post_id.desc())
    query = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id, is_shown).order_by(*order).limit(most)
    found = query.correlate(Tag).subquery()
    return select(Gathered(found.c.post_id)).correlate(Tag).scalar_subquery()


def _likely(document: Document) -> list[str]:
    """Choose the stems that may say what a post is about: those of its title, then those it repeats."""
    repeated = Counter([stem for plain, stem in document.body.words if len(plain) >= SHORTEST_TELLING])
    of_title = [stem for plain, stem in document.title.words if len(plain) >= SHORTEST_TELLING]
    often = [stem for stem, times in repeated.most_common(LIKELY_WORDS) if times > 1]
    return list(dict.fromkeys([*of_title, *often]))[:LIKELY_WORDS]


async def _telling(db: AsyncSession, likely: Sequence[Sequence[str]]) -> list[list[str]]:
    """Choose for each post the stems that the fewest posts hold; what nearly all or no others hold tells nothing."""
    wanted = sorted({stem for stems in likely for stem in stems})
    if not wanted:
        return [[] for _ in likely]
    posts = await db.scalar(select(func.max(SearchText.post_id))) or 0
    held = await engine_of(db).held_by(db, wanted)
    most = min(max(posts // 5, 3), COUNTED - 1)
    rare = (sorted((held[stem], stem) for stem in stems if 1 < held.get(stem, 0) <= most) for stems in likely)
    return [[stem for _, stem in stems[:TELLING_WORDS]] for stems in rare]


_NEWEST = _under_tag(post_tags.c.live_at.is_not(None), MOST_SHOWN)
_WAITING = _under_tag(post_tags.c.live_at.is_(None), MOST_WAITING)
