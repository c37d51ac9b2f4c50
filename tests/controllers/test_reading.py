"""Readers browse: the feed, posts, tags, authors, Atom, and old addresses."""

import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from cast import DAY, SECRET, Clock, written
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event, Login, Post, Role, Site, Tag, User

PUBLIC = ["/", "/archive", "/archive/2026/11", "/posts/hello", "/posts/together", "/tags", "/tags/python", "/authors/anna", "/authors/greta", "/about", "/search", "/search?q=hello",
          "/feed.xml", "/tags/python/feed.xml", "/authors/anna/feed.xml", "/login", "/health/live", "/health/ready"]  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("path", PUBLIC)
async def test_every_public_page_answers_get_and_head_alike_and_sets_no_cookie(browse: Any, path: str) -> None:
    page, head = await browse().get(path), await browse().head(path)
    assert page.status_code == head.status_code == 200
    assert "set-cookie" not in page.headers
    assert head.content == b""
    assert head.headers["content-type"] == page.headers["content-type"]


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [("/", "/"), ("/?page=1", "/"), ("/?utm_source=x", "/"), ("/posts/hello?x=1", "/posts/hello"), ("/about", "/about"),
     ("/tags/python?page=1&b=2", "/tags/python"), ("/authors/anna", "/authors/anna"), ("/archive", "/archive")],
)  # fmt: skip
async def test_every_page_names_its_one_address_and_what_it_is_about(browse: Any, asked: str, canonical: str) -> None:
    text = (await browse().get(asked)).text
    assert re.findall(r'<link rel="canonical" href="([^"]+)">', text) == [f"http://127.0.0.1:8000{canonical}"]
    assert len(re.findall(r'<meta name="description" content="[^"]+">', text)) == 1


async def test_the_feed_shows_ten_posts_newest_first_and_numbers_its_pages(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number in range(20):
        post = written(anna, f"Number {number:02}", f"number-{number:02}", clock() - DAY)
        db.add(post)
        post.publish(now=clock(), by=anna, at=clock() - DAY / 24 * number)
    await db.commit()
    first, third = (await browse().get("/")).text, (await browse().get("/?page=3")).text
    shown = [f"Number {number:02}" in first for number in range(20)]
    assert shown == [True] * 10 + [False] * 10
    assert first.index("Number 00") < first.index("Number 09")
    assert 'href="/?page=2"' in first
    assert "Hello, world" in third


@pytest.mark.parametrize("page", ["0", "-1", "4", "999999999999999999999999", "x", "", "1.0", "٣", "%00"])
async def test_a_page_that_is_not_there_is_404(browse: Any, page: str) -> None:
    assert (await browse().get(f"/?page={page}")).status_code == 404


async def test_a_post_shows_its_whole_byline_in_order(browse: Any) -> None:
    text = (await browse().get("/posts/together")).text
    assert text.index("Anna Author") < text.index("Ben Byline") < text.index("Greta Guest")


async def test_a_scheduled_post_appears_when_its_time_comes_and_not_before(browse: Any, clock: Clock) -> None:
    path = f"/posts/{SECRET}-scheduled"
    clock.advance(3 * DAY - DAY / 86400)
    assert (await browse().get(path)).status_code == 404
    assert SECRET not in (await browse().get("/")).text
    clock.advance(DAY / 86400)
    assert (await browse().get(path)).status_code == 200
    assert f"{SECRET}-scheduled" in (await browse().get("/")).text


async def test_the_atom_feed_is_well_formed_and_links_absolutely(browse: Any) -> None:
    root = ElementTree.fromstring((await browse().get("/feed.xml")).content)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Carl in print", "For members", "Written together", "Hello, world"]
    together = list(root.iter(f"{ATOM}entry"))[2]
    assert [name.text for name in together.iter(f"{ATOM}name")] == ["Anna Author", "Ben Byline", "Greta Guest"]
    links = [link.get("href") or "" for link in root.iter(f"{ATOM}link")]
    assert all(link.startswith("http://127.0.0.1:8000/") for link in links)


async def test_a_feed_of_ten_takes_one_statement_and_a_post_one(
    app: Any, browse: Any, db: AsyncSession, clock: Clock, statements: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.house, "keeps", True)
    monkeypatch.setattr(app.house, "_known_at", (-1, -1))
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    tags = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    assert tags.title == "Hello, world"
    for number in range(12):
        post = written(anna, f"Many {number}", f"many-{number}", clock() - DAY)
        db.add(post)
        post.publish(now=clock(), by=anna)
    await db.commit()
    await browse().get("/")  # the site's own row is read at most once a second
    for path in ("/", "/?page=2"):
        assert len(await statements(lambda path=path: browse().get(path))) == 1
    assert len(await statements(lambda: browse().get("/posts/together"))) == 1


LISTS = ["/", "/archive", "/archive/2026/11", "/sitemap.xml", "/tags", "/tags/python", "/authors/anna", "/feed.xml", "/tags/python/feed.xml", "/studio/posts",
         "/studio/posts?status=published&tag=python&author=anna", "/studio/posts/new", "/studio/media",
         "/admin/users", "/admin/events", "/account/sessions"]  # fmt: skip


async def test_no_list_asks_more_often_when_there_is_more_to_list(
    browse: Any, db: AsyncSession, clock: Clock, statements: Any
) -> None:
    people = {user.username: user for user in await db.scalars(select(User))}
    anna, ben, ada = people["anna"], people["ben"], people["ada"]
    python = (await db.scalars(select(Tag).where(Tag.slug == "python"))).one()
    few = {path: len(await statements(lambda path=path: browse("ada").get(path))) for path in LISTS}
    for number in range(25):
        tag = Tag(name=f"Tag {number}", key=f"tag {number}", slug=f"tag-{number}")
        post = written(anna, f"Many {number}", f"many-{number}", clock() - DAY, tags=[python, tag], others=[ben])
        db.add_all([post, Event.about("user.signed_in", ada, clock(), ada)])
        db.add(User(name=f"Person {number}", username=f"person-{number}", role=Role.AUTHOR, created_at=clock()))
        post.publish(now=clock(), by=anna)
        db.add(Login(user_id=ada.id, token_hash=f"{number:064}", created_at=clock(), expires_at=clock() + DAY))
    await db.commit()
    for path in LISTS:
        assert len(await statements(lambda path=path: browse("ada").get(path))) <= few[path], path
        assert few[path] <= 9, path


async def test_the_archive_tells_months_apart_by_the_site_s_own_clock(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    site = (await db.scalars(select(Site))).one()
    site.timezone = "Pacific/Auckland"
    for slug, at in (("new-year", datetime(2024, 12, 31, 23, tzinfo=UTC)), ("old", datetime(1999, 6, 1, tzinfo=UTC))):
        post = written(anna, slug, slug, at)
        post.publish(now=clock(), by=anna, at=at)
        db.add(post)
    await db.commit()
    browser = browse()
    browser.app.house.forget_site()
    page = (await browser.get("/archive")).text
    assert re.findall(r'href="(/archive/[^"]*)"', page) == ["/archive/2026/11", "/archive/2025/1", "/archive/1999/6"]
    assert "new-year" in (await browser.get("/archive/2025/1")).text
    for empty in ("/archive/2024/12", "/archive/2026/13", "/archive/0/1", "/archive/99999/1", "/archive/2026/x"):
        assert (await browser.get(empty)).status_code == 404
    browser.app.house.forget_site()
