"""Editors keep the tags in order: search, rename, merge and delete them; no address that readers knew leads nowhere."""

import asyncio
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, Clock, written
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.models import Event, Post, Redirect, SearchDue, Site, Tag, User
from blog.models.post import post_tags


async def tag_of(db: AsyncSession, slug: str) -> Tag:
    return (await db.scalars(select(Tag).where(Tag.slug == slug).execution_options(populate_existing=True))).one()


async def posts_with(db: AsyncSession, slug: str) -> set[str]:
    query = select(Post.slug).join(post_tags).join(Tag).where(Tag.slug == slug)
    return set(await db.scalars(query))


async def version(db: AsyncSession) -> int:
    return (await db.scalars(select(Site.version))).one()


async def lead(browser: Any, path: str) -> tuple[int, str]:
    answer = await browser.get(path)
    return answer.status_code, answer.headers.get("location", "")


async def merge(browser: Any, into: Tag, *old: Tag) -> Any:
    return await browser.post(
        "/studio/tags/merger", {"tags": ",".join(str(tag.id) for tag in old), "into": str(into.id)}
    )


async def rename(browser: Any, tag: Tag, **changes: str) -> Any:
    return await browser.post(
        f"/studio/tags/{tag.id}", {"name": tag.name, "slug": tag.slug, "description": tag.description} | changes
    )


async def found(browser: Any, q: str) -> bool:
    return "Hello, world" in (await browser.get("/search", params={"q": q})).text


async def test_the_list_is_searched_and_sorted(browse: Any, db: AsyncSession) -> None:
    ed = browse("ed")
    db.add_all([Tag(name="Apple pie", key="apple pie", slug="apple-pie"), Tag(name="Über", key="über", slug="uber")])
    await db.commit()
    by_name = (await ed.get("/studio/tags")).text
    assert by_name.index("Apple pie") < by_name.index("Cooking") < by_name.index("Python")
    most_first = (await ed.get("/studio/tags?sort=posts")).text
    assert most_first.index("Python") < most_first.index("Cooking") < most_first.index("Apple pie")
    for q, name in (("PIE apple", "Apple pie"), ("ÜB", "Über")):
        page = (await ed.get("/studio/tags", params={"q": q})).text
        assert name in page
        assert "Cooking" not in page
    assert "No tag fits" in (await ed.get("/studio/tags", params={"q": "%"})).text


async def test_a_new_address_leaves_the_old_one_leading_there_in_one_hop(browse: Any, db: AsyncSession) -> None:
    ed, reader, before = browse("ed"), browse(), await version(db)
    for slug in ("snakes", "serpents"):
        python = await tag_of(db, "snakes" if slug == "serpents" else "python")
        assert (await rename(ed, python, name="Snakes", slug=slug)).status_code == 303
    for old in ("python", "snakes"):
        assert await lead(reader, f"/tags/{old}") == (301, "/tags/serpents")
        assert await lead(reader, f"/tags/{old}/?page=2") == (301, "/tags/serpents?page=2")
        for feed in ("feed.xml", "rss.xml", "feed.json"):
            assert await lead(reader, f"/tags/{old}/{feed}") == (301, f"/tags/serpents/{feed}")
        assert await lead(reader, f"/tags/{old}/else.xml") == (404, "")
        assert await lead(reader, f"/tag/{old}/") == (301, "/tags/serpents"), "WordPress’s address is one hop away too"
        assert await lead(reader, f"/tag/{old}/feed") == (301, "/tags/serpents/rss.xml")
    assert (await lead(reader, "/tags/serpents"))[0] == 200
    assert await version(db) == before + 2
    back = await rename(ed, await tag_of(db, "serpents"), slug="python")
    assert back.status_code == 303
    assert (await lead(reader, "/tags/python"))[0] == 200
    assert await lead(reader, "/tags/serpents") == (301, "/tags/python")


async def test_search_knows_a_tag_by_its_new_name(browse: Any, db: AsyncSession) -> None:
    ed, reader = browse("ed"), browse()
    assert await found(reader, "cooking")
    await rename(ed, await tag_of(db, "cooking"), name="Gastronomy")
    assert not await found(reader, "cooking")
    assert await found(reader, "gastronomy")
    assert await found(reader, '"Hello world"'), "title and text are still found, as phrases too"
    assert not await found(reader, '"world gastronomy"'), "no phrase reaches from one part into another"
    assert await db.scalar(select(func.count(SearchDue.id))) == 0


