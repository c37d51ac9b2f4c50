"""A worker that is killed in the middle of an import: another one takes the import up and ends it."""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import cast
import httpx
from cast import cookie_of
from live import environment_for, free_port, serving
from sqlalchemy import func, select, update
from transfer.old_wordpress import OldWordPress

from blog.auth.tokens import form_token, token_hash
from blog.database import make_engine, make_sessions
from blog.models import Event, Post, Transfer, TransferState
from blog.settings import Settings
from blog.web.state import utc_now

POSTS = 1200
SECRET = "s" * 40
PATIENCE = 240


async def test_an_import_whose_worker_is_killed_is_taken_up_by_another_and_ends_whole(
    database: str, copies: Any, tmp_path: Path
) -> None:
    database_url, port = await asyncio.to_thread(copies, database), free_port()
    url, scratch = f"http://127.0.0.1:{port}", tmp_path / "scratch"
    scratch.mkdir()
    engine = make_engine(Settings(database_url=database_url, secret_key=SECRET))
    sessions = make_sessions(engine)
    async with sessions() as db:
        await cast.enter(db, utc_now())
        await db.commit()
        before = await db.scalar(select(func.count(Post.id))) or 0
    environment = environment_for(
        database_url, tmp_path, BASE_URL=url, PORT=str(port), WORKERS="2", TMPDIR=str(scratch)
    )

    async def imported() -> int:
        async with sessions() as db:
            return (await db.scalar(select(func.count(Post.id))) or 0) - before

    async def job() -> Transfer:
        async with sessions() as db:
            return (await db.scalars(select(Transfer))).one()

    async def has_begun() -> bool:
        return await imported() > 0

    async def is_over() -> bool:
        return not (await job()).is_open

    async with serving(environment, "The blog is at"), visitor(url) as ada:
        path = await send(ada, export(tmp_path))
        await until(has_begun)
        (worker,) = holders(scratch)
        os.kill(worker, signal.SIGSTOP)  # nothing more happens while we look
        half = await imported()
        assert 0 < half < POSTS
        os.kill(worker, signal.SIGKILL)
        left = await job()
        assert (left.state, left.tries) == (TransferState.RUNNING, 1)
        async with sessions() as db:  # as if the minute of its hold were over
            await db.execute(update(Transfer).values(held_until=utc_now()))
            await db.commit()
        await until(is_over)
        page = (await ada.get(path)).text
    ended = await job()
    assert (ended.state, ended.reason, ended.tries) == (TransferState.DONE, "", 2)
    figures = {name: int(number) for name, number in re.findall(r"<dt>([a-z ]+)</dt><dd>(\d+)</dd>", page)}
    assert figures["unchanged"] >= half, "what the first one brought in"
    assert (figures["imported"] + figures["unchanged"], figures["skipped"]) == (POSTS, 0)
    async with sessions() as db:
        slugs = list(await db.scalars(select(Post.slug).where(Post.slug.startswith("letter-"))))
        deeds = list(await db.scalars(select(Event.action).where(Event.subject == "transfer").order_by(Event.id)))
    await engine.dispose()
    assert sorted(slugs) == sorted(f"letter-{number}" for number in range(1, POSTS + 1))
    assert deeds == ["transfer.begun", "transfer.done"]
    assert list(scratch.glob("blog-transfer-*")) == [], "what the dead one left on the disk is cleared away"


def export(folder: Path) -> Path:
    old = OldWordPress(folder)
    for number in range(1, POSTS + 1):
        old.item(number, f"Letter {number}", f"This is letter {number}.\n\nIt has *two* paragraphs.")
    return old.export()


async def send(ada: httpx.AsyncClient, file: Path) -> str:
    """Upload an export; gives where its page is."""
    fields = {"csrf_token": form_token(SECRET, token_hash(cookie_of("ada"))), "then": "import"}
    sent = await ada.post("/admin/transfers", data=fields, files={"file": (file.name, file.read_bytes(), "text/xml")})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def holders(scratch: Path) -> set[int]:
    """Find the processes that have a file open in a folder: an import of WordPress keeps its posts in such ones."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink().is_relative_to(scratch):
                found.add(int(link.parts[2]))
        except OSError:
            continue  # it was closed meanwhile, or is another user's
    return found


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await met():  # noqa: ASYNC110 - what is waited for is in another process's hands
            await asyncio.sleep(0.02)


def visitor(url: str) -> httpx.AsyncClient:
    cookies = {"session": cookie_of("ada")}
    return httpx.AsyncClient(base_url=url, cookies=cookies, headers={"origin": url}, timeout=60)
