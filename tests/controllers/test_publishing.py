"""From the text to its readers and back: reviewed, scheduled, ended at its time, dated back, withdrawn, thrown away."""

import asyncio
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, Clock, written
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event, Post, PostDay, Site, Status, User
from blog.models.post import post_tags
from blog.queries import trash
from blog.queries.days import days

MINUTE = timedelta(minutes=1)


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def stored(db: AsyncSession, post_id: int) -> Post:
    db.expire_all()
    return (await db.scalars(select(Post).where(Post.id == post_id))).one()


def typed(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def button_of(page: str) -> str:
    found = re.search(r'<aside.*?<button class="primary">([^<]+)</button>', page, re.S)
    return found[1] if found else ""


async def in_paris(db: AsyncSession, app: Any) -> None:
    await db.execute(update(Site).values(timezone="Europe/Paris"))
    await db.commit()
    app.house.forget_site()


async def test_the_editor_leads_to_the_review_with_what_was_typed_saved(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    saved = await anna.save(title="Tide tables", body="Just typed.", then="review")
    post_id = await id_of(db, "tide-tables")
    assert saved.headers["location"] == f"/studio/posts/{post_id}/publication"
    page = (await anna.get(saved.headers["location"])).text
    for words in ("Tide tables", "http://127.0.0.1:8000/posts/tide-tables", "Anna Author", "Everybody", "Just typed."):
        assert words in page
    assert button_of(page) == "Publish now"
    assert (await browse().get("/posts/tide-tables")).status_code == 404
    published = await anna.post(
        saved.headers["location"], {"expected": "publish", "published_at": "", "expires_at": ""}
    )
    assert published.status_code == 303
    assert (await browse().get("/posts/tide-tables")).status_code == 200
    assert button_of((await anna.get(saved.headers["location"])).text) == "Update"


async def test_changes_to_a_live_post_are_reviewed_before_readers_see_them(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    saved = await anna.save(post_id, title="Hello, harbour", body="New **words**.", slug="hello", then="review")
    path = f"/studio/posts/{post_id}/publication"
    assert saved.headers["location"] == path
    assert "Hello, world" in (await browse().get("/posts/hello")).text
    page = (await anna.get(path)).text
    for words in ("Hello, harbour", "Readers still see the text as it was before", "New words."):
        assert words in page
    assert "Without a tag" in page, "the form had none"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert (await anna.post(path, {"expected": "update", "version": "1"})).status_code == 422
    sent = {"expected": "update", "version": version[1], "published_at": "2026-11-11T12:00", "expires_at": ""}
    assert (await anna.post(path, sent)).status_code == 303
    assert "New <strong>words</strong>." in (await browse().get("/posts/hello")).text
    assert (await stored(db, post_id)).revision_number == int(version[1]) + 1
    assert (await anna.post(path, sent)).status_code == 422, "it was published already"


async def test_who_may_review_is_who_may_see_and_the_button_is_theirs(browse: Any, db: AsyncSession) -> None:
    carls = f"/studio/posts/{await id_of(db, f'{SECRET}-carls')}/publication"
    assert button_of((await browse("carl").get(carls)).text) == "Submit for review"
    assert button_of((await browse("ed").get(carls)).text) == "Publish now"
    for who, status in ((None, 303), ("vera", 403), ("anna", 404), ("ben", 404)):
        for path in (carls, f"{carls}/card.png"):
            assert (await browse(who).get(path)).status_code == status, who
    assert (await browse("carl").get(f"{carls}/card.png")).headers["content-type"] == "image/png"
    trashed = f"/studio/posts/{await id_of(db, f'{SECRET}-trashed')}/publication"
    assert (await browse("anna").get(trashed)).status_code == 409


async def test_the_button_never_does_what_it_does_not_say(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    path = f"/studio/posts/{post_id}/publication"
    later = {"published_at": typed(clock() + DAY), "expires_at": ""}
    asked = await anna.post(path, {"expected": "publish", **later})
    assert asked.status_code == 422
    assert "Something changed since this page was opened." in asked.text
    assert button_of(asked.text) == "Schedule"
    assert (await stored(db, post_id)).status == Status.DRAFT
    looked = await anna.post(path, {"expected": "publish", "then": "look", **later})
    assert looked.headers["location"].startswith(f"{path}?published_at=2026-11-22T12%3A00")
    page = (await anna.get(looked.headers["location"])).text
    assert button_of(page) == "Schedule"
    assert "Tomorrow, Sunday, November 22, 2026" in page
    assert (await anna.post(path, {"expected": "schedule", **later})).status_code == 303
    assert (await stored(db, post_id)).is_scheduled(clock())
    clock.advance(2 * DAY)
    # The page was left open until the time had passed.
    assert (await anna.post(path, {"expected": "schedule", **later})).status_code == 422


async def test_an_unchanged_date_stays_the_same_to_the_second(browse: Any, db: AsyncSession, clock: Clock) -> None:
    post_id, at = await id_of(db, "hello"), clock() - DAY + timedelta(seconds=37)
    await db.execute(update(Post).where(Post.id == post_id).values(published_at=at))
    await db.commit()
    sent = {"expected": "update", "published_at": typed(at), "expires_at": typed(clock() + DAY)}
    assert (await browse("anna").post(f"/studio/posts/{post_id}/publication", sent)).status_code == 303
    assert (await stored(db, post_id)).published_at == at


async def test_a_post_is_dated_back_and_an_emptied_date_means_now(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    path = f"/studio/posts/{post_id}/publication"
    back = {"published_at": "2020-02-29T08:00", "expires_at": ""}
    assert button_of((await anna.get(f"{path}?published_at=2020-02-29T08%3A00")).text) == "Publish, dated back"
    assert (await anna.post(path, back)).status_code == 303
    assert "/posts/zebrafish-draft" in (await browse().get("/archive/2020/2")).text
    await anna.post(f"{path}/delete")
    assert (await anna.post(path, {"published_at": "", "expires_at": ""})).status_code == 303
    assert (await stored(db, post_id)).published_at == clock()


SEEN_ON = ["/", "/?page=1", "/archive/2026/11", "/sitemap.xml", "/feed.xml", "/rss.xml", "/feed.json", "/tags/lantern", "/tags/lantern/feed.xml",
           "/tags", "/authors/anna", "/authors/anna/feed.xml", "/search?q=lanterns", "/llms.txt", "/posts/carl-in-print"]  # fmt: skip


async def lantern(anna: Any, clock: Clock) -> None:
    """Publish a post that ends in two days."""
    until = typed(clock() + 2 * DAY)
    body = "Lanterns, lanterns."
    form = {"title": "Lantern night", "body": body, "tags": "Lantern, Python", "slug": "lantern-night"}
    answer = await anna.save(**form, then="publish", published_at="", expires_at=until)
    assert answer.status_code == 303, answer.text


async def test_a_post_ends_at_its_very_time_everywhere(browse: Any, clock: Clock, db: AsyncSession) -> None:
    await lantern(browse("anna"), clock)
    clock.advance(2 * DAY - DAY / 86400)
    for path in SEEN_ON:
        assert "antern" in (await browse().get(path)).text.replace(path, ""), path
    assert "unavailable_after: 2026-11-23T12:00:00Z" in (await browse().get("/posts/lantern-night")).text
    for path in ("", ".md", "/card.png"):
        assert (await browse().get(f"/posts/lantern-night{path}")).status_code == 200
    clock.advance(DAY / 86400)
    for path in SEEN_ON:
        answer = await browse().get(path)
        assert "antern" not in answer.text.replace(path, "").replace("lanterns", ""), path
    assert (await browse().get("/tags/lantern")).status_code == 404
    gone = await browse().get("/posts/lantern-night")
    assert gone.status_code == 410
    assert "Lantern" not in gone.text
    assert (await browse().get("/posts/lantern-night/card.png")).status_code in {404, 410}
    # Those who work on it still look at it, and publish it again for good.
    anna, post_id = browse("anna"), await id_of(db, "lantern-night")
    assert "Readers cannot see this post now." in (await anna.get("/posts/lantern-night")).text
    assert "Ended" in (await anna.get("/studio/posts?status=ended")).text
    review = f"/studio/posts/{post_id}/publication"
    assert "It ended" in (await anna.get(review)).text
    assert (await anna.post(review, {"published_at": "", "expires_at": ""})).status_code == 303
    assert (await browse().get("/posts/lantern-night")).status_code == 200


async def test_kept_pages_and_counts_notice_an_end_without_any_write(fresh_app: Any) -> None:
    async with fresh_app() as app:
        clock: Clock = app.house.clock
        await lantern(Browser(app, "anna"), clock)
        for path in ("/", "/tags", "/feed.xml", "/posts/lantern-night"):
            assert "antern" in (await Browser(app).get(path)).text
        clock.advance(2 * DAY)
        for path in ("/", "/tags", "/feed.xml"):
            assert "antern" not in (await Browser(app).get(path)).text, path
        assert (await Browser(app).get("/posts/lantern-night")).status_code == 410


async def test_ended_posts_are_not_counted_and_pages_stay_full(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number in range(45):
        post = written(anna, f"Many {number}", f"many-{number:02}", clock())
        post.end_at(clock() + DAY if number % 3 else None)
        post.publish(now=clock(), by=anna, at=clock() - timedelta(hours=7 * number))
        db.add(post)
    await db.commit()
    before = (await days(db, clock())).live
    clock.advance(DAY)
    after = await days(db, clock())
    assert after.live == before - 30 == await db.scalar(select(func.count()).select_from(Post).where(_live(clock())))
    found: list[str] = []
    for number in range(1, 3):
        found += re.findall(r'class="u-url" href="/posts/([^"]+)"', (await browse().get(f"/?page={number}")).text)
    newest = select(Post.slug).where(_live(clock())).order_by(Post.published_at.desc(), Post.id.desc())
    assert found == list(await db.scalars(newest))[:20]
    assert await db.scalar(select(func.sum(PostDay.posts))) == after.live + 30 + 1  # and one is scheduled


def _live(now: datetime) -> Any:
    on = (Post.status == "published") & (Post.kind == "post") & (Post.published_at <= now)
    return on & (Post.expires_at.is_(None) | (Post.expires_at > now))


async def test_the_end_of_a_post_follows_it_to_its_tags(db: AsyncSession, clock: Clock) -> None:
    post_id, until = await id_of(db, "hello"), clock() + DAY
    places = select(post_tags.c.live_until).where(post_tags.c.post_id == post_id)
    for change, expected in (
        ({"expires_at": until}, until), ({"status": Status.DRAFT}, None), ({"status": Status.PUBLISHED}, until),
        ({"expires_at": None}, None),
    ):  # fmt: skip
        await db.execute(update(Post).where(Post.id == post_id).values(**change))
        assert set(await db.scalars(places)) == {expected}, change


async def test_a_picture_of_an_ended_post_is_no_longer_public(browse: Any, db: AsyncSession, clock: Clock) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (90, 50), "green").save(drawn, "PNG")
    anna = browse("anna")
    token = re.search(r'name="csrf_token" value="(\w+)"', (await anna.get("/studio/media")).text)
    assert token
    files = {"file": ("hills.png", drawn.getvalue(), "image/png")}
    origin = {"origin": anna.settings.base_url}
    await anna.client.post("/studio/media", data={"csrf_token": token[1]}, files=files, headers=origin)
    url = re.search(r"/media/\w{32}\.png", (await anna.get("/studio/media")).text)
    assert url
    until = typed(clock() + DAY)
    await anna.save(title="Hills", body=f"![Hills]({url[0]})", then="publish", published_at="", expires_at=until)
    assert (await browse().get(url[0])).status_code == 200
    clock.advance(DAY)
    assert (await browse().get(url[0])).status_code == 404


@pytest.mark.parametrize(
    ("at", "until", "sentence"),
    [
        ("", "2026-11-20T10:00", "This time has passed."),
        ("2026-12-02T10:00", "2026-12-01T10:00", "The post would end before it appears."),
        ("2026-12-02T10:00", "2026-02-30T10:00", "There is no such date"),
        ("", "soon", "There is no such date"),
    ],
)
async def test_an_end_that_makes_no_sense_is_refused_by_both_forms(
    browse: Any, db: AsyncSession, at: str, until: str, sentence: str
) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    fields = {"published_at": at, "expires_at": until}
    for answer in (
        await anna.post(f"/studio/posts/{post_id}/publication", fields),
        await anna.save(post_id, title="T", body="Kept words.", then="publish", **fields),
    ):
        assert answer.status_code == 422
        assert sentence in answer.text
        assert f'value="{until}"' in answer.text
        assert 'id="expires_at-error"' in answer.text
    assert (await stored(db, post_id)).status == Status.DRAFT


async def test_a_form_that_does_not_know_of_ends_keeps_them(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    until = clock() + DAY
    await anna.post(f"/studio/posts/{post_id}/publication", {"published_at": "", "expires_at": typed(until)})
    await anna.post(f"/studio/posts/{post_id}/publication", {"published_at": ""})
    assert (await stored(db, post_id)).expires_at == until
    last = (await db.scalars(select(Event).order_by(Event.id.desc()))).first()
    assert last is not None
    assert last.detail["until"] == until.isoformat()
    assert "until" in (await browse("ada").get("/admin/events")).text
    # Withdrawn and published again after that time, it does not end at once.
    await anna.post(f"/studio/posts/{post_id}/publication/delete")
    clock.advance(2 * DAY)
    await anna.post(f"/studio/posts/{post_id}/publication")
    assert (await stored(db, post_id)).expires_at is None
    assert (await browse().get("/posts/hello")).status_code == 200


async def test_a_time_that_the_clocks_leave_out_is_refused(browse: Any, app: Any, db: AsyncSession) -> None:
    await in_paris(db, app)
    post_id = await id_of(db, f"{SECRET}-draft")
    for name in ("published_at", "expires_at"):
        fields = {"published_at": "", "expires_at": ""} | {name: "2027-03-28T02:30"}
        answer = await browse("anna").post(f"/studio/posts/{post_id}/publication", fields)
        assert answer.status_code == 422
        assert "The clocks of Europe/Paris are put forward over this time; it does not exist." in answer.text


async def test_of_a_time_that_comes_twice_the_writer_chooses_one(browse: Any, app: Any, db: AsyncSession) -> None:
    await in_paris(db, app)
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    path = f"/studio/posts/{post_id}/publication"
    twice = {"published_at": "2027-10-31T02:30", "expires_at": ""}
    page = (await anna.get((await anna.post(path, {**twice, "then": "look"})).headers["location"])).text
    assert "The clocks are put back over this time, so it comes twice." in page
    assert "(12:30\u202fAM UTC)" in page
    assert "(1:30\u202fAM UTC)" in page
    assert re.findall(r'name="published_at_fold" value="(\d)"( checked)?', page) == [("0", " checked"), ("1", "")]
    second = (await anna.get(f"{path}?published_at=2027-10-31T02%3A30&published_at_fold=1")).text
    assert 'name="published_at_fold" value="1" checked' in second
    await anna.post(path, twice)
    assert (await stored(db, post_id)).published_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "the first by default"
    await anna.post(path, {**twice, "published_at_fold": "1"})
    assert (await stored(db, post_id)).published_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    # Saved from the editor without a change, it stays the second.
    editor = (await anna.get(f"/studio/posts/{post_id}")).text
    assert '<input type="hidden" name="published_at_fold" value="1" form="editor">' in editor
    await anna.save(post_id, title="T", body="b", then="publish", **twice, published_at_fold="1")
    assert (await stored(db, post_id)).published_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


async def test_the_review_names_what_to_mend_and_where(browse: Any, db: AsyncSession) -> None:
    body = "\n".join(
        [
            "# Birds", "", "[fine](/posts/hello) [moved](http://127.0.0.1:8000/posts/together) [lost](/posts/never)",
            "[draft](/posts/zebrafish-draft) [](https://x.example) [in](#birds) [out](#fish)", "", "### Gulls", "",
            "![](/media/none.png) ![A gull](https://x.example/gull.png)", "[there](/posts/hello#nowhere) [tag](/tags/python)",
            "[me](/authors/anna) [feed](/feed.xml) [old](/tag/python/) [about](/about) [none](/never-a-page)",
        ]
    )  # fmt: skip
    saved = await browse("anna").save(title="Birds", slug="birds", body=body, then="review")
    page = (await browse("anna").get(saved.headers["location"])).text
    post_id = await id_of(db, "birds")
    found = re.findall(r'<li><bdi>([^<]*)</bdi> <a href="/studio/posts/\d+(?:\?line=(\d+))?#(\w+)">', page)
    assert {(line, field, words.split(" leads")[0]) for words, line, field in found if "leads" in words} == {
        ("3", "body", "/posts/never"), ("4", "body", "/posts/zebrafish-draft"), ("8", "body", "/media/none.png"),
        ("10", "body", "/never-a-page"),
    }  # fmt: skip
    told = {(line, field): words for words, line, field in found if "leads" not in words}
    assert told["4", "body"]
    assert [words for words, line, _ in found if "names a place" in words] == [
        "#fish names a place that is not there.",
        "/posts/hello#nowhere names a place that is not there.",
    ]
    assert "The heading “Gulls” is of level 3 and stands under one of level 1." in page
    assert "The link to https://x.example has no words." in page
    assert "The picture /media/none.png has no words" in page
    assert "Without a tag" in told["", "tags"]
    assert "Without an excerpt" in told["", "excerpt"]
    # Nothing of this stops anybody.
    assert (await browse("anna").post(f"/studio/posts/{post_id}/publication")).status_code == 303


async def test_a_link_to_what_will_be_public_by_then_is_fine(browse: Any, clock: Clock, db: AsyncSession) -> None:
    saved = await browse("anna").save(title="Next", body=f"[soon](/posts/{SECRET}-scheduled)", then="review")
    path = saved.headers["location"]
    assert "leads nowhere" in (await browse("anna").get(path)).text
    then = typed(clock() + 4 * DAY)
    assert "leads nowhere" not in (await browse("anna").get(f"{path}?published_at={then}&expires_at=")).text


async def test_the_trash_empties_itself_after_thirty_days(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, hello, draft = browse("anna"), await id_of(db, "hello"), await id_of(db, f"{SECRET}-draft")
    for post_id in (hello, draft):
        assert (await anna.post(f"/studio/posts/{post_id}/trash")).status_code == 303
    assert "deleted for good after December 21, 2026" in (await anna.get("/studio/posts?status=trashed")).text
    clock.advance(trash.KEPT - MINUTE)
    await browse().get("/")
    left = select(func.count(Post.id)).where(Post.id.in_([hello, draft]))
    assert await db.scalar(left) == 2
    clock.advance(timedelta(hours=1))
    await browse().get("/")
    assert await db.scalar(left) == 0
    assert (await browse().get("/posts/hello")).status_code == 410
    assert (await browse().get(f"/posts/{SECRET}-draft")).status_code == 404
    told = select(Event).where(Event.action == "post.deleted", Event.subject_id == hello)
    event = (await db.scalars(told)).one()
    assert (event.actor_id, event.detail) == (None, {"title": "Hello, world"})


async def test_what_is_brought_back_in_time_is_kept(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, hello = browse("anna"), await id_of(db, "hello")
    await anna.post(f"/studio/posts/{hello}/trash")
    clock.advance(trash.KEPT - DAY)
    assert (await anna.post(f"/studio/posts/{hello}/trash/delete")).status_code == 303
    clock.advance(90 * DAY)
    await browse().get("/")
    assert (await stored(db, hello)).status == Status.DRAFT


async def test_two_processes_empty_the_trash_in_batches_and_nothing_twice(fresh_app: Any) -> None:
    async with fresh_app() as app:
        now = app.house.clock()
        async with app.house.sessions() as db:
            anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
            for number in range(trash.AT_ONCE + 5):
                post = written(anna, f"Old {number}", f"old-{number}", now - 40 * DAY)
                db.add(post)
                await db.flush()
                post.trash(now=now - 31 * DAY, by=anna)
            await db.commit()

        async def work() -> int:
            async with app.house.sessions() as db:
                return await trash.empty(db, now)

        deleted = await asyncio.gather(work(), work(), work())
        assert sum(deleted) <= trash.AT_ONCE + 5
        assert max(deleted) <= trash.AT_ONCE
        await work()
        async with app.house.sessions() as db:
            assert not await trash.is_due(db, now)
            told = select(func.count(Event.id)).where(Event.action == "post.deleted")
            assert await db.scalar(told) == trash.AT_ONCE + 5
