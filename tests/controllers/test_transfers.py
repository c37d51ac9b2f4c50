"""Moving everything in and out from the admin pages: upload, dry run, import, report, exports, and what ends badly."""

import asyncio
import io
import re
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from office import Office, yard_of, zipped

from blog.models import Transfer, TransferState
from blog.models.transfer import FILE_KEPT_FOR, LEASE, MOST_TRIES, REPORT_KEPT_FOR, Phase
from blog.transfer import zips
from blog.transfer.jobs import running, working
from blog.transfer.jobs.yard import Yard
from blog.transfer.terms import ImportRefused
from blog.transfer.threads import Stopped
from blog.web import bodies

POSTS = {
    "site/2019-04-01-april.md": "---\ntitle: April\ntags: [Weather]\n---\nIt *rained*.\n",
    "site/2019-05-01-may.md": "---\ntitle: May\n---\nIt did not. ![None](none.png)\n",
    "site/broken.md": "---\ntitle: [\n---\nNo.\n",
}


async def test_a_dry_run_says_what_an_import_would_do_and_the_import_does_it(office: Office) -> None:
    before = await office.posts()
    page = await office.moved(zipped(POSTS), then="rehearse")
    assert "This was a dry run" in page
    assert await office.posts() == before
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)
    assert re.search(r"<dt>skipped</dt><dd>1</dd>", page)
    assert "broken.md" in page
    assert "none.png" in page, "what is worth a look"
    there = re.findall(r'action="(/admin/transfers/\d+/import)"', page)[0]
    begun = await office.ada.post(there)
    assert begun.status_code == 303
    await office.do_all()
    page = (await office.ada.get(begun.headers["location"])).text
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)
    assert await office.posts() == before + 2
    assert "It <em>rained</em>." in (await Browser(office.app).get("/posts/april")).text
    again = await office.ada.post(there)
    assert again.headers["location"] == there.removesuffix("/import"), "the upload went with the import"
    assert await office.posts() == before + 2
    assert await office.deeds() == ["transfer.begun", "transfer.done", "transfer.begun", "transfer.done"]


async def test_importing_the_same_again_changes_nothing(office: Office) -> None:
    await office.moved(zipped(POSTS))
    posts = await office.posts()
    page = await office.moved(zipped(POSTS))
    assert re.search(r"<dt>imported</dt><dd>0</dd>", page), page
    assert re.search(r"<dt>unchanged</dt><dd>2</dd>", page)
    assert await office.posts() == posts


async def test_the_report_is_downloaded_as_a_zip_and_deleted_in_the_end(office: Office) -> None:
    page = await office.moved(zipped(POSTS))
    link = re.findall(r'href="(/admin/transfers/\d+/file)"', page)[0]
    answer = await office.ada.get(link)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''report-2026-11-21.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert set(packed.namelist()) >= {"report.txt", "report.csv"}
        assert "broken.md" in packed.read("report.txt").decode()
    assert (await office.deeds())[-1] == "transfer.fetched"
    left = office.stored()
    office.app.house.clock.advance(REPORT_KEPT_FOR)  # type: ignore[attr-defined]  # a clock of ours
    await running.tidy(office.yard)
    assert len(left - office.stored()) == 1
    assert (await office.ada.get(link)).status_code in {404, 403}


async def test_everything_and_the_public_site_are_exported_and_deleted_after_a_day(office: Office) -> None:
    for kind, holds in (("archive", "posts/"), ("static", "posts/hello/index.html")):
        begun = await office.ada.post("/admin/transfers/exports", {"kind": kind})
        assert begun.status_code == 303
        await office.do_all()
        page = (await office.ada.get(begun.headers["location"])).text
        answer = await office.ada.get(re.findall(r'href="(/admin/transfers/\d+/file)"', page)[0])
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert packed.testzip() is None
            assert any(name.startswith(holds) for name in packed.namelist()), packed.namelist()
            words = b"".join(packed.read(name) for name in packed.namelist())
        assert (b"zebrafish" in words) == (kind == "archive"), "drafts are in the archive only"
    assert len(office.stored()) == 2
    office.app.house.clock.advance(FILE_KEPT_FOR)  # type: ignore[attr-defined]  # a clock of ours
    await running.tidy(office.yard)
    assert office.stored() == set()


async def test_an_archive_of_ours_comes_in_again(office: Office, fresh_app: Any) -> None:
    begun = await office.ada.post("/admin/transfers/exports", {"kind": "archive"})
    await office.do_all()
    file = re.findall(r'href="(/admin/transfers/\d+/file)"', (await office.ada.get(begun.headers["location"])).text)[0]
    archive = (await office.ada.get(file)).content
    page = await office.moved(archive, "blog.zip")
    assert "Failed" not in page, page


