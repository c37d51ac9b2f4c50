"""A cover is chosen from the library or uploaded on the way, and nothing that was typed gets lost by it."""

import re
from html import unescape
from typing import Any

import pytest
import samples
from browser import Browser
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event, Media, Post

TYPED = {"title": "Herons", "body": "They <stand>\n\nstill. \"Quoted\"", "tags": "Birds, Ponds", "excerpt": "Still.",
         "published_at": "2026-12-24T18:00", "cover_alt": ""}  # fmt: skip


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def picture_of(browser: Browser, name: str, colour: str, alt: str = "") -> str:
    files = {"file": (name, samples.drawing(colour), "image/png")}
    sent = await browser.post("/studio/media", {"alt": alt}, files=files, headers={"accept": "application/json"})
    assert sent.status_code == 201, sent.text
    url: str = sent.json()["url"]
    return url


def hidden(page: str) -> dict[str, str]:
    """Read what a page carries along."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def editor_of(page: str) -> dict[str, str]:
    fields = {name: unescape(value) for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)}
    fields |= {name: unescape(value) for name, value in re.findall(r'<input name="(\w+)" value="([^"]*)"', page)}
    areas = re.findall(r'<textarea id="(title|body|excerpt)"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert len(areas) == 3
    return fields | {name: unescape(words) for name, words in areas}


async def test_a_cover_is_chosen_for_a_text_that_is_saved_nowhere_yet(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    pond = await picture_of(anna, "pond.png", "teal", "A pond")
    await picture_of(anna, "fire.png", "coral", "A fire")
    before = set(await db.scalars(select(Post.id)))
    page = (await anna.post("/studio/posts/cover", {**TYPED, "writer": "anna", "version": "0"})).text
    assert "pond.png" in page
    assert "fire.png" in page
    carried = hidden(page)
    assert {name: carried[name] for name in TYPED} == TYPED
    found = (await anna.post("/studio/posts/cover", {**carried, "q": "POND"})).text
    assert "fire.png" not in found
    assert hidden(found) == carried
    editor = await anna.post("/studio/posts/cover/choice", {**hidden(found), "chosen": pond})
    assert editor.status_code == 200
    form = editor_of(editor.text)
    assert {name: form[name] for name in TYPED} == TYPED | {"cover_alt": "A pond"}
    assert form["cover"] == pond
    assert "It is saved with the post." in editor.text
    assert "Not saved yet" in editor.text
    assert re.search(rf'<img data-cover-shown src="{pond}" alt="A pond"', editor.text)
    assert set(await db.scalars(select(Post.id))) == before
    saved = await anna.post("/studio/posts", form)
    post = (await db.scalars(select(Post).where(Post.slug == "herons"))).one()
    assert saved.status_code == 303
    assert (f"/media/{(await db.get_one(Media, post.cover_id)).name}", post.cover_alt) == (pond, "A pond")


async def test_a_cover_is_uploaded_changed_and_removed_on_the_way(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    path = f"/studio/posts/{post_id}/cover"
    opened = editor_of((await anna.get(f"/studio/posts/{post_id}")).text)
    files = {"file": ("sea.png", samples.drawing("navy"), "image/png")}
    editor = await anna.post(f"{path}/file", {**opened, "body": "Waves.", "alt": "The sea"}, files=files)
    form = editor_of(editor.text)
    assert (form["body"], form["cover_alt"], form["version"]) == ("Waves.", "The sea", opened["version"])
    sea = (await db.scalars(select(Media).where(Media.original_name == "sea.png"))).one()
    assert form["cover"] == sea.url
    assert (await db.scalars(select(Event.action).order_by(Event.id.desc()).limit(1))).one() == "media.uploaded"
    # Other words for another picture.
    pond = await picture_of(anna, "pond.png", "teal", "A pond")
    form = editor_of((await anna.post(f"{path}/choice", {**form, "chosen": pond})).text)
    assert (form["cover"], form["cover_alt"]) == (pond, "A pond")
    back = await anna.post(f"{path}/choice", {**form, "cover_alt": "My pond", "chosen": pond, "back": "1"})
    assert (editor_of(back.text)["cover"], editor_of(back.text)["cover_alt"]) == (pond, "My pond")
    form = editor_of((await anna.post(f"{path}/choice", {**form, "chosen": ""})).text)
    assert (form["cover"], form["cover_alt"]) == ("", "")
    assert (await anna.post(f"/studio/posts/{post_id}", form)).status_code == 303
    db.expire_all()
    assert (await db.get_one(Post, post_id)).cover_id is None


async def test_a_picture_comes_into_the_text_on_the_same_way(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    pond = await picture_of(anna, "pond.png", "teal", "A [pond]")
    opened = await anna.post("/studio/posts/cover", {**TYPED, "writer": "anna", "version": "0", "into": "text"})
    assert "<h1>Put a picture into the text</h1>" in opened.text
    carried = hidden(opened.text)
    assert carried["into"] == "text"
    assert "cover" not in carried
    form = editor_of((await anna.post("/studio/posts/cover/choice", {**carried, "chosen": pond})).text)
    assert {name: form[name] for name in TYPED} == TYPED | {"body": f"{TYPED['body']}\n\n![A \\[pond\\]]({pond})"}
    assert form["cover"] == ""
    files = {"file": ("sea.png", samples.drawing("navy"), "image/png")}
    asked = {**form, "into": "text", "alt": "The sea"}
    sent = await anna.post("/studio/posts/cover/file", asked, files=files)
    assert "It is saved with the post." in sent.text
    assert re.search(r"\)\n\n!\[The sea\]\(/media/[\w.]+\)$", editor_of(sent.text)["body"])
    back = await anna.post("/studio/posts/cover/choice", {**form, "into": "text", "back": "1"})
    assert editor_of(back.text)["body"] == form["body"]
    refused = await anna.post("/studio/posts/cover/choice", {**form, "into": "text"})
    assert (refused.status_code, hidden(refused.text)["into"]) == (422, "text")


@pytest.mark.parametrize(
    ("step", "fields", "file", "sentence"),
    [
        ("/choice", {}, None, "Choose a picture."),
        ("/choice", {"chosen": "/media/gone.png"}, None, "This picture is not there any more."),
        ("/choice", {"chosen": "https://elsewhere.example/a.png"}, None, "This picture is not there any more."),
        ("/file", {}, None, "Choose a file to upload."),
        ("/file", {}, ("a.png", b"no picture"), "can"),
        ("/file", {}, ("talk.mp3", samples.mp3()), "A cover is a picture. This file is in the library now."),
    ],
)
async def test_what_cannot_be_a_cover_is_told_and_nothing_is_lost(
    browse: Any, db: AsyncSession, step: str, fields: dict[str, str], file: Any, sentence: str
) -> None:
    anna = browse("anna")
    files = {"file": (*file, "application/octet-stream")} if file else None
    typed = {**TYPED, "writer": "anna", "version": "0", **fields}
    answer = await anna.post(f"/studio/posts/cover{step}", typed, files=files)
    assert answer.status_code == 422
    assert sentence in answer.text.split('role="alert">')[1]
    carried = hidden(answer.text)
    assert {name: carried[name] for name in TYPED} == TYPED


async def test_nobody_is_shown_what_is_not_in_their_library(browse: Any, db: AsyncSession) -> None:
    anna, ben, ed = browse("anna"), browse("ben"), browse("ed")
    theirs = await picture_of(anna, "private.png", "teal", "Of Anna")
    typed = {**TYPED, "writer": "ben", "version": "0"}
    assert "private.png" not in (await ben.post("/studio/posts/cover", typed)).text
    refused = await ben.post("/studio/posts/cover/choice", {**typed, "chosen": theirs})
    assert (refused.status_code, "Of Anna" in refused.text) == (422, False)
    assert "private.png" in (await ed.post("/studio/posts/cover", {**typed, "writer": "ed"})).text
    for who, status in (("ben", 404), ("vera", 403), (None, 303)):
        answer = await browse(who).post(f"/studio/posts/{await id_of(db, 'hello')}/cover", {})
        assert answer.status_code == status, who
    carls = await id_of(db, "carl-in-print")
    assert (await browse("carl").post(f"/studio/posts/{carls}/cover", TYPED)).status_code == 403


async def test_who_was_signed_out_on_the_way_goes_on_where_they_were(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    stale = {**TYPED, "writer": "anna", "version": "1", "csrf_token": "old"}
    for path, back in ((f"/studio/posts/{post_id}/cover/choice", f"/studio/posts/{post_id}"),
                       ("/studio/posts/cover", "/studio/posts/new")):  # fmt: skip
        page = await anna.post(path, stale)
        assert page.status_code == 403
        assert hidden(page.text)["next"] == back
        assert hidden(page.text)["body"] == TYPED["body"]


async def test_the_dialog_gets_the_pictures_of_the_library_page_by_page(browse: Any, db: AsyncSession) -> None:
    anna, asks = browse("anna"), {"accept": "application/json"}
    urls = [await picture_of(anna, f"{n}.png", f"rgb({n},0,0)", f"Number {n}") for n in range(32)]
    await anna.post("/studio/media", files={"file": ("talk.mp3", samples.mp3(), "audio/mpeg")})
    first = (await anna.get("/studio/media?kind=picture&page=1", headers=asks)).json()
    assert [item["url"] for item in first["items"]] == urls[:1:-1]
    assert first["next"] == 2
    assert first["items"][0] == {"url": urls[31], "name": "31.png", "alt": "Number 31", "thumbnail": urls[31],
                                 "markdown": f"![Number 31]({urls[31]})"}  # fmt: skip
    last = (await anna.get("/studio/media?kind=picture&page=2", headers=asks)).json()
    assert ([item["url"] for item in last["items"]], last["next"]) == (urls[1::-1], None)
    found = (await anna.get("/studio/media?kind=picture&q=number+31", headers=asks)).json()
    assert len(found["items"]) == 1
    assert (await browse("ben").get("/studio/media?kind=picture", headers=asks)).json()["items"] == []
