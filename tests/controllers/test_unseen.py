"""Changes to a live post that readers do not see: marked wherever the post stands, and decided in one place."""

import re
from datetime import timedelta
from typing import Any

import pytest
from cast import DAY, Clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Post

MARK = '<span class="pill unseen">Unpublished changes</span>'


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


def buttons(page: str) -> list[str]:
    """List the buttons above the text that are shown."""
    bar = page.split('class="writing-bar"')[1].split('class="actions"')[1].split("<details")[0]
    found = re.findall(r"<button([^>]*)>(?:<[^>]+>)*([^<]+)", bar)
    return [words for attributes, words in found if "hidden" not in attributes.split()]


async def test_one_place_says_what_can_be_done_with_a_live_post(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert buttons(page) == ["Save", "Update", "Review and update…", "Preview"]
    assert page.count(">Update<") == 1
    await anna.save(post_id, title="Hello", slug="hello", body="Later.", then="keep")
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert buttons(page) == ["Save", "Update", "Review and update…", "Discard changes", "Preview"]
    assert page.count(">Update<") == 1
    assert "Review and publish…" not in page
    changed = re.search(r'<p data-unseen>.*?<a href="([^"]+)">See what changed', page, re.S)
    assert changed
    assert "<ins>Later" in (await anna.get(changed[1])).text
    draft = (await anna.get(f"/studio/posts/{await id_of(db, 'zebrafish-draft')}")).text
    assert buttons(draft) == ["Save", "Preview"]
    assert "Review and publish…" in draft


async def test_a_post_with_such_changes_is_marked_and_found(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    assert MARK not in (await anna.get("/studio/posts")).text
    assert "Unpublished changes" not in (await anna.get("/studio/posts")).text, "no filter that finds nothing"
    clock.advance(DAY)
    await anna.save(post_id, title="Hello", slug="hello", body="Later.", then="keep")
    for path in ("/studio/posts", "/studio/posts?status=published", "/studio"):
        page = (await anna.get(path)).text
        assert page.count(MARK) >= 1, path
        assert "saved November 22, 2026" in page, "not when readers got their text"
    first = re.search(r'class="row-title"[^>]*><bdi>([^<]+)', (await anna.get("/studio/posts")).text)
    assert first
    assert first[1] == "Hello, world", "what was worked on last comes first"
    found = (await anna.get("/studio/posts?status=unseen")).text
    assert re.search(r'status=unseen" aria-current="page">Unpublished changes <span class="count">1<', found)
    assert re.findall(r'class="row-title"[^>]*><bdi>([^<]+)', found) == ["Hello, world"]
    assert "No post fits" in (await browse("ben").get("/studio/posts?status=unseen")).text
    assert "saved November 22, 2026" in (await browse("ed").get("/studio/posts?status=unseen&author=anna")).text
    await anna.post(f"/studio/posts/{post_id}/working-copy/delete")
    assert MARK not in (await anna.get("/studio/posts")).text


async def test_the_editor_says_when_the_words_in_it_were_saved(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    assert "Saved November 11, 2026" in (await anna.get(f"/studio/posts/{post_id}")).text
    clock.advance(DAY)
    await anna.save(post_id, title="Hello", slug="hello", body="Later.", then="keep")
    clock.advance(DAY)
    assert "Saved November 22, 2026" in (await anna.get(f"/studio/posts/{post_id}")).text
    await anna.save(post_id, title="Hello", slug="hello", body="Now.", then="keep")
    assert re.search(r"Saved \d+:\d+.[AP]M</span>", (await anna.get(f"/studio/posts/{post_id}")).text), "of today"


@pytest.mark.parametrize(("slug", "then"), [("zebrafish-draft", ""), ("hello", "keep"), ("hello", "")])
async def test_dates_that_a_save_does_not_keep_stay_in_the_form_and_are_told(
    browse: Any, db: AsyncSession, slug: str, then: str
) -> None:
    anna, post_id = browse("anna"), await id_of(db, slug)
    before = (await anna.get(f"/studio/posts/{post_id}")).text
    assert re.search(r"data-times=\'[^\']*\' hidden>", before)
    begin = re.search(r'id="published_at"[^>]*value="([^"]*)"', before)
    assert begin
    typed = {"published_at": begin[1], "expires_at": "2027-03-01T10:00"}
    saved = await anna.save(post_id, title="Hello", slug=slug, body="Later.", then=then, **typed)
    page = (await anna.get(saved.headers["location"])).text
    assert "The dates below are not saved yet: they count when you publish." in page
    assert 'value="2027-03-01T10:00"' in page
    assert not re.search(r"data-times=\'[^\']*\' hidden>", page)
    unchanged = await anna.save(post_id, title="Hello", slug=slug, body="Even later.", then=then, published_at=begin[1])
    assert "?" not in unchanged.headers["location"]
    db.expire_all()
    assert (await db.get_one(Post, post_id)).expires_at is None


async def test_dates_that_were_typed_go_along_to_the_review(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    typed = {"published_at": "2026-12-24T18:00", "expires_at": "", "then": "review"}
    saved = await anna.post("/studio/posts", {"title": "Snow", "body": "x", **typed})
    page = (await anna.get(saved.headers["location"])).text
    assert 'value="2026-12-24T18:00"' in page
    assert '<button class="primary">Schedule</button>' in page
    assert "not saved yet" not in page


async def test_every_key_of_the_editor_is_in_its_list_of_shortcuts(browse: Any, db: AsyncSession) -> None:
    page = (await browse("anna").get(f"/studio/posts/{await id_of(db, 'hello')}")).text
    keys = set(re.findall(r'data-keys="([^"]+)"', page))
    assert len(keys) >= 12
    listed = set(re.findall(r"<kbd>Ctrl\+([^<]+)</kbd>", page.split("data-shortcuts")[1].split("</details>")[0]))
    assert keys <= listed


async def test_a_scheduled_post_whose_date_is_emptied_is_published_now_by_a_clock_that_goes_on(
    browse: Any, db: AsyncSession, clock: Clock, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, post_id = browse("anna"), await id_of(db, "zebrafish-scheduled")

    def ticking() -> Any:
        clock.advance(timedelta(microseconds=1))
        return clock.moment

    monkeypatch.setattr(app.house, "clock", ticking)
    page = (await anna.get(f"/studio/posts/{post_id}/publication?published_at=&expires_at=")).text
    assert '<button class="primary">Publish now</button>' in page
    assert "As soon as you publish it" in page