async def test_who_exports_or_fetches_says_the_password_again(fresh_app: Any) -> None:
    async with fresh_app() as app:
        ada = Browser(app, "ada")
        app.house.clock.advance(timedelta(minutes=16))  # type: ignore[attr-defined]  # a clock of ours
        for kind in ("archive", "static"):
            answer = await ada.post("/admin/transfers/exports", {"kind": kind})
            assert answer.status_code == 403
            assert "proof_password" in answer.text
        assert "proof_password" in (await ada.get("/admin/transfers/1/file")).text


@pytest.mark.parametrize("who", [None, "vera", "carl", "anna", "ed", "sam"])
async def test_only_admins_move_anything(browse: Any, who: str | None) -> None:
    browser = browse(who)
    files = {"file": ("a.zip", b"PK\x03\x04", "application/zip")}
    for answer in (
        await browser.get("/admin/transfers"),
        await browser.post("/admin/transfers", files=files),
        await browser.post("/admin/transfers/exports", {"kind": "archive"}),
        await browser.get("/admin/transfers/1"),
        await browser.post("/admin/transfers/1/import"),
        await browser.post("/admin/transfers/1/cancel"),
        await browser.get("/admin/transfers/1/file"),
    ):
        assert answer.status_code == (303 if who in {None, "sam"} else 403)
        if who in {None, "sam"}:
            assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "site.zip", "The file is empty."),
        (b"GIF89a", "cat.gif", "This is no export that can be read"),
        (b'{"name": "package"}', "package.json", "This is no export that can be read"),
        (b"<rss><channel></channel></rss>", "feed.xml", "This is no export that can be read"),
        (zipped(POSTS)[:300], "site.zip", "The zip is broken and cannot be read"),
        (zipped({"cat.jpg": b"cat"}), "cats.zip", "There are no Markdown files"),
        (zipped({"../out.md": "---\ntitle: Out\n---\nOut"}), "slip.zip", "leads outside of its folder"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(office: Office, content: bytes, name: str, words: str) -> None:
    posts = await office.posts()
    sent = await office.upload(content, name, "import")
    if sent.status_code == 303:
        await office.do_all()
        page = (await office.ada.get(sent.headers["location"])).text
        assert "Failed" in page
    else:
        assert sent.status_code == 422
        page = sent.text
    assert words in page
    assert "Traceback" not in page
    assert "/tmp" not in page, "nothing of this machine"
    assert await office.posts() == posts
    assert office.stored() - {(await office.last()).result if sent.status_code == 303 else ""} == set()


async def test_no_file_chosen_is_told_at_its_field(office: Office) -> None:
    answer = await office.ada.post("/admin/transfers", {"then": "import"}, files={"other": ("", b"", "text/plain")})
    assert answer.status_code == 422
    assert 'id="file-error">Choose a file.' in answer.text


async def test_what_is_too_large_is_refused_before_it_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST_PACKAGE", 1000)
    answer = await office.upload(zipped({"a.md": "word " * 1000, "b.bin": bytes(5000)}))
    assert answer.status_code == 413
    assert "An export that is sent here can have 2 GB" in answer.text


async def test_a_large_upload_lies_on_the_disk_and_comes_in(office: Office) -> None:
    noise = bytes(range(256)) * 12_000
    page = await office.moved(zipped(POSTS | {"site/noise.bin": noise}))
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)


class Slow:
    """Stands in for the importer: it waits at the third of ten posts."""

    def __init__(self) -> None:
        self.reached, self.may_end, self.runs = asyncio.Event(), asyncio.Event(), 0

    async def __call__(self, yard: Yard, transfer: Transfer, scratch: Path, stand: Any) -> Any:
        self.runs += 1
        stand.begin(Phase.WORKING)
        stand.progress(3, 10)
        self.reached.set()
        await self.may_end.wait()
        raise ImportRefused("It ended.")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(working, "work", made)
    return made


