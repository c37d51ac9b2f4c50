"""Editors keep pages that stand by themselves, and admins choose which of them are in the navigation."""

import re
from typing import Any

import pytest
from cast import SECRET, Clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Kind, Post

SETTINGS = {"title": "Field Notes", "tagline": "", "language": "en", "timezone": "UTC", "accent": ""}


async def write_page(browser: Any, **fields: str) -> str:
    """Write a page and publish it; give its editor's address."""
    answer = await browser.post(
        "/studio/pages", {"title": "Colophon", "body": "Set in *serifs*.", "then": "publish"} | fields
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_an_editor_writes_a_page_and_readers_find_it_at_its_own_address(browse: Any) -> None:
    await write_page(browse("ed"))
    page = await browse().get("/colophon")
    assert page.status_code == 200
    assert "<em>serifs</em>" in page.text
    assert "Ed Editor" not in page.text
    for elsewhere in ("/", "/archive/2026/11", "/feed.xml", "/authors/ed", "/posts/colophon"):
        assert "olophon" not in (await browse().get(elsewhere)).text.replace("/posts/colophon", "")
    assert "/colophon" in (await browse().get("/sitemap.xml")).text
    assert "Colophon" in (await browse("ed").get("/studio/pages")).text
    assert "Colophon" not in (await browse("ed").get("/studio/posts")).text


@pytest.mark.parametrize("who", ["vera", "carl", "anna"])
async def test_pages_are_for_editors(browse: Any, db: AsyncSession, who: str) -> None:
    about = (await db.scalars(select(Post).where(Post.slug == "about"))).one()
    for path in ("/studio/pages", "/studio/pages/new", f"/studio/posts/{about.id}"):
        assert (await browse(who).get(path)).status_code in {403, 404}
    assert (await browse(who).post("/studio/pages", {"title": "x"})).status_code == 403


@pytest.mark.parametrize(
    "slug",
    ["posts", "studio", "login", "search", "feed", "rss", "api", "health", "archive", "static", "media", "metrics"],
)
async def test_a_page_cannot_take_an_address_of_the_site_itself(browse: Any, slug: str) -> None:
    answer = await browse("ed").post("/studio/pages", {"title": "Mine", "slug": slug, "body": "kept words"})
    assert answer.status_code == 422
    assert "This address belongs to the site itself." in answer.text
    assert "kept words" in answer.text


async def test_a_title_that_would_take_such_an_address_gets_another(browse: Any) -> None:
    await write_page(browse("ed"), title="Search")
    assert (await browse().get("/search-page")).status_code == 200


async def test_a_renamed_page_leads_on_from_its_old_address_and_a_trashed_one_is_gone(browse: Any) -> None:
    path = await write_page(browse("ed"))
    post_id = int(path.rsplit("/", 1)[1])
    await browse("ed").save(post_id, title="Imprint", slug="imprint", body="b")
    moved = await browse().get("/colophon")
    assert (moved.status_code, moved.headers["location"]) == (301, "/imprint")
    await browse("ed").post(f"/studio/posts/{post_id}/trash")
    assert (await browse().get("/imprint")).status_code == 410


async def test_everybody_reads_a_page(browse: Any) -> None:
    for who in (None, "vera", "carl", "anna", "ed", "ada"):
        assert (await browse(who).get("/about")).status_code == 200, who


async def test_a_draft_page_is_shown_to_editors_only(browse: Any) -> None:
    path = f"/{SECRET}-page"
    assert (await browse("ed").get(path)).status_code == 200
    for who in (None, "vera", "anna"):
        assert (await browse(who).get(path)).status_code == 404


async def test_a_posts_slug_and_a_pages_cannot_be_the_same(browse: Any, db: AsyncSession) -> None:
    await write_page(browse("ed"), title="Hello", slug="")
    pages = list(await db.scalars(select(Post.slug).where(Post.kind == Kind.PAGE, Post.title == "Hello")))
    assert pages == ["hello-2"]


async def test_an_admin_puts_a_page_into_the_navigation(browse: Any, app: Any) -> None:
    links = {"label_1": "About", "address_1": "/about", "label_3": "Forge", "address_3": "https://forge.example.org/"}
    saved = await browse("ada").post("/admin/site", SETTINGS | links)
    assert saved.status_code == 303
    navigation = (await browse().get("/about")).text.split("<nav")[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', navigation) == [
        "/about",
        "https://forge.example.org/",
        "/archive",
        "/tags",
        "/search",
    ]
    assert '<a href="/about" aria-current="page">' in navigation
    form = (await browse("ada").get("/admin/site")).text
    assert 'name="label_2" type="text" value="Forge"' in form


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("address_1", "javascript:alert(1)", "An address begins with /"),
        ("address_1", "//evil.example", "An address begins with /"),
        ("address_1", "", "An address begins with /"),
        ("label_1", "", "Give this link a label."),
        ("title", "", "Give the publication a name."),
        ("accent", "red; }", "A colour looks like"),
        ("accent", "#12345", "A colour looks like"),
        ("language", "xx", "Choose one from the list."),
        ("timezone", "Mars/Olympus", "Choose one from the list."),
    ],
)
async def test_a_bad_setting_is_told_beside_its_field_and_the_others_are_kept(
    browse: Any, field: str, value: str, sentence: str
) -> None:
    typed = SETTINGS | {"label_1": "Here", "address_1": "/here", "tagline": "kept words", field: value}
    answer = await browse("ada").post("/admin/site", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "kept words" in answer.text
    assert "kept words" not in (await browse().get("/")).text


async def test_a_changed_name_shows_at_once_and_is_recorded(browse: Any) -> None:
    await browse("ada").post("/admin/site", SETTINGS | {"tagline": "Walks and weather", "timezone": "Asia/Tokyo"})
    page = (await browse().get("/")).text
    assert "Field Notes" in page
    assert "Walks and weather" in page
    assert "site.changed" in (await browse("ada").get("/admin/events")).text


async def test_the_scheme_that_a_reader_chose_is_kept_and_no_cookie_without_a_choice(browse: Any, clock: Clock) -> None:
    reader = browse()
    assert "data-theme" not in (await reader.get("/")).text
    answer = await reader.post("/appearance", {"theme": "dark", "back": "/posts/hello?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/posts/hello?x=1")
    assert '<html lang="en" dir="ltr" data-theme="dark">' in (await reader.get("/about")).text
    await reader.post("/appearance", {"theme": "", "back": "//evil.example"})
    assert "data-theme" not in (await reader.get("/")).text
    evil = await reader.post("/appearance", {"theme": "<script>", "back": "https://evil.example"})
    assert evil.headers["location"] == "/"
    assert "data-theme" not in (await reader.get("/")).text
    signed_in = browse("anna")
    assert 'name="csrf_token"' in (await signed_in.get("/")).text
    assert (await signed_in.post("/appearance", {"theme": "light"})).status_code == 303


async def test_a_tag_gets_a_description_and_another_spelling_and_an_end(browse: Any) -> None:
    desk = (await browse("ed").get("/studio/tags")).text
    path = re.search(r'href="(/studio/tags/\d+)"><bdi>Python', desk)
    assert path
    assert (await browse("ed").post(path[1], {"name": "Pythons", "description": "Snakes & code"})).status_code == 303
    page = (await browse().get("/tags/python")).text
    assert "<bdi>Pythons</bdi>" in page
    assert "Snakes &amp; code" in page
    for name, sentence in (
        ("cooking", "There is another tag with this name."),
        ("", "Give the tag a name."),
        ("a,b", "without a comma"),
    ):
        answer = await browse("ed").post(path[1], {"name": name, "description": "kept words"})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "kept words" in answer.text
    assert (await browse("ed").post(f"{path[1]}/delete")).status_code == 303
    assert (await browse().get("/tags/python")).status_code == 410
    assert (await browse().get("/posts/hello")).status_code == 200
    assert (await browse("ed").get(path[1])).status_code == 404
