"""Files: sent by writers, shown by posts, hidden while no post that readers may see shows them."""

import asyncio
import io
import re
from typing import Any

import pytest
from browser import Browser
from PIL import Image
from samples import drawing, photograph
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Media


async def upload(browser: Browser, content: bytes, name: str = "drawing.png", alt: str = "") -> Any:
    return await browser.post("/studio/media", {"alt": alt}, files={"file": (name, content, "image/png")})


async def test_a_picture_is_sent_used_in_a_post_and_seen_when_the_post_is(browse: Any) -> None:
    carl = browse("carl")
    assert (await upload(carl, drawing(), alt="A <dark> square")).status_code == 303
    page = (await carl.get("/studio/media")).text
    found = re.search(r"/media/[\w-]+\.png", page)
    assert found, page
    url = found[0]
    assert "A &lt;dark&gt; square" in page
    assert (await carl.get(url)).status_code == 200
    for stranger in (None, "vera", "ben"):
        assert (await browse(stranger).get(url)).status_code == 404
    anna = browse("anna")
    await upload(anna, drawing("red"))
    url = re.findall(r"/media/[\w-]+\.png", (await anna.get("/studio/media")).text)[0]
    saved = await anna.save(title="With a picture", body=f"![A red square]({url})")
    assert (await browse().get(url)).status_code == 404
    post_id = int(saved.headers["location"].rstrip("/").split("/")[-1])
    await anna.post(f"/studio/posts/{post_id}/publication")
    answer = await browse().get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert 'width="40" height="30"' in (await browse().get("/posts/with-a-picture")).text
    await anna.post(f"/studio/posts/{post_id}/publication/delete")
    assert (await browse().get(url)).status_code == 404


async def test_smaller_copies_are_as_public_as_the_posts_that_show_their_picture(browse: Any) -> None:
    anna = browse("anna")
    await upload(anna, photograph(), "hills.jpg")
    found = re.search(r"/media/(\w{32})\.jpg", (await anna.get("/studio/media")).text)
    assert found
    body = f"![Hills]({found[0]})"
    small = [f"/media/{found[1]}-480.{kind}" for kind in ("avif", "webp")]
    saved = await anna.save(title="Hills", body=body)
    for url in small:
        assert (await anna.get(url)).status_code == 200
        assert [(await browse(who).get(url)).status_code for who in (None, "vera", "ben")] == [404, 404, 404]
        assert (await browse().head(url)).status_code == 404
    post_id = int(str(saved.headers["location"]).rsplit("/", 1)[1])
    await anna.save(post_id, title="Hills", body=body, then="publish")
    page = (await browse().get("/posts/hills")).text
    feed = (await browse().get("/feed.xml")).text
    assert "srcset" not in feed
    assert f"http://127.0.0.1:8000{found[0]}" in feed
    for url in small:
        assert f'srcset="{url} 480w, ' in page
        answer = await browse().get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"image/{url.rpartition('.')[2]}")
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(answer.content)).size == (480, 320)
        head = await browse().head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(answer.content))
        assert head.headers["etag"] == answer.headers["etag"]
    for never in ("-481.webp", "-480.png", "-480.jpg", "-0480.webp", "-99999.avif", "-480", "-480.webp.part"):
        assert (await browse().get(f"/media/{found[1]}{never}")).status_code == 404
    await anna.post(f"/studio/posts/{post_id}/publication/delete")
    assert [(await browse().get(url)).status_code for url in small] == [404, 404]


async def test_a_preview_offers_the_copies_too(browse: Any) -> None:
    anna = browse("anna")
    await upload(anna, photograph(), "hills.jpg")
    found = re.search(r"/media/(\w{32})\.jpg", (await anna.get("/studio/media")).text)
    assert found
    page = await anna.post("/studio/preview", {"title": "Hills", "body": f"![Hills]({found[0]})"})
    assert f'srcset="/media/{found[1]}-480.avif 480w, ' in page.text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<script>alert(1)</script>", "page.png"),
        (b"", "empty.png"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "broken.png"),
        (b"%PDF-1.7", "paper.pdf"),
    ],
)
async def test_what_is_no_picture_is_refused_at_its_field(
    browse: Any, db: AsyncSession, content: bytes, name: str
) -> None:
    before = await db.scalar(select(func.count(Media.id)))
    answer = await upload(browse("anna"), content, name)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert await db.scalar(select(func.count(Media.id))) == before


async def test_a_file_that_is_too_large_is_refused(browse: Any) -> None:
    assert (await upload(browse("anna"), b"\x89PNG\r\n\x1a\n" + b"x" * 10_500_000)).status_code == 422
    assert (await upload(browse("anna"), b"x" * 110_000_001)).status_code == 413
    assert (await browse("anna").post("/studio/media", {"alt": "no file"})).status_code == 422


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "a/b\\c.png", "x" * 300 + ".png", "<img src=x>.png", "a\r\nb.png"]
)
async def test_a_file_name_is_never_a_path(browse: Any, name: str) -> None:
    anna = browse("anna")
    assert (await upload(anna, drawing("green"), name)).status_code == 303
    assert "<img src=x>" not in (await anna.get("/studio/media")).text


async def test_two_writers_may_send_the_same_picture(fresh_app: Any) -> None:
    async with fresh_app() as app:
        writers = [Browser(app, name) for name in ("anna", "ben", "carl", "ed")]
        answers = await asyncio.gather(*(upload(writer, drawing("teal")) for writer in writers))
        assert {answer.status_code for answer in answers} == {303}
        for writer in writers:
            assert re.search(r"/media/[\w-]+\.png", (await writer.get("/studio/media")).text)