async def until(met: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not await met():  # noqa: ASYNC110 - what is waited for is in another process's hands
            await asyncio.sleep(0.02)


async def test_progress_is_seen_while_it_goes_on_and_cancelling_ends_it(office: Office, slow: Slow) -> None:
    sent = await office.upload(zipped(POSTS), then="import")
    path = sent.headers["location"]
    assert "Waiting" in (await office.ada.get(path)).text
    job = asyncio.create_task(office.do_all())
    await slow.reached.wait()

    async def counted() -> bool:
        return 'max="10" value="3"' in (await office.ada.get(path)).text

    await until(counted)
    page = (await office.ada.get(path)).text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "Working: 3 of 10" in page
    assert "You may close this page" in page
    assert (await office.ada.post(f"{path}/cancel")).status_code == 303
    await job
    page = (await office.ada.get(path)).text
    assert "Cancelled" in page
    assert 'http-equiv="refresh"' not in page
    assert office.stored() == set(), "the upload is deleted"
    assert (await office.deeds())[-1] == "transfer.cancelled"


async def test_what_waits_is_cancelled_at_once(office: Office, slow: Slow) -> None:
    path = (await office.upload(zipped(POSTS))).headers["location"]
    await office.ada.post(f"{path}/cancel")
    assert "Cancelled" in (await office.ada.get(path)).text
    await office.do_all()
    assert slow.runs == 0


async def test_unpacking_ends_with_the_job_that_is_cancelled_and_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reached, seen, ended = asyncio.Event(), 0, threading.Event()
    loop, real = asyncio.get_running_loop(), zips.unpacked

    def unpacked(file: Path, within: Path, check: Callable[[], None]) -> Any:
        def look() -> None:
            nonlocal seen
            seen += 1
            for _ in range(3000 if seen == 3 else 1):
                try:
                    check()
                except Stopped:
                    ended.set()
                    raise
                if seen == 3:
                    loop.call_soon_threadsafe(reached.set)
                    time.sleep(0.01)

        return real(file, within, look)

    monkeypatch.setattr("blog.transfer.jobs.uploads.unpacked", unpacked)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    sent = await office.upload(zipped({f"{n}.md": f"---\ntitle: {n}\n---\nIt is." for n in range(50)}))
    path = sent.headers["location"]
    job = asyncio.create_task(office.do_all())
    await reached.wait()
    assert (await office.ada.post(f"{path}/cancel")).status_code == 303
    await job
    assert ended.is_set(), "the thread ended before the job did"
    assert seen == 3
    assert list((tmp_path / "scratch").iterdir()) == []
    assert "Cancelled" in (await office.ada.get(path)).text


async def test_a_job_whose_process_died_is_taken_up_by_another_a_few_times(office: Office, slow: Slow) -> None:
    await office.upload(zipped(POSTS), then="import")
    for tried in range(1, MOST_TRIES + 1):
        slow.reached.clear()
        dead = asyncio.create_task(running.do_all(yard_of(office.app)))
        await slow.reached.wait()
        dead.cancel()  # as kill -9 does: nothing more is written
        await asyncio.gather(dead, return_exceptions=True)
        left = await office.last()
        assert (left.state, left.tries) == (TransferState.RUNNING, tried)
        await office.do_all()
        assert (await office.last()).tries == tried, "it is held"
        office.app.house.clock.advance(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]  # a clock of ours
    await office.do_all()
    last = await office.last()
    assert last.state == TransferState.FAILED
    assert "broke off each time" in last.reason
    assert slow.runs == MOST_TRIES


async def test_another_process_ends_what_one_left_half_done(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, real = Slow(), working.work
    await office.upload(zipped(POSTS), then="import")
    monkeypatch.setattr(working, "work", slow)
    dead = asyncio.create_task(running.do_all(yard_of(office.app)))
    await slow.reached.wait()
    dead.cancel()
    await asyncio.gather(dead, return_exceptions=True)
    monkeypatch.setattr(working, "work", real)
    office.app.house.clock.advance(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]  # a clock of ours
    posts = await office.posts()
    await office.do_all()
    assert (await office.last()).state == TransferState.DONE
    assert await office.posts() == posts + 2


async def test_a_process_that_stops_in_order_puts_its_job_back_at_once(office: Office, slow: Slow) -> None:
    await office.upload(zipped(POSTS), then="import")
    yard = yard_of(office.app)
    stopping = asyncio.create_task(running.do_all(yard))
    await slow.reached.wait()
    yard.closing.set()
    await stopping
    last = await office.last()
    assert (last.state, last.tries, last.held_until) == (TransferState.WAITING, 0, None)


async def test_of_two_processes_only_one_has_a_job(office: Office, slow: Slow) -> None:
    await office.upload(zipped(POSTS), then="import")
    slow.may_end.set()
    await asyncio.gather(*(running.do_all(yard_of(office.app)) for _ in range(3)))
    assert slow.runs == 1
    assert (await office.last()).reason == "It ended."


async def test_the_application_does_jobs_by_itself(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blog.app.LOOK_FOR_JOBS_SECONDS", 0.05)
    async with fresh_app() as app:
        office = Office(app, yard_of(app))
        path = (await office.upload(zipped(POSTS), then="import")).headers["location"]

        async def ended() -> bool:
            return "Finished" in (await office.ada.get(path)).text

        await until(ended)
