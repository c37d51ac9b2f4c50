"""A second import of a changed file puts its words under changes that readers do not see yet, and hides none of these."""

import re
from html import unescape
from typing import Any

from browser import Browser
from cast import DAY, TODAY
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from transfer.old_site import OldSite, post_at, told

from blog.models import Clash, Revision
from blog.web.edge import Edge

FILE = "tea.md"
HEAD = "---\ntitle: Tea\nauthor: Anna Author\ndate: 2020-01-01\ntags: [Leaves]\n---\n"
BODY = "Warm the pot.\n\nOne spoon.\n\nThen wait.\n"
BESIDE = "The post has unpublished changes here"


async def bring_in(old_site: OldSite, app: Edge, body: str, head: str = HEAD) -> list[str]:
    old_site.write(FILE, head + body)
    return told(await old_site.bring_in(app.house.sessions, now=TODAY + DAY))


async def editor_of(who: Browser, post_id: int) -> dict[str, str]:
    page = (await who.get(f"/studio/posts/{post_id}")).text
    texts = re.findall(r'<textarea id="(title|body)"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert len(texts) == 2
    fields = re.findall(r'<input[^>]*name="(slug|tags|version|knows|opened_slug)"[^>]*value="([^"]*)"', page)
    return {name: unescape(value) for name, value in [*texts, *fields]} | {"page": page}


async def changed_here(app: Edge, old_site: OldSite, **changes: str) -> tuple[Browser, int]:
    """Import the file, and let Anna change its post so that readers do not see it."""
    assert await bring_in(old_site, app, BODY) == []
    anna, post = Browser(app, "anna"), await post_at(app.house.sessions, "tea")
    form = await editor_of(anna, post.id)
    kept = await anna.post(f"/studio/posts/{post.id}", {**form, **changes, "then": "keep"})
    assert kept.status_code == 303, kept.text
    return anna, post.id


async def test_changes_elsewhere_in_the_text_come_together_and_stay_unpublished(
    old_site: OldSite, fresh_app: Any
) -> None:
    async with fresh_app() as app:
        anna, post_id = await changed_here(
            app, old_site, body=BODY.replace("Then wait.", "Then wait for her."), tags="Leaves, Patience"
        )
        report = await bring_in(old_site, app, BODY.replace("One spoon.", "Two spoons."), HEAD.replace("Tea", "Tea!"))
        assert report == [f"{FILE}: {BESIDE}; they were put on top of the file’s words, still unpublished."]
        public = (await Browser(app).get("/posts/tea")).text
        assert "Two spoons." in public
        assert "for her" not in public
        form = await editor_of(anna, post_id)
        assert form["body"] == "Warm the pot.\n\nTwo spoons.\n\nThen wait for her.\n"
        assert (form["title"], form["tags"]) == ("Tea!", "Leaves, Patience")
        assert "<p data-unseen>" in form["page"]
        await anna.post(f"/studio/posts/{post_id}/working-copy/publication")
        public = (await Browser(app).get("/posts/tea")).text
        assert "Two spoons." in public
        assert "Then wait for her." in public
        async with app.house.sessions() as db:
            numbers = list(await db.scalars(select(Revision.number).where(Revision.post_id == post_id)))
        assert sorted(numbers) == [1, 2, 3, 4, 5]


async def test_changes_to_the_same_words_are_kept_and_the_editor_asks(old_site: OldSite, fresh_app: Any) -> None:
    async with fresh_app() as app:
        anna, post_id = await changed_here(app, old_site, body=BODY.replace("One spoon.", "Half a spoon."))
        report = await bring_in(old_site, app, BODY.replace("One spoon.", "Two spoons."))
        assert report == [
            f"{FILE}: {BESIDE} to the same words as the file. They are kept: "
            "the editor asks Anna Author what is to hold."
        ]
        assert "Two spoons." in (await Browser(app).get("/posts/tea")).text
        form = await editor_of(anna, post_id)
        assert "choose what is to hold" in form["page"]
        question = (await anna.get(f"/studio/posts/{post_id}/conflict")).text
        assert "Half a" in question
        fields = dict(re.findall(r'name="(version|clash)" value="(\d+)"', question))
        fields |= dict.fromkeys(re.findall(r'name="(choice-[\w-]+)" value="mine"', question), "mine")
        settled = await anna.post(f"/studio/posts/{post_id}/conflict", fields)
        assert settled.status_code == 303, settled.text
        assert (await editor_of(anna, post_id))["body"] == BODY.replace("One spoon.", "Half a spoon.")
        assert "Two spoons." in (await Browser(app).get("/posts/tea")).text


async def test_an_older_question_is_not_pushed_aside_by_a_newer_one(old_site: OldSite, fresh_app: Any) -> None:
    async with fresh_app() as app:
        anna, post_id = await changed_here(app, old_site, body=BODY.replace("One spoon.", "Half a spoon."))
        await bring_in(old_site, app, BODY.replace("One spoon.", "Two spoons."))
        async with app.house.sessions() as db:
            first = await clash_of(db)
        form = await editor_of(anna, post_id)
        await anna.post(
            f"/studio/posts/{post_id}", {**form, "body": form["body"].replace("Warm", "Heat"), "then": "keep"}
        )
        working = (await editor_of(anna, post_id))["version"]
        report = await bring_in(old_site, app, BODY.replace("Warm", "Cool"))
        assert report == [
            f"{FILE}: {BESIDE} to the same words as the file. They are version {working} among its earlier versions."
        ]
        assert "Heat" in (await anna.get(f"/studio/posts/{post_id}/revisions/{working}")).text
        async with app.house.sessions() as db:
            assert await clash_of(db) == first


async def test_what_the_file_says_too_is_no_change_any_more(old_site: OldSite, fresh_app: Any) -> None:
    async with fresh_app() as app:
        same = BODY.replace("One spoon.", "Two spoons.")
        anna, post_id = await changed_here(app, old_site, body=same)
        report = await bring_in(old_site, app, same)
        assert report == [f"{FILE}: The unpublished changes that the post had here are in the file too."]
        form = await editor_of(anna, post_id)
        assert form["body"] == same
        assert "<p data-unseen hidden>" in form["page"]


async def test_a_tag_that_was_merged_here_is_not_brought_back_by_its_file(old_site: OldSite, fresh_app: Any) -> None:
    async with fresh_app() as app:
        assert await bring_in(old_site, app, BODY) == []
        ed = Browser(app, "ed")
        found = re.search(r'/studio/tags/(\d+)"><bdi>Leaves', (await ed.get("/studio/tags")).text)
        assert found
        await ed.post(f"/studio/tags/{found[1]}", {"name": "Foliage", "slug": "foliage"})
        assert await bring_in(old_site, app, BODY + "More.\n") == [
            f"{FILE}: The tag “Leaves” has become “Foliage” here."
        ]
        assert [tag.name for tag in (await post_at(app.house.sessions, "tea")).tags] == ["Foliage"]


async def clash_of(db: AsyncSession) -> tuple[int, Any]:
    clash = (await db.scalars(select(Clash))).one()
    return clash.id, clash.form
