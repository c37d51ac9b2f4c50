"""The posts of tags and authors are counted as they come and go: whatever happens, the numbers are those of a recount."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from cast import DAY, TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import Sessions, begin_write, make_engine, make_sessions
from blog.models import CoAuthor, Kind, Post, PostCount, Status, Tag, User
from blog.models.post import post_tags
from blog.queries import leaving, merging, posts
from blog.queries.posts import Within
from blog.queries.tags import with_counts
from blog.settings import Settings

POSTS, PEOPLE, TAGS = range(1, 5), range(1, 4), range(1, 4)
MOMENTS = [None, *(TODAY + hours * timedelta(hours=1) for hours in (-40, -20, 0, 20, 40))]
post, person, tag = st.sampled_from(POSTS), st.sampled_from(PEOPLE), st.sampled_from(TAGS)
some_posts = st.sets(post, min_size=1)
COLUMNS = {
    "status": st.sampled_from([Status.DRAFT, Status.PUBLISHED, Status.TRASHED]),
    "kind": st.sampled_from(Kind),
    "published_at": st.sampled_from(MOMENTS),
    "expires_at": st.sampled_from(MOMENTS),
    "owner_id": person,
    "title": st.just("Changed"),
}
SOME = st.fixed_dictionaries({}, optional=COLUMNS).filter(bool)
VALUES = st.one_of(SOME, *(st.fixed_dictionaries({name: values}) for name, values in COLUMNS.items()))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), post, VALUES),
        st.tuples(st.just("change"), some_posts, VALUES),
        st.tuples(st.just("delete"), some_posts, st.none()),
        st.tuples(st.just("tag"), post, tag),
        st.tuples(st.just("untag"), some_posts, tag),
        st.tuples(st.just("retag"), tag, tag),
        st.tuples(st.just("add author"), post, person),
        st.tuples(st.just("drop author"), some_posts, person),
        st.tuples(st.just("change author"), person, person),
        st.tuples(st.just("byline"), post, st.lists(person, unique=True)),
        st.tuples(st.just("pass on"), person, person),
        st.tuples(st.just("merge"), tag, tag),
        st.tuples(st.just("wait"), st.sampled_from([timedelta(hours=1), timedelta(hours=30)]), st.none()),
    ),
    min_size=1,
    max_size=25,
)


def made(number: int) -> dict[str, Any]:
    return {
        "id": number, "owner_id": 1, "kind": Kind.POST, "status": Status.PUBLISHED, "title": f"Post {number}",
        "slug": f"post-{number}", "contents": [], "created_at": TODAY, "updated_at": TODAY, "saved_at": TODAY,
        "published_at": TODAY - DAY,
    }  # fmt: skip


async def begin(db: AsyncSession) -> None:
    for number in PEOPLE:
        db.add(User(id=number, name=f"P {number}", username=f"p-{number}", role="author", created_at=TODAY))
    for number in TAGS:
        db.add(Tag(id=number, name=f"T {number}", key=f"t {number}", slug=f"t-{number}", description=""))
    await db.flush()
    await db.execute(insert(Post), [made(number) for number in POSTS])
    await db.execute(insert(post_tags), [{"post_id": number, "tag_id": number % 2 + 1} for number in POSTS])
    await db.execute(
        insert(CoAuthor), [{"post_id": number, "user_id": 1 + number % 3, "position": 0} for number in POSTS]
    )


async def recounted(db: AsyncSession, now: Any) -> tuple[Counter[int], Counter[int]]:
    """Look at every post by itself, in Python."""
    everyone = [one for one in await db.scalars(select(Post)) if one.is_live(now) and one.kind == Kind.POST]
    live = {one.id: one.owner_id for one in everyone}
    bylines = set(live.items())
    bylines |= {(a, b) for a, b in await db.execute(select(CoAuthor.post_id, CoAuthor.user_id)) if a in live}
    tagged = [b for a, b in await db.execute(select(post_tags.c.post_id, post_tags.c.tag_id)) if a in live]
    return Counter(tagged), Counter(owner for _, owner in bylines)


async def insist(db: AsyncSession, now: Any, step: object) -> None:
    db.expire_all()
    under_tags, by_authors = await recounted(db, now)
    assert {one.id: number for one, number in await with_counts(db, now)} == under_tags, step
    for number in PEOPLE:
        author = await db.get_one(User, number)
        counted = await posts.count(db, now, Within(author=author))
        assert (counted, type(counted)) == (by_authors[number], int), (step, number)
        listed = [within async for within in walked(db, now, Within(author=author), by_authors[number])]
        assert len(listed) == len(set(listed)) == by_authors[number], (step, number)
    for one in await db.scalars(select(Tag)):
        assert await posts.count(db, now, Within(tag=one)) == under_tags[one.id], (step, one.id)
        listed = [within async for within in walked(db, now, Within(tag=one), under_tags[one.id])]
        assert len(listed) == len(set(listed)) == under_tags[one.id], (step, one.id)


async def walked(db: AsyncSession, now: Any, within: Within, total: int) -> Any:
    """Give the paths of all posts of a part of the site, in pages of two."""
    for number in range(1, -(-total // 2) + 1):
        found = await posts.live_page(db, now, number, 2, total, within)
        assert found
        for one in found.items:
            yield one.path


async def do(db: AsyncSession, what: str, one: Any, other: Any) -> None:
    """Take one step, if it can be taken."""
    quiet = {"synchronize_session": False}
    match what:
        case "make":
            await db.execute(delete(Post).where(Post.id == one), execution_options=quiet)
            await db.execute(insert(Post), [made(one) | other])
        case "change":
            await db.execute(update(Post).where(Post.id.in_(one)).values(**other), execution_options=quiet)
        case "delete":
            await db.execute(delete(Post).where(Post.id.in_(one)), execution_options=quiet)
        case "tag" if await is_there(db, Post, one) and await is_there(db, Tag, other):
            await db.execute(delete(post_tags).where(post_tags.c.post_id == one, post_tags.c.tag_id == other))
            await db.execute(insert(post_tags).values(post_id=one, tag_id=other))
        case "untag":
            await db.execute(delete(post_tags).where(post_tags.c.post_id.in_(one), post_tags.c.tag_id == other))
        case "retag" if await is_there(db, Tag, other):
            has = select(post_tags.c.post_id).where(post_tags.c.tag_id == other)
            moved = update(post_tags).where(post_tags.c.tag_id == one, post_tags.c.post_id.not_in(has))
            await db.execute(moved.values(tag_id=other))
        case "add author" if await is_there(db, Post, one):
            await db.execute(delete(CoAuthor).where(CoAuthor.post_id == one, CoAuthor.user_id == other))
            await db.execute(insert(CoAuthor), [{"post_id": one, "user_id": other, "position": 0}])
        case "drop author":
            await db.execute(delete(CoAuthor).where(CoAuthor.post_id.in_(one), CoAuthor.user_id == other))
        case "change author":
            has = select(CoAuthor.post_id).where(CoAuthor.user_id == other)
            moved = update(CoAuthor).where(CoAuthor.user_id == one, CoAuthor.post_id.not_in(has))
            await db.execute(moved.values(user_id=other), execution_options=quiet)
        case "byline":
            found = (await db.scalars(select(Post).where(Post.id == one).options(*posts.BYLINE))).one_or_none()
            if found is not None:
                people = {user.id: user for user in await db.scalars(select(User))}
                found.others = [people[number] for number in other]
                await db.flush()
        case "pass on" if one != other:
            await leaving.pass_on(db, await db.get_one(User, one), await db.get_one(User, other))
        case "merge" if one != other and await is_there(db, Tag, one) and await is_there(db, Tag, other):
            old, new = await db.get_one(Tag, one), await db.get_one(Tag, other)
            await merging.merge(db, [old], new)


async def is_there(db: AsyncSession, kind: Any, number: int) -> bool:
    return await db.scalar(select(kind.id).where(kind.id == number)) is not None


def test_whatever_happens_the_counts_are_those_of_a_recount(database: str, copies: Any) -> None:
    url = copies(database)

    @settings(max_examples=50)
    @given(STEPS)
    def lives(steps: list[tuple[str, Any, Any]]) -> None:
        asyncio.run(live_through(url, steps))

    lives()


async def test_who_publishes_under_the_same_tags_in_another_order_waits_for_nobody(sessions: Sessions) -> None:
    async with sessions() as db:
        await begin(db)
        await db.commit()

    async def tag_posts(numbers: list[int], order: list[int], turn: asyncio.Barrier | None) -> None:
        async with sessions() as db:
            await begin_write(db)
            for its_tag in order:
                rows = [{"post_id": number, "tag_id": its_tag} for number in numbers]
                await db.execute(
                    delete(post_tags).where(post_tags.c.post_id.in_(numbers), post_tags.c.tag_id == its_tag)
                )
                await db.execute(insert(post_tags), rows)
                if turn is not None:
                    # Nobody goes on before all have counted under their first tag, nor commits before all are done.
                    await turn.wait()
            await db.commit()

    is_alone = sessions.kw["bind"].dialect.name == "sqlite"
    turn = None if is_alone else asyncio.Barrier(3)
    orders = ([1, 2, 3], [3, 2, 1], [2, 3, 1])
    numbers = ([1], [2], [3, 4])
    writers = [tag_posts(*theirs, turn) for theirs in zip(numbers, orders, strict=True)]
    async with asyncio.timeout(60):
        await asyncio.gather(*writers)
    async with sessions() as db:
        rows = Counter(await db.scalars(select(PostCount.subject_id).where(PostCount.subject == "tag")))
        assert {tag: rows[tag] > 1 for tag in TAGS} == dict.fromkeys(TAGS, not is_alone)
        assert {one.id: number for one, number in await with_counts(db, TODAY)} == dict.fromkeys(TAGS, len(POSTS))
        # What is taken away is counted whichever of the rows it is taken from.
        await begin_write(db)
        await db.execute(delete(post_tags).where(post_tags.c.tag_id.in_([1, 2])))
        await insist(db, TODAY, "taken away")


async def live_through(url: str, steps: list[tuple[str, Any, Any]]) -> None:
    engine, now = make_engine(Settings(database_url=url, secret_key="s" * 40)), TODAY
    async with make_sessions(engine)() as db:
        await begin_write(db)
        await begin(db)
        await insist(db, now, "the beginning")
        for what, one, other in steps:
            if what == "wait":
                now += one
            else:
                await do(db, what, one, other)
            await insist(db, now, (what, one, other))
        await db.rollback()
    await engine.dispose()
