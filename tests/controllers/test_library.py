"""The library: many files at once, found again, described, replaced, deleted; by their senders and by editors."""

import asyncio
import io
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import samples
from browser import Browser
from cast import Clock
from conftest import Bucket
from live import free_port
from PIL import Image
from samples import drawing, photograph
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event, Media
from blog.storage import Storage, StorageAway, open_storage

JSON = {"accept": "application/json"}


async def send(browser: Browser, *files: tuple[str, bytes], **fields: str) -> Any:
    return await browser.post("/studio/media", fields, files=[("file", (name, content)) for name, content in files])


async def sent(browser: Browser, content: bytes, name: str = "a.png", alt: str = "") -> Any:
    """Send a file as the editor's script does; give what it is told."""
    answer = await browser.post("/studio/media", {"alt": alt}, files={"file": (name, content)}, headers=JSON)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def id_of(db: AsyncSession, url: str) -> int:
    return (await db.scalars(select(Media.id).where(Media.name == url.removeprefix("/media/")))).one()


def names(page: str) -> list[str]:
    return re.findall(r'class="file-name">([^<]+)<', page)


async def published(browser: Browser, title: str, body: str, **fields: str) -> int:
    saved = await browser.save(title=title, body=body, then="publish", **fields)
    assert saved.status_code == 303, saved.text
    return int(str(saved.headers["location"]).rsplit("/", 1)[1])


async def test_many_files_are_sent_at_once_and_one_that_is_refused_stops_no_other(browse: Any) -> None:
    anna = browse("anna")
    answer = await send(anna, ("one.png", drawing("red")), ("broken.pdf", b"%PDF-1.7"), ("talk.mp3", samples.mp3()))
    assert answer.status_code == 422
    assert "broken.pdf: The PDF is broken: its end is missing. The others were uploaded." in answer.text
    assert names(answer.text) == ["talk.mp3", "one.png"]
    fine = await send(anna, ("two.png", drawing("blue")), ("paper.pdf", samples.PDF))
    assert (fine.status_code, fine.headers["location"]) == (303, "/studio/media")
    assert sorted(names((await anna.get("/studio/media")).text)) == ["one.png", "paper.pdf", "talk.mp3", "two.png"]
    assert names((await browse("ben").get("/studio/media")).text) == []


