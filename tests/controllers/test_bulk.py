"""Many posts at once: chosen in the list, confirmed, done in one go, and undone as long as nobody changed them since."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, Clock, written
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import BulkChange, Event, Post, Revision, Status, Tag, User, Visibility
from blog.models.bulk import MOST_POSTS
from blog.models.post import post_tags

HOUR = timedelta(hours=1)


async def ids(db: AsyncSession, *slugs: str) -> dict[str, int]:
    rows = await db.execute(select(Post.slug, Post.id).where(Post.slug.in_(slugs)))
    found = {slug: post_id for slug, post_id in rows}  # noqa: C416 - rows are not pairs to dict()
    assert found.keys() == set(slugs)
    return found


async def one(db: AsyncSession, slug: str) -> Post:
    return (await db.scalars(select(Post).where(Post.slug == slug).execution_options(populate_existing=True))).one()


async def tags_of(db: AsyncSession, slug: str) -> set[str]:
    return set(await db.scalars(select(Tag.name).join(post_tags).join(Post).where(Post.slug == slug)))


async def confirm(browser: Any, deed: str, *chosen: int, **asked: Any) -> Any:
    return await browser.get("/studio/posts/bulk", params={"deed": deed, "post": list(chosen), **asked})


async def do(browser: Any, deed: str, *chosen: int, **more: str) -> Any:
    """Send the form of the confirmation page as it is."""
    page = await confirm(browser, deed, *chosen)
    assert page.status_code == 200, page.text[-1500:]
    fields = dict(re.findall(r'<input type="hidden" name="(deed|posts|status|q)" value="([^"]*)">', page.text))
    return await browser.post("/studio/posts/bulk", fields | more)


async def undo(browser: Any, answer: Any) -> Any:
    """Press the button that the list shows after a deed."""
    page = (await browser.get(answer.headers["location"])).text
    path = re.search(r'action="(/studio/posts/bulk/\d+/undo)"', page)
    assert path, "the list offers to undo"
    return await browser.post(path[1])


DRAFTS = (f"{SECRET}-draft", f"{SECRET}-shared")


async def test_drafts_are_published_at_once_and_taken_back_as_if_nothing_had_been(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, chosen = browse("anna"), await ids(db, *DRAFTS)
    page = await confirm(anna, "publish", *chosen.values())
    assert "2 posts will be changed" in page.text
    assert "You can undo it within an hour." in page.text
    done = await do(anna, "publish", *chosen.values())
    assert done.status_code == 303
    assert "Publish. Done with 2 posts." in (await anna.get(done.headers["location"])).text
    for slug in DRAFTS:
        assert (await browse().get(f"/posts/{slug}")).status_code == 200
    events = await db.scalars(select(Event.subject_id).where(Event.action == "post.published"))
    assert set(chosen.values()) <= set(events)
    undone = await undo(anna, done)
    assert "Undone: 2 posts are as before." in (await anna.get(undone.headers["location"])).text
    for slug in DRAFTS:
        assert (await browse().get(f"/posts/{slug}")).status_code == 404
        post = await one(db, slug)
        assert (post.status, post.published_at) == (Status.DRAFT, None)
        assert post.was_public(clock()), "readers did see it for a while, and a redirect from it may be kept"


async def test_withdrawn_and_trashed_posts_come_back_with_their_dates(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    slugs = ("hello", "together", f"{SECRET}-scheduled")
    chosen, ed = await ids(db, *slugs), browse("ed")
    before = {slug: (post := await one(db, slug)) and (post.status, post.published_at) for slug in slugs}
    for deed in ("withdraw", "trash"):
        done = await do(ed, deed, *chosen.values())
        assert (await browse().get("/posts/hello")).status_code in {404, 410}
        clock.advance(HOUR / 2)
        assert (await undo(ed, done)).status_code == 303
        for slug in slugs:
            post = await one(db, slug)
            assert (post.status, post.published_at) == before[slug]
        assert (await browse().get("/posts/hello")).status_code == 200
    put_back = await db.scalar(select(func.count(Event.id)).where(Event.action == "post.put_back"))
    assert put_back == 6


async def test_what_was_changed_since_stays_as_it_is_and_is_named(browse: Any, db: AsyncSession) -> None:
    chosen, ed = await ids(db, "hello", "together", "carl-in-print"), browse("ed")
    done = await do(ed, "feature", *chosen.values())
    await browse("anna").save(chosen["together"], title="Newer title", body="x", slug="together")
    await ed.post(f"/studio/posts/{chosen['carl-in-print']}/trash")
    await ed.post(f"/studio/posts/{chosen['carl-in-print']}/delete")
    page = (await ed.get((await undo(ed, done)).headers["location"])).text
    assert "Undone: 1 post is as before." in page
    assert "2 were changed since, and stay as they are:" in page
    assert "<li><bdi>Newer title</bdi></li>" in page
    assert "(not there any more)" in page
    assert not (await one(db, "hello")).is_featured
    assert (await one(db, "together")).is_featured


async def test_undoing_is_for_the_same_person_once_and_for_an_hour(browse: Any, db: AsyncSession, clock: Clock) -> None:
    chosen, ed = await ids(db, "hello"), browse("ed")
    done = await do(ed, "withdraw", chosen["hello"])
    number = done.headers["location"].rpartition("=")[2]
    for who in ("ada", "anna"):
        assert (await browse(who).post(f"/studio/posts/bulk/{number}/undo")).status_code == 404
        assert "Done with" not in (await browse(who).get(f"/studio/posts?done={number}")).text
    clock.advance(HOUR)
    assert "/undo" not in (await ed.get(done.headers["location"])).text
    assert (await ed.post(f"/studio/posts/bulk/{number}/undo")).status_code == 409
    clock.advance(-HOUR / 2)
    assert (await ed.post(f"/studio/posts/bulk/{number}/undo")).status_code == 303
    assert (await ed.post(f"/studio/posts/bulk/{number}/undo")).status_code == 409
    clock.advance(2 * HOUR)
    await do(ed, "withdraw", chosen["hello"])
    assert await db.scalar(select(func.count(BulkChange.id))) == 1, "what cannot be undone is forgotten"


async def test_tags_are_added_and_removed_with_a_revision_that_says_so(browse: Any, db: AsyncSession) -> None:
    anna, chosen = browse("anna"), await ids(db, "hello", "together")
    for post_id, slug in ((chosen["hello"], "hello"), (chosen["together"], "together")):
        await anna.save(post_id, title=slug, body="The words stay.", slug=slug, tags="Python, Cooking")
    page = (await confirm(anna, "tag", *chosen.values())).text
    assert 'name="name"' in page
    refused = await do(anna, "tag", *chosen.values(), name="a, b")
    assert refused.status_code == 422
    assert "without a comma" in refused.text
    done = await do(anna, "tag", *chosen.values(), name="Fresh Ideas")
    assert "Add a tag “Fresh Ideas”. Done with 2 posts." in (await anna.get(done.headers["location"])).text
    assert await tags_of(db, "hello") == {"Python", "Cooking", "Fresh Ideas"}
    assert "together" in (await browse().get("/search?q=fresh")).text
    last = (
        await db.scalars(select(Revision).where(Revision.post_id == chosen["hello"]).order_by(Revision.number.desc()))
    ).first()
    assert last is not None
    assert last.tags == ["Cooking", "Fresh Ideas", "Python"]
    assert (last.body, last.title, last.number) == (
        "The words stay.",
        "hello",
        (await one(db, "hello")).revision_number,
    )
    assert (await undo(anna, done)).status_code == 303
    assert await tags_of(db, "together") == {"Python", "Cooking"}
    assert "together" not in (await browse().get("/search?q=fresh")).text
    page = (await confirm(anna, "untag", *chosen.values())).text
    assert re.findall("<option>(.*?)</option>", page) == ["Cooking", "Python"]
    done = await do(anna, "untag", *chosen.values(), name="Cooking")
    assert await tags_of(db, "hello") == {"Python"}
    await browse("ed").post(f"/studio/tags/{await db.scalar(select(Tag.id).where(Tag.key == 'cooking'))}/delete")
    await undo(anna, done)
    assert await tags_of(db, "hello") == {"Python", "Cooking"}, "a tag that is gone meanwhile is made again"


async def test_who_has_a_tagged_post_open_takes_no_tag_back(browse: Any, db: AsyncSession) -> None:
    anna, chosen = browse("anna"), await ids(db, "hello")
    opened = re.search(r'name="version" value="(\d+)"', (await anna.get(f"/studio/posts/{chosen['hello']}")).text)
    assert opened
    await do(browse("ed"), "tag", chosen["hello"], name="Fresh")
    late = await anna.save(chosen["hello"], title="T", body="b", slug="hello", tags="Python", version=opened[1])
    assert late.status_code == 303
    assert await tags_of(db, "hello") == {"Fresh", "Python"}


async def test_a_working_copy_gets_what_the_post_gets_and_stays_one(browse: Any, db: AsyncSession) -> None:
    ed, post_id = browse("ed"), (await ids(db, "hello"))["hello"]
    mine = {"title": "Hello", "body": "Not shown yet", "slug": "hello", "tags": "Python, Own", "then": "keep"}
    await ed.save(post_id, **mine)
    await do(ed, "tag", post_id, name="Fresh")
    await do(ed, "show-members", post_id)
    assert await tags_of(db, "hello") == {"Python", "Cooking", "Fresh"}
    page = (await ed.get(f"/studio/posts/{post_id}")).text
    assert "data-discard-changes>" in page, "there are changes that readers do not see"
    assert "Not shown yet" in page
    assert (await ed.post(f"/studio/posts/{post_id}/working-copy/publication")).status_code == 303
    assert await tags_of(db, "hello") == {"Python", "Own", "Fresh"}
    assert (await one(db, "hello")).visibility == Visibility.MEMBERS
    assert "Not shown yet" in (await browse("vera").get("/posts/hello")).text


async def test_visibility_changes_and_comes_back(browse: Any, db: AsyncSession) -> None:
    ed, chosen = browse("ed"), await ids(db, "hello", "for-members")
    page = await confirm(ed, "show-members", *chosen.values())
    assert "1 post will be changed" in page.text
    assert "These are for members already." in page.text
    done = await do(ed, "show-members", *chosen.values())
    assert "Show to members only. Done with 1 post." in (await ed.get(done.headers["location"])).text
    assert (await one(db, "hello")).visibility == Visibility.MEMBERS
    await undo(ed, done)
    assert (await one(db, "hello")).visibility == Visibility.PUBLIC
    assert (await one(db, "for-members")).visibility == Visibility.MEMBERS


async def test_the_confirmation_leaves_out_what_one_may_not_change_and_hides_what_one_may_not_know(
    browse: Any, db: AsyncSession
) -> None:
    chosen = await ids(db, "hello", "together", "carl-in-print", f"{SECRET}-carls", "about")
    ben = await confirm(browse("ben"), "trash", *chosen.values())
    assert "There is nothing to change." in ben.text
    assert "1 post is left as it is" in ben.text
    assert "You may not do this with these." in ben.text
    assert "Written together" in ben.text
    for title in ("Hello, world", "Carl in print", SECRET, "About us"):
        assert title not in ben.text
    carl = await confirm(browse("carl"), "trash", *chosen.values())
    assert "1 post will be changed" in carl.text
    assert "Carl in print" in carl.text
    assert (await confirm(browse("carl"), "publish", *chosen.values())).status_code == 403
    assert (await confirm(browse("anna"), "feature", *chosen.values())).status_code == 403
    assert (await confirm(browse("vera"), "trash", *chosen.values())).status_code == 403


@pytest.mark.parametrize(("who", "deed"), [("carl", "publish"), ("anna", "feature"), ("vera", "trash")])
async def test_a_forged_form_does_no_more_than_the_page_offers(
    browse: Any, db: AsyncSession, who: str, deed: str
) -> None:
    chosen = await ids(db, "together", f"{SECRET}-carls")
    numbers = ",".join(str(each) for each in chosen.values())
    assert (await browse(who).post("/studio/posts/bulk", {"deed": deed, "posts": numbers})).status_code == 403


async def test_a_forged_choice_changes_nothing_of_others(browse: Any, db: AsyncSession) -> None:
    chosen = await ids(db, "hello", "together", "carl-in-print", "about")
    before = {slug: (await one(db, slug)).version for slug in chosen}
    numbers = ",".join(str(each) for each in chosen.values())
    for who in ("ben", "carl"):
        answer = await browse(who).post("/studio/posts/bulk", {"deed": "trash", "posts": numbers})
        assert "Done with 0 posts." in (await browse(who).get(answer.headers["location"])).text
    assert {slug: (await one(db, slug)).version for slug in chosen} == before


async def test_posts_are_deleted_for_good_from_the_trash_only_and_not_undone(browse: Any, db: AsyncSession) -> None:
    ed, chosen = browse("ed"), await ids(db, "hello", f"{SECRET}-trashed", f"{SECRET}-draft")
    await ed.post(f"/studio/posts/{chosen['hello']}/trash")
    page = (await confirm(ed, "delete", *chosen.values())).text
    assert "2 posts will be changed" in page
    assert "Only what is in the trash can be deleted for good." in page
    assert "This cannot be undone." in page
    done = await do(ed, "delete", *chosen.values())
    assert "/undo" not in (await ed.get(done.headers["location"])).text
    assert await db.scalar(select(func.count(Post.id)).where(Post.id.in_(chosen.values()))) == 1
    for slug in ("hello", f"{SECRET}-trashed"):
        assert (await browse().get(f"/posts/{slug}")).status_code == 410
    assert (await browse().get(f"/posts/{SECRET}-draft")).status_code == 404
    assert await db.scalar(select(func.count()).where(Event.action == "post.deleted")) == 2


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"deed": "", "post": "1"}, "Choose what to do with the posts."),
        ({"deed": "explode", "post": "1"}, "Choose what to do with the posts."),
        ({"deed": "trash"}, "Choose at least one post."),
        ({"deed": "trash", "post": "x"}, "Choose at least one post."),
        ({"deed": "trash", "post": "9" * 30}, "Choose at least one post."),
        ({"deed": "trash", "post": [str(n) for n in range(1, MOST_POSTS + 2)]}, "At most 1,000 posts can be changed"),
    ],
)
async def test_a_choice_that_cannot_be_done_is_refused_in_words(
    browse: Any, asked: dict[str, Any], sentence: str
) -> None:
    answer = await browse("ed").get("/studio/posts/bulk", params=asked)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    posts = asked.get("post", [])
    fields = {"deed": asked["deed"], "posts": posts if isinstance(posts, str) else ",".join(posts)}
    answer = await browse("ed").post("/studio/posts/bulk", fields)
    assert (answer.status_code, sentence in answer.text) == (422, True)


async def many(db: AsyncSession, clock: Clock, count: int) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number in range(count):
        db.add(written(anna, f"Herd {number}", f"herd-{number}", clock() - DAY))
    await db.commit()


async def test_all_that_match_a_filter_are_changed_as_they_were_confirmed(
    browse: Any, db: AsyncSession, clock: Clock, statements: Any
) -> None:
    ed = browse("ed")
    await many(db, clock, 40)
    first = (await ed.get("/studio/posts?status=draft")).text
    total = re.search(r"All (\d+) that fit this filter", first)
    assert total
    page = await confirm(ed, "publish", all="1", status="draft")
    assert f"{total[1]} posts will be changed" in page.text
    assert "and " in page.text
    db.expire_all()
    small = await statements(lambda: confirm(ed, "publish", 1))
    large = await statements(lambda: confirm(ed, "publish", all="1", status="draft"))
    assert len(large) <= len(small) + 1
    assert not [statement for statement in large if "posts.body" in statement or "posts.html" in statement]
    fields = dict(re.findall(r'<input type="hidden" name="(deed|posts|status)" value="([^"]*)">', page.text))
    done = await ed.post("/studio/posts/bulk", fields)
    assert "status=draft" in done.headers["location"]
    assert await db.scalar(select(func.count()).where(Post.slug.startswith("herd"), Post.status == "published")) == 40
    undone = await statements(lambda: undo(ed, done))
    assert await db.scalar(select(func.count()).where(Post.slug.startswith("herd"), Post.status == "draft")) == 40
    selects = [statement for statement in undone if statement.startswith("SELECT")]
    assert len(selects) <= 22


async def test_more_than_a_thousand_at_a_time_are_refused_in_words(
    browse: Any, db: AsyncSession, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.controllers.studio.bulk.MOST_POSTS", 30)
    await many(db, clock, 31)
    answer = await confirm(browse("ed"), "publish", all="1", status="draft")
    assert answer.status_code == 422
    assert "At most 30 posts can be changed at a time. Narrow the filter and do it in parts." in answer.text


async def test_of_two_presses_of_undo_one_counts(fresh_app: Any) -> None:
    async with fresh_app() as app:
        ed = Browser(app, "ed")
        async with app.house.sessions() as db:
            chosen = await ids(db, "hello", "together")
        done = await do(ed, "withdraw", *chosen.values())
        number = done.headers["location"].rpartition("=")[2]
        twice = [Browser(app, "ed").post(f"/studio/posts/bulk/{number}/undo") for _ in range(2)]
        assert sorted(answer.status_code for answer in await asyncio.gather(*twice)) == [303, 409]
        assert (await Browser(app).get("/posts/hello")).status_code == 200
