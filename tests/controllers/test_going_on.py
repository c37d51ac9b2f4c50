"""From a post a reader goes on: to the one before and after, to those alike, to who wrote it, to a friend."""

import io
import json
import re
from typing import Any

import pytest
from cast import DAY, SECRET, Clock
from PIL import Image
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Post, User


async def publish(browser: Any, title: str, at: str, **fields: str) -> None:
    answer = await browser.save(title=title, then="publish", published_at=at, **fields)
    assert answer.status_code == 303, answer.text


def links(text: str, start: str, end: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', text.split(start)[1].split(end)[0]) if start in text else []


async def test_a_post_leads_to_the_one_before_and_the_one_after(browse: Any) -> None:
    text = (await browse().get("/posts/together")).text
    assert links(text, 'class="neighbours"', "</nav>") == ["/posts/hello", "/posts/for-members"]
    assert links((await browse().get("/posts/hello")).text, 'class="neighbours"', "</nav>") == ["/posts/together"]
    newest = (await browse().get("/posts/carl-in-print")).text
    assert links(newest, 'class="neighbours"', "</nav>") == ["/posts/for-members"]


async def test_what_is_scheduled_or_a_page_is_no_neighbour_until_it_is_public(browse: Any, clock: Clock) -> None:
    assert SECRET not in (await browse().get("/posts/carl-in-print")).text
    clock.advance(4 * DAY)
    assert f"/posts/{SECRET}-scheduled" in (await browse().get("/posts/carl-in-print")).text


async def test_three_related_posts_by_shared_tags_and_then_by_words(browse: Any) -> None:
    anna = browse("anna")
    await publish(anna, "Ferry", "2026-10-01T10:00", tags="Boats, Sea", body="x")
    await publish(anna, "Yacht", "2026-10-02T10:00", tags="Boats, Sea", body="x")
    await publish(anna, "Canoe", "2026-10-03T10:00", tags="Boats", body="x")
    await publish(anna, "Lichen survey", "2026-10-04T10:00", body="Lichen and moss, lichen and moss.")
    await publish(anna, "Where moss grows", "2026-10-05T10:00", body="Moss here, lichen there, moss and lichen.")
    ferry = links((await browse().get("/posts/ferry")).text, 'class="related"', "</section>")
    assert ferry[:2] == ["/posts/yacht", "/posts/canoe"]
    moss = links((await browse().get("/posts/where-moss-grows")).text, 'class="related"', "</section>")
    assert "/posts/lichen-survey" in moss
    # A post tells of those that came after it too.
    assert "/posts/where-moss-grows" in (await browse().get("/posts/lichen-survey")).text.split('class="related"')[1]


async def test_no_hidden_post_is_related(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    await publish(anna, "Ferry", "2026-10-01T10:00", tags="Boats", body="x")
    await anna.save(title="Submarine", tags="Boats", body="x")
    assert "ubmarine" not in (await browse().get("/posts/ferry")).text


async def test_a_featured_post_leads_the_first_page_and_stays_in_its_place(browse: Any, db: AsyncSession) -> None:
    hello = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    assert (await browse("ed").post(f"/studio/posts/{hello.id}/feature")).status_code == 303
    text = (await browse().get("/")).text
    titles = re.findall(r'class="u-url" href="([^"]+)"', text)
    assert titles == ["/posts/hello", "/posts/carl-in-print", "/posts/for-members", "/posts/together"]
    assert text.count("entry h-entry lead") == 1


async def test_the_address_can_be_passed_on_by_plain_links(browse: Any) -> None:
    shared = links((await browse().get("/posts/hello")).text, 'class="share"', "</p>")
    assert shared[0] == "mailto:?subject=Hello%2C%20world&amp;body=http%3A%2F%2F127.0.0.1%3A8000%2Fposts%2Fhello"
    assert all(link.startswith(("mailto:", "https://")) for link in shared)


@pytest.mark.parametrize("title", ["Plain", 'A "quoted" </script><script>alert(1)</script> & more', "`code` and ☃"])
async def test_search_engines_are_told_exactly_what_the_page_says(browse: Any, title: str) -> None:
    await publish(browse("anna"), title, "2026-10-01T10:00", slug="told", tags="Boats", body="Words here.")
    text = (await browse().get("/posts/told")).text
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(found) == 1
    told = json.loads(found[0])
    assert (told["@type"], told["headline"], told["wordCount"]) == ("BlogPosting", title, 2)
    assert told["author"] == [{"@type": "Person", "name": "Anna Author", "url": "http://127.0.0.1:8000/authors/anna"}]
    assert told["datePublished"] == "2026-10-01T10:00:00+00:00"
    assert told["url"] == "http://127.0.0.1:8000/posts/told"
    assert "script-src 'self'" in (await browse().get("/posts/told")).headers["content-security-policy"]


def picture(width: int = 300, height: int = 200) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(file, "PNG")
    return file.getvalue()


async def test_a_person_shows_a_picture_and_where_else_they_are(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    token = re.search(r'name="csrf_token" value="(\w+)"', (await anna.get("/account")).text)
    assert token
    sent = await anna.client.post(
        "/account/picture",
        data={"csrf_token": token[1]},
        files={"picture": ("me.png", picture(), "image/png")},
        headers={"origin": anna.settings.base_url},
    )
    assert sent.status_code == 303
    profile = {"name": "Anna Author", "bio": "Writes.", "links": "https://social.example/@anna\nhttp://anna.example/"}
    assert (await anna.post("/account", profile)).status_code == 303
    page = (await browse().get("/authors/anna")).text
    assert 'rel="me noopener" href="https://social.example/@anna">social.example/@anna</a>' in page
    shown = re.search(r'class="portrait large u-photo" src="(/media/\w+\.webp)"', page)
    assert shown
    file = await browse().get(shown[1])
    assert Image.open(io.BytesIO(file.content)).size == (256, 256)
    assert shown[1] in (await browse().get("/posts/together")).text
    assert f'src="{shown[1]}"' in (await anna.get("/account")).text, "and she sees which one it is"
    assert (await anna.post("/account/picture/delete")).status_code == 303
    assert shown[1] not in (await browse().get("/posts/together")).text
    assert shown[1] not in (await anna.get("/account")).text
    assert (await browse().get(shown[1])).status_code == 404


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x.example", "x", "https://", "//x.example"])
async def test_a_link_that_is_none_is_told_and_kept(browse: Any, db: AsyncSession, link: str) -> None:
    answer = await browse("anna").post("/account", {"name": "Anna Author", "bio": "", "links": link})
    assert answer.status_code == 422
    assert "is not the address of a page" in answer.text
    assert link in answer.text
    assert (await db.scalars(select(User.links).where(User.username == "anna"))).one() == []


async def test_a_post_in_another_language_says_so_to_browsers(browse: Any) -> None:
    await publish(browse("anna"), "שלום", "2026-10-01T10:00", slug="shalom", language="he", body="טקסט")
    page = (await browse().get("/posts/shalom")).text
    assert '<h1 class="p-name" lang="he" dir="rtl">' in page
    assert '<div class="prose e-content" lang="he" dir="rtl">' in page
    assert '<html lang="en" dir="ltr">' in page
    assert 'lang="he" dir="rtl"' in (await browse().get("/")).text
    refused = await browse("anna").save(title="x", language="klingon")
    assert refused.status_code == 422


async def test_a_cover_must_be_a_picture_of_ours_and_is_as_public_as_its_post(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    token = re.search(r'name="csrf_token" value="(\w+)"', (await anna.get("/studio/media")).text)
    assert token
    await anna.client.post(
        "/studio/media",
        data={"csrf_token": token[1]},
        files={"file": ("hills.png", picture(900, 500), "image/png")},
        headers={"origin": anna.settings.base_url},
    )
    url = re.search(r"/media/\w{32}\.png", (await anna.get("/studio/media")).text)
    assert url
    refused = await anna.save(title="x", cover="https://elsewhere.example/x.png", body="kept words")
    assert refused.status_code == 422
    assert "There is no such picture here." in refused.text
    draft = await anna.save(title="Covered", cover=url[0], cover_alt="Hills", body="b")
    assert (await browse().get(url[0])).status_code == 404
    post_id = int(str(draft.headers["location"]).rsplit("/", 1)[1])
    await anna.save(post_id, title="Covered", cover=url[0], cover_alt="Hills", body="b", then="publish")
    assert (await browse().get(url[0])).status_code == 200
    shown = re.search(r"<picture>.*?</picture>", (await browse().get("/posts/covered")).text, re.S)
    assert shown
    stem = url[0].removesuffix(".png")
    for kind in ("avif", "webp"):
        assert (
            f'<source type="image/{kind}" srcset="{stem}-480.{kind} 480w, {stem}-900.{kind} 900w" sizes="' in shown[0]
        )
    assert f'<img class="cover u-featured" src="{url[0]}" alt="Hills" width="900" height="500"' in shown[0]
    assert "&#34;" not in shown[0]


async def test_a_post_without_a_cover_is_shared_with_a_picture_of_its_title(browse: Any) -> None:
    page = (await browse().get("/posts/hello")).text
    assert '<meta property="og:image" content="http://127.0.0.1:8000/posts/hello/card.png">' in page
    drawn = await browse().get("/posts/hello/card.png")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(drawn.content)).size == (1200, 630)
    assert (await browse().get(f"/posts/{SECRET}-draft/card.png")).status_code == 404
    assert (await browse().get("/posts/never/card.png")).status_code == 404


async def test_the_accent_colour_of_the_site_is_in_its_styles(browse: Any) -> None:
    def styles(text: str) -> str:
        found = re.search(r'rel="stylesheet" href="(/static/site\.\w+\.css)"', text)
        assert found
        return found[1]

    before = styles((await browse().get("/")).text)
    settings = {"title": "Field Notes", "tagline": "", "language": "en", "timezone": "UTC", "accent": "#ff00aa"}
    assert (await browse("ada").post("/admin/site", settings)).status_code == 303
    after = styles((await browse().get("/")).text)
    assert after != before
    file = await browse().get(after)
    assert re.search(r":root\{--accent:light-dark\(#\w{6},#\w{6}\)\}", file.text)
    assert "immutable" in file.headers["cache-control"]
    # A page from before the change, or of another server, still gets styles.
    old = await browse().get(before)
    assert (old.status_code, old.text, old.headers["cache-control"]) == (200, file.text, "no-cache")
    assert (await browse().get("/static/other.0123456789ab.css")).status_code == 404
