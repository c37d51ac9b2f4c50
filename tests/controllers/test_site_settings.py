"""The settings of a site: what is wrong is said at its field, what is right shows at once."""

import re
from io import BytesIO
from typing import Any

import pytest
from browser import Browser
from cast import SECRET, Clock, written
from PIL import Image
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import form_token, token_hash
from blog.models import Event, Media, Post, Site, User

SETTINGS = {"title": "Field Notes", "tagline": "", "language": "en", "timezone": "UTC", "accent": ""}


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), colour: str = "#336699") -> bytes:
    saved = BytesIO()
    Image.new("RGB", size, colour).save(saved, kind)
    return saved.getvalue()


async def upload(browser: Browser, path: str, field: str, name: str, content: bytes) -> Any:
    token = form_token(browser.settings.secret_key, token_hash(browser.cookie))
    return await browser.client.post(
        path, data={"csrf_token": token}, files={field: (name, content)}, headers={"origin": browser.settings.base_url}
    )


async def site_row(db: AsyncSession) -> Site:
    db.expire_all()
    return (await db.scalars(select(Site))).one()


WRONG = {
    "title": "", "posts_per_page": "0", "accent": "red", "language": "tlh", "timezone": "Mars/Olympus",
    "registration": "everybody", "new_visibility": "nobody", "footer": "x" * 5001, "description": "x" * 501,
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG.items())
async def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    browse: Any, db: AsyncSession, field: str, value: str
) -> None:
    before = (await site_row(db)).version
    answer = await browse("ada").post("/admin/site", SETTINGS | {"tagline": "Kept as typed", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert "Kept as typed" in answer.text
    assert (await site_row(db)).version == before


@pytest.mark.parametrize("number", ["0", "101", "-1", "1.5", "ten", "", "9" * 30, "١٠"])
async def test_a_page_holds_one_to_a_hundred_posts(browse: Any, db: AsyncSession, number: str) -> None:
    answer = await browse("ada").post("/admin/site", SETTINGS | {"posts_per_page": number})
    assert answer.status_code == 422
    assert "from 1 to 100" in answer.text


async def test_fewer_posts_on_a_page_make_more_pages_everywhere(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    python = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    assert python
    for number in range(23):
        post = written(anna, f"Many {number}", f"many-{number:02}", clock())
        post.publish(now=clock(), by=anna)
        db.add(post)
    await db.commit()
    walks = {}
    for size in (10, 3, 1, 100):
        saved = await browse("ada").post("/admin/site", SETTINGS | {"posts_per_page": str(size)})
        assert saved.status_code == 303
        for path in ("/", "/authors/anna", "/archive/2026/11", "/tags/python"):
            found, number = [], 1
            while True:
                page = (await browse().get(f"{path}?page={number}")).text
                here = re.findall(r'class="u-url" href="([^"]+)"', page)
                assert len(here) <= size, (path, size)
                found += here
                if 'rel="next"' not in page:
                    break
                assert len(here) == size, (path, size, number)
                number += 1
            assert walks.setdefault(path, found) == found, (path, size)
            assert (await browse().get(f"{path}?page={number + 1}")).status_code == 404
    assert len(walks["/"]) > 25


async def test_changes_show_at_once_on_every_page(browse: Any, db: AsyncSession) -> None:
    typed = SETTINGS | {
        "description": "Walks & weather, told slowly.", "footer": "Under [a licence](/licence). <script>alert(1)</script>",
        "label_1": "About", "address_1": "/about",
    }  # fmt: skip
    assert (await browse("ada").post("/admin/site", typed)).status_code == 303
    page = (await browse().get("/")).text
    assert '<meta name="description" content="Walks &amp; weather, told slowly.">' in page
    assert '<a href="/licence">a licence</a>' in page
    assert "<script>alert" not in page
    assert "a licence" in (await browse().get("/posts/hello")).text
    assert "a licence" in (await browse().get("/nothing-here")).text
    assert "Walks &amp; weather" in (await browse().get("/rss.xml")).text
    assert (await browse().get("/feed.json")).json()["description"] == "Walks & weather, told slowly."
    assert await db.scalar(select(Event.id).where(Event.action == "site.changed")) is not None


async def test_links_move_to_the_place_that_is_typed(browse: Any, db: AsyncSession) -> None:
    names = ["One", "Two", "Three", "Four"]
    typed = (
        SETTINGS
        | {f"label_{n}": name for n, name in enumerate(names, 1)}
        | {f"address_{n}": f"/{n}" for n in range(1, 5)}
    )
    for moves, expected in [
        ({}, "One Two Three Four"),
        ({"place_4": "1"}, "Four One Two Three"),
        ({"place_1": "3"}, "Two Three One Four"),
        ({"place_2": "9"}, "One Three Four Two"),
        ({"place_3": "x", "label_2": "", "address_2": ""}, "One Three Four"),
    ]:
        places = {f"place_{n}": str(n) for n in range(1, 5)}
        assert (await browse("ada").post("/admin/site", typed | places | moves)).status_code == 303
        assert " ".join(label for label, _ in (await site_row(db)).navigation) == expected


async def test_a_new_post_is_for_whom_the_site_says(browse: Any, db: AsyncSession) -> None:
    assert (await browse("ada").post("/admin/site", SETTINGS | {"new_visibility": "members"})).status_code == 303
    assert '<option value="members" selected>' in (await browse("anna").get("/studio/posts/new")).text


async def test_a_logo_is_checked_by_its_content_and_readers_get_it(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    for name, content in [
        ("logo.png", b"<html>no picture</html>"),
        ("logo.png", b""),
        ("logo.pdf", b"%PDF-1.4 x\n%%EOF\n"),
    ]:
        refused = await upload(ada, "/admin/site/logo", "logo", name, content)
        assert refused.status_code == 422, name
        assert 'id="logo-error"' in refused.text
    assert (await upload(ada, "/admin/site/logo", "logo", "logo.png", picture())).status_code == 303
    page = (await browse().get("/")).text
    found = re.search(r'<img class="logo" src="([^"]+)" alt="([^"]+)"', page)
    assert found
    shown = await browse().get(found[1])
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("image/")
    media = (await db.scalars(select(Media))).one()
    assert "Logo or icon of the site" in (await ada.get(f"/studio/media/{media.id}")).text
    assert (await ada.post(f"/studio/media/{media.id}/delete")).status_code == 422, "it is used"
    assert (await ada.post("/admin/site/logo/delete")).status_code == 303
    assert 'class="logo"' not in (await browse().get("/")).text
    assert (await browse().get(found[1])).status_code == 404, "what nothing shows is nobody's"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_an_icon_comes_in_the_sizes_that_are_asked_for(browse: Any, db: AsyncSession, kind: str) -> None:
    ada = browse("ada")
    assert (await browse().get("/apple-touch-icon.png")).status_code == 404
    refused = await upload(ada, "/admin/site/icon", "icon", "icon.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert refused.status_code == 422
    assert (await upload(ada, "/admin/site/icon", "icon", "icon", picture(kind))).status_code == 303
    page = (await browse().get("/")).text
    addresses = re.findall(r'<link rel="(?:icon|apple-touch-icon)" href="([^"]+)"', page)
    sizes = []
    for address in [*addresses, "/favicon.ico", "/apple-touch-icon.png"]:
        answer = await browse().get(address)
        assert answer.headers["content-type"] == "image/png", address
        sizes.append(Image.open(BytesIO(answer.content)).size[0])
    assert sizes == [32, 192, 180, 32, 180]
    assert (await ada.get("/admin/site")).text.count("/media/") >= 2
    assert (await ada.post("/admin/site/icon/delete")).status_code == 303
    assert "svg" in (await browse().get("/favicon.ico")).headers["content-type"]


@pytest.mark.parametrize("who", [None, "vera", "anna", "ed", "sam"])
async def test_the_settings_are_for_admins(browse: Any, db: AsyncSession, who: str | None) -> None:
    before = (await site_row(db)).version
    expected = 303 if who in {None, "sam"} else 403
    browser = browse(who)
    for path in ("", "/logo", "/logo/delete", "/icon", "/icon/delete", "/first-steps/delete"):
        assert (await browser.post(f"/admin/site{path}", SETTINGS)).status_code == expected, path
    assert (await site_row(db)).version == before


async def test_no_footer_or_name_becomes_code(browse: Any) -> None:
    hostile = f'"><img src=x onerror=alert(1)>{SECRET}'
    typed = SETTINGS | {"title": hostile, "tagline": hostile, "description": hostile, "footer": hostile, "label_1": hostile,
                        "address_1": "/x"}  # fmt: skip
    assert (await browse("ada").post("/admin/site", typed)).status_code == 303
    for path in ("/", "/posts/hello", "/login", "/search", "/nothing"):
        page = (await browse().get(path)).text
        assert SECRET in page
        assert "<img src=x" not in page, path
    typed["address_1"] = "javascript:alert(1)"
    assert (await browse("ada").post("/admin/site", typed)).status_code == 422
