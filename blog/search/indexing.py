"""Taking posts in: what they say, and which others are like them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import delete, func, insert, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from blog.content.worker import off_loop
from blog.database import Sessions, begin_write
from blog.models import Post, SearchText, SimilarPost
from blog.models.post import post_tags
from blog.queries.upsert import insert as insert_or_update
from blog.search.document import Document
from blog.search.due import take_in_due
from blog.search.engine import engine_of

MOST_SIMILAR = 8
LIKELY_WORDS = 16
TELLING_WORDS = 6
SHORTEST_TELLING = 4
WORDS_SCORE = 0.9
BATCH = 50


async def take_in(db: AsyncSession, post: Post, text: str, document: Document) -> None:
    """Make a post findable by what it says now; the caller commits. `text` is its body without markup.

    The post needs its id and its tags. It is taken in whatever its state is: who may find it is asked when it is
    looked for.
    """
    row = {"post_id": post.id, "language": document.language, "text": text}
    stored = insert_or_update(db, SearchText).values(**row)
    await db.execute(stored.on_conflict_do_update(index_elements=["post_id"], set_=row))
    await engine_of(db).put(db, post.id, document)
    await _find_similar(db, post, document)


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
            for post, text in rows:
                # Posts from before there was a search have their HTML only.
                words = text if text is not None else post.markup.striptags()
                await take_in(db, post, words, await off_loop(document_of, post, words, language))
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
        for (post, *_), document in zip(rows, documents, strict=True):
            await engine_of(db).put(db, post.id, document)
        if not rows:
            return
        done, last = done + len(rows), rows[-1][0].id
        progress(done)


async def _find_similar(db: AsyncSession, post: Post, document: Document) -> None:
    """Note the posts that share tags with this one, then those that share words which few posts have."""
    scores: Counter[int] = Counter()
    for other, shared in await _sharing_tags(db, post):
        scores[other] += shared
    if stems := await _telling(db, _likely(document)):
        found = await engine_of(db).alike(db, stems, post.id, MOST_SIMILAR)
        best = max((score for _, score in found), default=0.0) or 1.0
        for other, score in found:
            # Words alone never outweigh a tag.
            scores[other] += score / best * WORDS_SCORE
    await db.execute(delete(SimilarPost).where(SimilarPost.post_id == post.id))
    if rows := [
        {"post_id": post.id, "other_id": other, "score": score} for other, score in scores.most_common(MOST_SIMILAR)
    ]:
        await db.execute(insert(SimilarPost), rows)


async def _sharing_tags(db: AsyncSession, post: Post) -> Sequence[tuple[int, int]]:
    if not post.tags:
        return []
    shared = func.count().label("shared")
    query = select(post_tags.c.post_id, shared).where(post_tags.c.tag_id.in_([tag.id for tag in post.tags]))
    query = query.where(post_tags.c.post_id != post.id).group_by(post_tags.c.post_id)
    rows = await db.execute(query.order_by(shared.desc(), post_tags.c.post_id.desc()).limit(MOST_SIMILAR))
    return [(other, count) for other, count in rows]


def _likely(document: Document) -> list[str]:
    """Choose the stems that may say what a post is about: those of its title, then those it repeats."""
    repeated = Counter(word.stem for word in document.body.words if len(word.plain) >= SHORTEST_TELLING)
    of_title = [word.stem for word in document.title.words if len(word.plain) >= SHORTEST_TELLING]
    often = [stem for stem, times in repeated.most_common(LIKELY_WORDS) if times > 1]
    return list(dict.fromkeys([*of_title, *often]))[:LIKELY_WORDS]


async def _telling(db: AsyncSession, stems: Sequence[str]) -> list[str]:
    """Choose the stems that the fewest posts hold; what nearly all or no others hold tells nothing."""
    if not stems:
        return []
    posts = await db.scalar(select(func.max(SearchText.post_id))) or 0
    held = await engine_of(db).held_by(db, stems)
    rare = sorted((count, stem) for stem, count in held.items() if 1 < count <= max(posts // 5, 3))
    return [stem for _, stem in rare[:TELLING_WORDS]]