async def test_a_merger_says_first_what_it_will_do(browse: Any, db: AsyncSession) -> None:
    ed, python, cooking = browse("ed"), await tag_of(db, "python"), await tag_of(db, "cooking")
    page = (await ed.get(f"/studio/tags/merger?tag={python.id}&tag={cooking.id}")).text
    assert "1 has both." in page
    assert "Merge 1 tag into “Python”" in page, "the one with the most posts stays unless another is named"
    other = (await ed.get(f"/studio/tags/merger?tag={python.id}&tag={cooking.id}&into=COOKING")).text
    assert "1 post gets “Cooking”." in other
    assert "1 has both." in other
    assert "There is no tag with this name." in (await ed.get(f"/studio/tags/merger?tag={python.id}&into=nothing")).text
    assert "cannot be merged into itself" in (await ed.get(f"/studio/tags/merger?tag={python.id}&into=python")).text
    assert "Choose tags in" in (await ed.get("/studio/tags/merger?tag=x&tag=99999999999999999999")).text
    assert await posts_with(db, "cooking") == {"hello"}, "looking changes nothing"


async def test_merged_tags_give_away_their_posts_addresses_and_words(browse: Any, db: AsyncSession) -> None:
    ed, reader, before = browse("ed"), browse(), await version(db)
    python, cooking = await tag_of(db, "python"), await tag_of(db, "cooking")
    await rename(ed, cooking, slug="kitchen")
    food = Tag(name="Food", key="food", slug="food")
    db.add(food)
    await db.commit()
    answer = await merge(ed, food, python, await tag_of(db, "kitchen"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/studio/tags/{food.id}")
    assert await posts_with(db, "food") == {"hello", "together"}
    for old in ("python", "kitchen", "cooking"):
        assert await lead(reader, f"/tags/{old}") == (301, "/tags/food")
        assert await lead(reader, f"/tags/{old}/feed.xml") == (301, "/tags/food/feed.xml")
    page = (await reader.get("/tags/food")).text
    assert "Hello, world" in page
    assert "Written together" in page
    assert await found(reader, "food")
    assert not await found(reader, "cooking")
    assert await version(db) == before + 2
    event = (await db.scalars(select(Event).where(Event.action == "tag.merged"))).one()
    assert event.detail == {"name": "Food", "before": "Cooking, Python", "posts": 2}
    again = await merge(ed, food, python)
    assert again.status_code == 409
    assert "somebody merged or deleted them meanwhile" in again.text


async def test_however_tags_are_merged_and_renamed_no_address_takes_two_hops_or_loops(
    browse: Any, db: AsyncSession
) -> None:
    ed, reader = browse("ed"), browse()
    names = ["a", "b", "c", "d"]
    hello = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    await browse("anna").save(hello.id, title="Hello, world", body="x", slug="hello", tags=", ".join(names))
    await merge(ed, await tag_of(db, "b"), await tag_of(db, "a"))
    await rename(ed, await tag_of(db, "b"), slug="a")  # back to an address that led away
    await merge(ed, await tag_of(db, "c"), await tag_of(db, "a"))
    await rename(ed, await tag_of(db, "c"), slug="b")
    await merge(ed, await tag_of(db, "d"), await tag_of(db, "b"))
    await rename(ed, await tag_of(db, "d"), slug="a")
    assert (await lead(reader, "/tags/a"))[0] == 200
    for old in ("b", "c", "d"):
        assert await lead(reader, f"/tags/{old}") == (301, "/tags/a")
    # A new tag of an old name takes its address once readers find a post there.
    await browse("anna").save(title="New b", body="x", tags="b")
    assert await lead(reader, "/tags/b") == (301, "/tags/a")
    await browse("anna").save(title="New b too", body="x", tags="b", then="publish")
    assert (await lead(reader, "/tags/b"))[0] == 200
    assert (await lead(reader, "/tag/b")) == (301, "/tags/b")


async def test_a_deleted_tag_is_gone_for_readers_who_knew_it_and_never_was_for_others(
    browse: Any, db: AsyncSession
) -> None:
    ed, reader = browse("ed"), browse()
    hidden = await tag_of(db, f"{SECRET}-only")
    await rename(ed, await tag_of(db, "cooking"), slug="kitchen")
    for tag in (hidden, await tag_of(db, "kitchen")):
        assert (await ed.post(f"/studio/tags/{tag.id}/delete")).status_code == 303
        assert (await ed.post(f"/studio/tags/{tag.id}/delete")).status_code == 404
    for path in ("/tags/kitchen", "/tags/cooking", "/tags/kitchen/feed.xml", "/tags/cooking/feed.json"):
        assert (await lead(reader, path))[0] == 410, path
    assert (await lead(reader, f"/tags/{SECRET}-only"))[0] == 404
    assert not await found(reader, "cooking")
    assert await db.scalar(select(func.count()).where(Redirect.path.contains(SECRET))) == 0


async def test_no_address_tells_readers_of_tags_that_only_drafts_have(browse: Any, db: AsyncSession) -> None:
    ed, reader = browse("ed"), browse()
    hidden, python = await tag_of(db, f"{SECRET}-only"), await tag_of(db, "python")
    await rename(ed, hidden, slug="another")
    assert await lead(reader, f"/tags/{SECRET}-only") == (404, "")
    await merge(ed, await tag_of(db, "another"), python)
    assert await lead(reader, "/tags/python") == (301, "/tags/another")
    await browse("ed").post(f"/studio/posts/{(await post_id(db, 'hello'))}/publication/delete")
    await browse("ed").post(f"/studio/posts/{(await post_id(db, 'together'))}/publication/delete")
    assert await lead(reader, "/tags/python") == (404, ""), "nobody is led to a tag that shows nothing"


async def post_id(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Python"}, "There is another tag with this name."),
        ({"name": "PYTHON"}, "There is another tag with this name."),
        ({"slug": "python"}, "Another tag has this address."),
        ({"slug": "a/b"}, "An address has letters"),
        ({"slug": "feed.xml"}, "does not end like a file"),
        ({"name": "a, b"}, "without a comma"),
        ({"name": ""}, "Give the tag a name."),
    ],
)
async def test_a_form_that_is_refused_says_why(
    browse: Any, db: AsyncSession, changes: dict[str, str], sentence: str
) -> None:
    answer = await rename(browse("ed"), await tag_of(db, "cooking"), **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (await tag_of(db, "cooking")).name == "Cooking"


async def test_a_merger_takes_as_many_statements_for_many_posts_as_for_one(
    app: Any, browse: Any, db: AsyncSession, clock: Clock, statements: Any
) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    few, many, target = (Tag(name=name, key=name, slug=name) for name in ("few", "many", "target"))
    db.add_all([few, many, target])
    for number in range(60):
        tags = [many, target] if number % 3 == 0 else [many]
        post = written(
            anna, f"Many {number}", f"many-{number}", clock() - DAY, tags=[*tags, *([few] if not number else [])]
        )
        post.publish(now=clock(), by=anna)
        db.add(post)
        await db.flush()
        words = str(post.markup.striptags())
        await search.take_in(db, post, words, search.document_of(post, words, "en"))
    await db.commit()
    ed = browse("ed")
    one = await statements(lambda: merge(ed, target, few))
    sixty = await statements(lambda: merge(ed, target, many))
    in_one_batch = 5  # takes the next few off the list, reads and writes them
    assert len(sixty) <= len(one) + in_one_batch
    assert not [statement for statement in sixty if "posts.body" in statement or "posts.html" in statement]
    assert len(await posts_with(db, "target")) == 60
    assert "Many 59" in (await browse().get("/search", params={"q": "target"})).text
    assert await lead(browse(), "/tags/many") == (301, "/tags/target")


async def test_of_two_who_merge_at_the_same_moment_one_is_told(fresh_app: Any) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            python, cooking = await tag_of(db, "python"), await tag_of(db, "cooking")
        answers = await asyncio.gather(
            merge(Browser(app, "ed"), python, cooking), merge(Browser(app, "ada"), cooking, python)
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        async with app.house.sessions() as db:
            left = list(await db.scalars(select(Tag.slug).where(Tag.slug.in_(["python", "cooking"]))))
            assert len(left) == 1
            assert await posts_with(db, left[0]) == {"hello", "together"}
