"""Taking posts in: what they say, and which others are like them."""

from collections import Counter
from collections.abc import Sequence
from math import log

from sqlalchemy import Float, cast, delete, func, insert, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from blog.content.worker import off_loop
from blog.database import Sessions, begin_write
from blog.models import Post, SearchText, SimilarPost
from blog.models.post import post_tags
from blog.queries.upsert import insert as insert_or_update
from blog.search.document import Document
from blog.search.engine import engine_of

MOST_SIMILAR = 8
LIKELY_WORDS = 16
TELLING_WORDS = 6
SHORTEST_TELLING = 4
COUNTED = 5000
TAG_SCORE = 20.0
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
    """Take in every post that is missing or was taken in under another language; give how many there were.

    It goes on where it was stopped: each few posts are committed.
    """
    done = 0
    while True:
        async with sessions() as db:
            await begin_write(db)
            wanted = func.coalesce(Post.language, language)
            missing = or_(SearchText.post_id.is_(None), SearchText.language != wanted)
            query = select(Post, SearchText.text).outerjoin(SearchText, SearchText.post_id == Post.id).where(missing)
            options = (selectinload(Post.tags), undefer(Post.html))
            rows = (await db.execute(query.options(*options).order_by(Post.id).limit(BATCH))).all()
            for post, text in rows:
                # Posts from before there was a search have their HTML only.
                words = text if text is not None else post.markup.striptags()
                await take_in(db, post, words, await off_loop(document_of, post, words, language))
            await db.commit()
        if not rows:
            return done
        done += len(rows)


async def _find_similar(db: AsyncSession, post: Post, document: Document) -> None:
    """Note the posts that share tags with this one, or words that few posts have."""
    scored = [
        select(post_tags.c.post_id, literal(TAG_SCORE, Float).label("worth"))
        .where(post_tags.c.tag_id == tag.id)
        .order_by(post_tags.c.post_id.desc())
        .limit(COUNTED)
        for tag in post.tags
    ]
    for stem, worth in await _telling(db, _likely(document)):
        found = engine_of(db).with_stem(stem).subquery()
        scored.append(select(found.c.post_id, literal(worth, Float).label("worth")).limit(COUNTED))
    await db.execute(delete(SimilarPost).where(SimilarPost.post_id == post.id))
    if not scored:
        return
    each = union_all(*(select(part.subquery()) for part in scored)).subquery()
    total = func.sum(cast(each.c.worth, Float)).label("total")
    best = select(each.c.post_id, total).where(each.c.post_id != post.id).group_by(each.c.post_id)
    found = (await db.execute(best.order_by(total.desc(), each.c.post_id.desc()).limit(MOST_SIMILAR))).all()
    if found:
        rows = [{"post_id": post.id, "other_id": other, "score": score} for other, score in found]
        await db.execute(insert(SimilarPost), rows)


def _likely(document: Document) -> list[str]:
    """Choose the stems that may say what a post is about: those of its title, then those it repeats."""
    repeated = Counter(word.stem for word in document.body.words if len(word.plain) >= SHORTEST_TELLING)
    of_title = [word.stem for word in document.title.words if len(word.plain) >= SHORTEST_TELLING]
    often = [stem for stem, times in repeated.most_common(LIKELY_WORDS) if times > 1]
    return list(dict.fromkeys([*of_title, *often]))[:LIKELY_WORDS]


async def _telling(db: AsyncSession, stems: Sequence[str]) -> list[tuple[str, float]]:
    """Weigh stems by how few posts hold them; what nearly all or no others hold tells nothing."""
    if not stems:
        return []
    posts = min(await db.scalar(select(func.count()).select_from(SearchText)) or 0, COUNTED)
    counts = [
        select(literal(number), func.count()).select_from(engine_of(db).with_stem(stem).limit(COUNTED).subquery())
        for number, stem in enumerate(stems)
    ]
    held = [(stems[number], count) for number, count in await db.execute(union_all(*counts))]
    rare = sorted((count, stem) for stem, count in held if 1 < count <= max(posts // 5, 3))
    return [(stem, log(1 + posts / count)) for count, stem in rare[:TELLING_WORDS]]
