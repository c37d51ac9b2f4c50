"""What is noted when posts are taken in, one by one or a few together."""

from typing import Any

import pytest_asyncio
from cast import DAY, Clock, written
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.models import SearchText, SimilarPost, Tag, User
from blog.search import Words
from blog.search.engine import engine_of

SHELF = {
    "Weaving a quagmire": "A tapestry of quagmire.",
    "Quagmire and tapestry": "Another tapestry, woven slowly.",
    "Something else": "Nothing in it is like the others.",
}


@pytest_asyncio.fixture
async def shelf(db: AsyncSession, clock: Clock) -> list[Words]:
    """Posts that are stored and not taken in yet: the first and the last share a tag, the first two rare words."""
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    tag = Tag(name="Looms", key="looms", slug="looms")
    some = []
    for number, (title, body) in enumerate(SHELF.items()):
        post = written(anna, title, f"shelf-{number}", clock() - DAY, body=body)
        post.tags = [] if number == 1 else [tag]
        db.add(post)
        words = str(post.markup.striptags())
        some.append(Words(post, words, search.document_of(post, words, "en")))
    await db.flush()
    return some


async def alike(db: AsyncSession, some: list[Words]) -> dict[tuple[int, int], float]:
    """Give which of some posts are noted as alike, by their places among them, and how much."""
    places = {one.post.id: place for place, one in enumerate(some)}
    query = select(SimilarPost.post_id, SimilarPost.other_id, SimilarPost.score)
    rows = await db.execute(query.where(SimilarPost.post_id.in_(places), SimilarPost.other_id.in_(places)))
    return {(places[post_id], places[other]): round(score, 2) for post_id, other, score in rows}


async def test_posts_taken_in_together_know_each_other_and_are_held_once(db: AsyncSession, shelf: list[Words]) -> None:
    ids = [one.post.id for one in shelf]
    for _again in range(2):
        await search.take_in_all(db, shelf)
        assert await alike(db, shelf) == {(0, 1): 0.9, (1, 0): 0.9, (0, 2): 1.0, (2, 0): 1.0}
        texts = await db.execute(select(SearchText.post_id, SearchText.text).where(SearchText.post_id.in_(ids)))
        assert dict(map(tuple, texts)) == {one.post.id: one.text for one in shelf}
        found = await engine_of(db).held_by(db, ["quagmir", "tapestri"])
        assert found == {"quagmir": 2, "tapestri": 2}


async def test_of_many_that_share_a_tag_the_newest_few_are_noted(db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    tag = Tag(name="Looms", key="looms", slug="looms")
    posts = [written(anna, f"Loom {number}", f"loom-{number}", clock() - DAY, body="") for number in range(12)]
    for post in posts:
        post.tags = [tag]
    db.add_all(posts)
    await db.flush()
    await search.take_in_all(db, [Words(post, "", search.document_of(post, "", "en")) for post in posts])
    query = select(SimilarPost.other_id).where(SimilarPost.post_id == posts[0].id, SimilarPost.score >= 1)
    assert set(await db.scalars(query)) == {post.id for post in posts[-8:]}


async def test_a_few_posts_cost_the_statements_of_one(db: AsyncSession, statements: Any, shelf: list[Words]) -> None:
    plain = [Words(one.post, "", search.Document.of("", "", "", "en")) for one in shelf]
    alone = await statements(lambda: search.take_in_all(db, plain[:1]))
    together = await statements(lambda: search.take_in_all(db, plain))
    assert len(together) == len(alone) <= 7


async def test_no_posts_cost_nothing(db: AsyncSession, statements: Any) -> None:
    assert await statements(lambda: search.take_in_all(db, [])) == []