async def test_the_same_file_twice_is_one(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    first = await sent(anna, drawing(), alt="A square")
    assert (await sent(anna, drawing(), name="other.png", alt="Another word"))["url"] == first["url"]
    assert await db.scalar(select(func.count(Media.id))) == 1
    assert (await sent(browse("ben"), drawing()))["url"] != first["url"]


async def test_a_program_is_told_what_to_put_into_the_text(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    told = await sent(anna, drawing(), "hills.png", "Hills [at *dawn*]")
    assert re.fullmatch(r"/media/[0-9a-f]{32}\.png", told["url"])
    assert told == {
        "url": told["url"],
        "name": "hills.png",
        "alt": "Hills [at *dawn*]",
        "markdown": rf"![Hills \[at \*dawn\*\]]({told['url']})",
    }
    paper = await sent(anna, samples.PDF, "paper_1.pdf")
    talk = await sent(anna, samples.mp3(), 'a "talk".mp3')
    film = await sent(anna, samples.mp4(), "film.mp4", "Waves")
    assert paper["markdown"] == rf"[paper\_1.pdf]({paper['url']})"
    assert talk["markdown"] == f'<audio src="{talk["url"]}" title="a &quot;talk&quot;.mp3"></audio>'
    assert film["markdown"] == f'<video src="{film["url"]}" title="Waves"></video>'
    await published(anna, "All", "\n\n".join(one["markdown"] for one in (told, paper, talk, film)))
    page = (await browse().get("/posts/all")).text
    assert f'<a href="{paper["url"]}">paper_1.pdf</a>' in page
    assert re.search(rf'<audio src="{talk["url"]}"[^>]*controls', page)
    assert re.search(rf'<video src="{film["url"]}"[^>]*controls', page)
    for one in (told, paper, talk, film):
        assert (await browse().get(one["url"])).status_code == 200
    for files in ({}, {"file": ("x.png", b"no picture")}, {"file": ("", b"")}):
        refused = await anna.post("/studio/media", files=files, headers=JSON)
        assert refused.status_code == 422
        assert refused.json()["error"].endswith(".")


async def test_files_are_found_by_name_words_kind_use_and_sender(browse: Any, db: AsyncSession) -> None:
    anna, ed = browse("anna"), browse("ed")
    hills = await sent(anna, drawing("green"), "Hills.png", "Sheep in the rain")
    await sent(anna, samples.PDF, "100%_sure.pdf")
    await sent(anna, samples.mp3(), "talk.mp3")
    await sent(anna, samples.mp4(), "film.mp4")
    await sent(ed, drawing("red"), "eds.png")
    await published(anna, "Sheep", hills["markdown"])

    async def found(browser: Browser, query: str) -> list[str]:
        answer = await browser.get(f"/studio/media?{query}")
        assert answer.status_code == 200
        return sorted(names(answer.text))

    assert await found(anna, "q=HILL") == ["Hills.png"]
    assert await found(anna, "q=sheep") == ["Hills.png"]
    assert await found(anna, "q=%25_") == ["100%_sure.pdf"]
    assert await found(anna, "q=%00nothing") == []
    assert await found(anna, "kind=picture") == ["Hills.png"]
    assert await found(anna, "kind=document") == ["100%_sure.pdf"]
    assert await found(anna, "kind=sound") == ["talk.mp3"]
    assert await found(anna, "kind=film&q=film") == ["film.mp4"]
    assert await found(anna, "kind=nonsense&use=nonsense") == ["100%_sure.pdf", "Hills.png", "film.mp4", "talk.mp3"]
    assert await found(anna, "use=used") == ["Hills.png"]
    assert await found(anna, "use=unused") == ["100%_sure.pdf", "film.mp4", "talk.mp3"]
    assert await found(anna, "by=ed") == []
    assert await found(ed, "by=ed") == ["eds.png"]
    assert await found(ed, "kind=picture") == ["Hills.png", "eds.png"]
    assert 'name="by"' in (await ed.get("/studio/media")).text
    assert 'name="by"' not in (await anna.get("/studio/media")).text


async def test_files_stand_in_the_order_that_was_asked_for(browse: Any, clock: Clock) -> None:
    anna = browse("anna")
    for name, content in (("middle.png", drawing("green")), ("Zoo.pdf", samples.PDF), ("apple.png", drawing("red", size=(900, 900)))):  # fmt: skip
        await sent(anna, content, name)
        clock.advance(timedelta(minutes=1))
    for order, first, last in (
        ("", "apple.png", "middle.png"), ("oldest", "middle.png", "apple.png"), ("name", "apple.png", "Zoo.pdf"),
        ("nonsense", "apple.png", "middle.png"),
    ):  # fmt: skip
        shown = names((await anna.get(f"/studio/media?order={order}")).text)
        assert (shown[0], shown[-1]) == (first, last), order
    assert names((await anna.get("/studio/media?order=size&kind=picture")).text) == ["apple.png", "middle.png"]


async def test_a_library_of_many_files_has_pages(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    await send(anna, *((f"{number:02}.png", drawing(f"#0000{number:02}")) for number in range(31)))
    first = (await anna.get("/studio/media?q=png&kind=picture")).text
    assert len(names(first)) == 30
    assert "/studio/media?q=png&amp;kind=picture&amp;page=2" in first
    assert len(names((await anna.get("/studio/media?q=png&kind=picture&page=2")).text)) == 1
    assert (await anna.get("/studio/media?page=3")).status_code == 404


STEPS = ["", "/focus", "/file", "/delete"]
WHO = {None: 303, "vera": 403, "carl": 200, "anna": 404, "ben": 404, "ed": 200, "ada": 200, "sam": 303}


@pytest.mark.parametrize("who", WHO)
async def test_writers_manage_their_own_files_and_editors_all(browse: Any, db: AsyncSession, who: str | None) -> None:
    url = (await sent(browse("carl"), drawing()))["url"]
    address = f"/studio/media/{await id_of(db, url)}"
    assert (await browse(who).get(address)).status_code == WHO[who]
    for step in STEPS:
        answer = await browse(who).post(address + step, {"name": "x.png", "alt": "Changed"})
        expected = {200: 422 if step == "/file" else 303}.get(WHO[who], WHO[who])
        assert answer.status_code == expected, step
    db.expire_all()
    left = await db.scalar(select(Media.alt).where(Media.name == url.removeprefix("/media/")))
    assert left == ("" if WHO[who] != 200 else None)


@pytest.mark.parametrize("address", ["0", "999999", "9" * 30])
async def test_a_file_that_is_not_there_is_not_found(browse: Any, address: str) -> None:
    assert (await browse("ed").get(f"/studio/media/{address}")).status_code == 404


async def test_a_file_is_described(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    address = f"/studio/media/{await id_of(db, (await sent(anna, drawing()))['url'])}"
    fields = {"name": " The\thills.png ", "alt": "Green <hills>", "focus_x": "20", "focus_y": "100"}
    assert (await anna.post(address, fields)).status_code == 303
    page = (await anna.get(address)).text
    assert 'value="The hills.png"' in page
    assert 'alt="Green &lt;hills&gt;"' in page
    assert 'class="crop focus-x-2 focus-y-10"' in page
    wrong = await anna.post(address, {"name": "", "alt": "x" * 1001, "focus_x": "101", "focus_y": "½"})
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 4
    assert 'value="½"' in wrong.text
    assert "The hills.png" in (await anna.get(address)).text
    deeds = (await db.scalars(select(Event.action).order_by(Event.id))).all()
    assert [deed for deed in deeds if deed.startswith("media.")] == ["media.uploaded", "media.changed"]


async def test_a_click_on_the_picture_puts_the_focal_point_there_and_covers_follow(
    browse: Any, db: AsyncSession
) -> None:
    anna = browse("anna")
    told = await sent(anna, drawing(size=(800, 400)))
    address = f"/studio/media/{await id_of(db, told['url'])}"
    page = (await anna.get(address)).text
    assert re.search(r'<input type="image" name="focus" [^>]*width="240" height="120"', page)
    await published(anna, "Covered", "b", cover=told["url"])
    assert "focus-" not in (await browse().get("/")).text
    clicked = await anna.post(f"{address}/focus", {"focus.x": "24", "focus.y": "96"})
    assert (clicked.status_code, clicked.headers["location"]) == (303, address)
    assert 'class="cover focus-x-1 focus-y-8"' in (await browse().get("/")).text
    for missed in ({}, {"focus.x": "0", "focus.y": "0"}, {"focus.x": "-1", "focus.y": "x"}, {"focus.x": "9" * 20}):
        assert (await anna.post(f"{address}/focus", missed)).status_code == 303
        assert 'class="crop focus-x-1 focus-y-8"' in (await anna.get(address)).text
    await anna.post(f"{address}/focus", {"focus.x": "9999", "focus.y": "60"})
    assert 'class="crop focus-x-10"' in (await anna.get(address)).text


async def test_a_file_tells_where_it_is_used_but_not_of_posts_that_are_not_ones_own(
    browse: Any, db: AsyncSession
) -> None:
    anna, carl = browse("anna"), browse("carl")
    told = await sent(carl, drawing())
    address = f"/studio/media/{await id_of(db, told['url'])}"
    assert "Nowhere yet." in (await carl.get(address)).text
    await carl.save(title="My own draft", body=told["markdown"])
    await anna.save(title="A secret of Anna", body="b", cover=told["url"])
    page = (await carl.get(address)).text
    assert "My own draft" in page
    assert "A secret of Anna" not in page
    assert "1 other post" in page
    of_editor = (await browse("ed").get(address)).text
    assert "A secret of Anna" in of_editor
    assert of_editor.count("as cover") == 1


async def test_a_replaced_picture_keeps_its_address_and_caches_notice(browse: Any, db: AsyncSession, app: Any) -> None:
    anna = browse("anna")
    told = await sent(anna, photograph(), "hills.jpg", "Hills")
    url, stem = told["url"], told["url"].removesuffix(".jpg")
    media_id = await id_of(db, url)
    await published(anna, "Hills", told["markdown"])
    before = await browse().get(url)
    old_copy = await browse().get(f"{stem}-960.webp")
    assert 'width="1200" height="800"' in (await browse().get("/posts/hills")).text
    unchanged = await browse().get(url, headers={"if-none-match": before.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    old = before.headers["etag"].strip('"').partition(".")[0]
    assert len([name for name in await stored_files(app.house.storage) if name.startswith(old)]) > 2

    new = drawing("red", size=(600, 300))
    replaced = await anna.post(f"/studio/media/{media_id}/file", files={"file": ("new.png", new)})
    assert (replaced.status_code, replaced.headers["location"]) == (303, f"/studio/media/{media_id}")
    after = await browse().get(url, headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.content, after.headers["content-type"]) == (200, new, "image/png")
    assert after.headers["etag"] != before.headers["etag"]
    page = (await browse().get("/posts/hills")).text
    assert 'width="600" height="300"' in page
    assert f"{stem}-480" in page
    # A feed reader that kept the old page asks for copies that were.
    copy = await browse().get(f"{stem}-960.webp", headers={"if-none-match": old_copy.headers["etag"]})
    assert copy.status_code == 200
    assert Image.open(io.BytesIO(copy.content)).size == (600, 300)
    assert [name for name in await stored_files(app.house.storage) if name.startswith(old)] == []


async def stored_files(storage: Storage) -> Sequence[str]:
    folder = storage._folder
    assert folder
    return [path.name for path in await asyncio.to_thread(lambda: list(folder.iterdir()))]


async def test_only_another_file_of_the_same_kind_can_take_its_place(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    first = await sent(anna, drawing("red"), "red.png")
    await sent(anna, drawing("blue"), "blue.png")
    address = f"/studio/media/{await id_of(db, first['url'])}/file"
    for content, words in (
        (samples.PDF, "Only a file of the same kind"),
        (drawing("red"), "This is the very file that is here now."),
        (drawing("blue"), "This is the file “blue.png”, which is here already"),
        (b"nonsense", "This is no file that can be shown."),
    ):
        refused = await anna.post(address, files={"file": ("x.png", content)})
        assert refused.status_code == 422
        assert words in refused.text
    assert (await anna.post(address)).status_code == 422
    assert (await anna.get(first["url"])).content == drawing("red")
    # An editor who replaces the file of somebody leaves it theirs.
    assert (await browse("ed").post(address, files={"file": ("x.png", drawing("lime"))})).status_code == 303
    assert (await anna.get(first["url"])).content == drawing("lime")


async def test_a_post_that_was_saved_meanwhile_keeps_its_new_html(
    browse: Any, db: AsyncSession, monkeypatch: Any
) -> None:
    from blog.controllers.studio import media as controller

    anna = browse("anna")
    told = await sent(anna, drawing("red"))
    post_id = await published(anna, "Walk", f"Old words. {told['markdown']}")
    make = controller.render_again

    async def slowly(*given: Any) -> Any:
        made = await make(*given)
        await anna.save(post_id, title="Walk", body=f"New words. {told['markdown']}")
        return made

    monkeypatch.setattr(controller, "render_again", slowly)
    address = f"/studio/media/{await id_of(db, told['url'])}/file"
    assert (await anna.post(address, files={"file": ("x.png", drawing("blue"))})).status_code == 303
    assert "New words." in (await browse().get("/posts/walk")).text


async def test_a_used_file_is_deleted_only_when_that_was_confirmed(browse: Any, db: AsyncSession, app: Any) -> None:
    anna = browse("anna")
    told = await sent(anna, photograph(), "hills.jpg", "Hills")
    unused = await sent(anna, drawing("gold"), "gold.png")
    address = f"/studio/media/{await id_of(db, told['url'])}/delete"
    await published(anna, "The hills", told["markdown"], cover=told["url"])
    refused = await anna.post(address)
    assert refused.status_code == 422
    assert "The file is used. Tick the box" in refused.text
    assert "The hills" in refused.text
    assert (await browse().get(told["url"])).status_code == 200
    before = len(await stored_files(app.house.storage))
    assert (await anna.post(f"/studio/media/{await id_of(db, unused['url'])}/delete")).status_code == 303
    assert (await anna.post(address, {"confirmed": "yes"})).headers["location"] == "/studio/media"
    assert (await browse().get(told["url"])).status_code == 404
    assert (await anna.get(told["url"].replace(".jpg", "-480.webp"))).status_code == 404
    assert (await browse().get("/posts/the-hills")).status_code == 200
    assert len(await stored_files(app.house.storage)) < before - 2
    assert (await anna.post(address, {"confirmed": "yes"})).status_code == 404


async def test_a_persons_picture_counts_as_used(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    await anna.post("/account/picture", files={"picture": ("me.png", drawing())})
    media_id = (await db.scalars(select(Media.id))).one()
    assert "Picture of Anna Author" in (await anna.get(f"/studio/media/{media_id}")).text
    assert (await anna.post(f"/studio/media/{media_id}/delete")).status_code == 422


async def test_players_fetch_sound_and_film_in_parts(browse: Any, db: AsyncSession) -> None:
    anna, content = browse("anna"), samples.wav(300)
    told = await sent(anna, content, "talk.wav")
    await published(anna, "Talk", told["markdown"])
    visitor = browse()
    whole = await visitor.get(told["url"])
    assert (whole.status_code, whole.headers["content-length"]) == (200, str(len(content)))
    assert whole.content == content
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "audio/wav"
    for asked, first, last in (
        ("bytes=0-", 0, len(content) - 1),
        ("bytes=5-9", 5, 9),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=100-2000000", 100, 2000000),
        ("bytes=-7", len(content) - 7, len(content) - 1),
    ):
        part = await visitor.get(told["url"], headers={"range": asked})
        assert (part.status_code, part.content) == (206, content[first : last + 1]), asked
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"
        assert part.headers["content-length"] == str(last - first + 1)
    beyond = await visitor.get(told["url"], headers={"range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    current = {"range": "bytes=0-0", "if-range": whole.headers["etag"]}
    assert (await visitor.get(told["url"], headers=current)).status_code == 206
    assert (await visitor.get(told["url"], headers=current | {"if-range": '"other"'})).status_code == 200
    assert (await visitor.get(told["url"], headers={"range": "bytes=0-1,5-6"})).status_code == 200
    head = await visitor.client.head(told["url"], headers={"range": "bytes=0-0"})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(content)), b"")


async def test_a_document_or_recording_in_a_draft_is_nobody_elses(browse: Any) -> None:
    anna = browse("anna")
    told = [
        await sent(anna, content, name) for content, name in ((samples.PDF, "Ünfinished.pdf"), (samples.mp3(), "a.mp3"))
    ]
    paper, talk = told
    body = f'[page 2]({paper["url"]}#page=2)\n\n<video poster="/x.png"><source src="{talk["url"]}" type="audio/mpeg"></video>'
    saved = await anna.save(title="Draft", body=body)
    for one in told:
        assert [(await browse(who).get(one["url"])).status_code for who in (None, "vera", "ben")] == [404] * 3
        assert (await browse().get(one["url"], headers={"range": "bytes=0-1"})).status_code == 404
    await anna.post(f"{saved.headers['location']}/publication")
    answers = [await browse().get(one["url"]) for one in told]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["content-disposition"] == "inline; filename*=UTF-8''%C3%9Cnfinished.pdf"
    for answer in answers:
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "script-src" not in answer.headers["content-security-policy"]


async def test_a_writers_drawing_is_shown_without_what_could_run(browse: Any) -> None:
    anna = browse("anna")
    told = await sent(anna, samples.SVG.replace(b"<path", b"<script>alert(1)</script><path"), "hill.svg")
    file = await anna.get(told["url"])
    assert file.headers["content-type"] == "image/svg+xml"
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert b"script" not in file.content
    assert b"M0 0h9" in file.content


async def test_a_storage_that_is_away_is_told_as_such_and_leaves_nothing_half_done(
    browse: Any, app: Any, db: AsyncSession, monkeypatch: pytest.MonkeyPatch, bucket: Bucket, caplog: Any
) -> None:
    anna = browse("anna")
    told = await sent(anna, drawing())
    media_id = await id_of(db, told["url"])
    away = open_storage(replace(bucket.settings(), aws_endpoint_url=f"http://127.0.0.1:{free_port()}"))
    with monkeypatch.context() as patch:
        patch.setattr(app.house, "storage", away)
        for answer in (
            await anna.get(told["url"]),
            await send(anna, ("b.png", drawing("red"))),
            await anna.post(f"/studio/media/{media_id}/file", files={"file": ("x.png", drawing("red"))}),
            await anna.post("/account/picture", files={"picture": ("me.png", drawing())}),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "Traceback" not in answer.text
            assert "127.0.0.1" not in answer.text.replace(anna.settings.base_url, "")
        # What is known by its version need not be fetched.
        assert (await anna.get("/studio/media")).status_code == 200
        assert (await anna.post(f"/studio/media/{media_id}/delete")).status_code == 303
    assert await db.scalar(select(func.count(Media.id))) == 0
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_storage_that_fails_on_the_way_ends_the_answer(
    browse: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = browse("anna")
    told = await sent(anna, samples.wav(300), "talk.wav")
    read = app.house.storage.read

    async def fails_later(name: str, first: int = 0, last: int = 0) -> Any:
        if first:
            raise StorageAway("gone")
        return await read(name, first, last)

    monkeypatch.setattr(app.house.storage, "read", fails_later)
    answer = await anna.get(told["url"])
    assert len(answer.content) < int(answer.headers["content-length"])


async def test_files_may_lie_in_a_bucket(fresh_app: Any, bucket: Bucket) -> None:
    async with fresh_app(media_url=f"s3://{bucket.name}/site", **bucket.access) as app:
        anna, visitor = Browser(app, "anna"), Browser(app)
        told = await sent(anna, photograph(), "hills.jpg", "Hills")
        film = await sent(anna, samples.mp4(bulk=3_000_000), "film.mp4")
        await published(anna, "Hills", f"{told['markdown']}\n\n{film['markdown']}")
        small = await visitor.get(told["url"].replace(".jpg", "-480.avif"))
        assert (small.status_code, small.headers["content-type"]) == (200, "image/avif")
        whole = await visitor.get(film["url"])
        assert len(whole.content) == int(whole.headers["content-length"])
        part = await visitor.get(film["url"], headers={"range": "bytes=8-1500000"})
        assert (part.status_code, part.content) == (206, whole.content[8:1500001])
        assert (await sent(anna, photograph(), "again.jpg"))["url"] != told["url"]  # noise is new each time


async def test_a_folder_of_files_that_was_lost_is_not_found_and_not_an_error(browse: Any, app: Any) -> None:
    anna = browse("anna")
    told = await sent(anna, drawing("plum"))
    folder: Path = app.house.storage._folder
    await asyncio.to_thread(shutil.move, folder, folder.with_suffix(".lost"))
    await asyncio.to_thread(folder.mkdir)
    assert (await anna.get(told["url"])).status_code == 404
    assert (await sent(anna, drawing("plum")))["url"] == told["url"]
    assert (await anna.get(told["url"])).content == drawing("plum")
