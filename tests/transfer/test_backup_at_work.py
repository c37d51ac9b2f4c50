"""Backups while others write, and processes that die in the middle of them; with real processes and real commits."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import cast
import pytest
from browser import Browser
from live import BLOG
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from transfer.full_site import OWN, Place, add_file, fill, read_files
from transfer.test_backup import BACKED_UP

from blog.database import Sessions, begin_write, make_engine, make_sessions
from blog.media import names_of
from blog.models import Event, Media, Post, Revision, Site, Tag, User
from blog.settings import Settings
from blog.storage import Piece, Storage, open_storage
from blog.transfer.backup import make_backup, restore_backup
from blog.transfer.backup.making import PASSES, TRIES

WRITERS = 4
PAUSE_SECONDS = 0.02
SECONDS_TO_NOTICE = 60
CHAPTERS = 100
SMALL = (5, 3000, 50_000)


@pytest.fixture
def places(database: str, copies: Any, tmp_path: Path) -> tuple[Place, Place]:
    """A full site, and an empty one."""
    full = Place.at(copies(database), tmp_path / "full")
    full.fill((5, 3000, 3_000_000))
    return full, Place.at(copies(database), tmp_path / "empty")


@contextlib.asynccontextmanager
async def sessions_of(place: Place) -> AsyncIterator[Sessions]:
    engine = make_engine(place.settings)
    try:
        yield make_sessions(engine)
    finally:
        await engine.dispose()


async def write_on(sessions: Sessions, storage: Storage, number: int, stop: asyncio.Event) -> int:
    """Write until told to stop; give how often that was done. Whoever SQLite sends away after ten seconds tries again,
    as people do.
    """
    chosen, turns = random.Random(number), 0
    while not stop.is_set():
        with contextlib.suppress(OperationalError):
            await _write(sessions, storage, chosen, number, turns)
            turns += 1
        await asyncio.sleep(PAUSE_SECONDS)
    return turns


async def _write(sessions: Sessions, storage: Storage, chosen: random.Random, number: int, turn: int) -> None:
    """Do what desks do, each in one transaction: write, save again, delete, move words from post to post, and upload
    and delete files in the order in which the blog does.
    """
    now = datetime.now(UTC)
    async with sessions() as db:
        await begin_write(db)
        anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
        post = cast.written(anna, f"By {number}", f"by-{number}-{os.urandom(8).hex()}", now, tags=[])
        db.add(post)
        await db.flush()
        db.add(Event.about("post.created", post, now, anna))
        # The words of the two eldest posts are always a hundred together.
        await db.execute(update(Post).where(Post.slug == "hello").values(words=Post.words + 1))
        await db.execute(update(Post).where(Post.slug == "together").values(words=Post.words - 1))
        if turn % 3 == 2:
            eldest = select(func.min(Post.id)).where(Post.slug.startswith(f"by-{number}-")).scalar_subquery()
            await db.execute(delete(Post).where(Post.id == eldest))
        await db.commit()
    async with sessions() as db:
        await begin_write(db)
        media = await add_file(db, storage, turn, 1, 30_000)
        await db.commit()
    if chosen.random() < 0.7:
        async with sessions() as db:
            await begin_write(db)
            await db.execute(delete(Media).where(Media.id == media.id))
            await db.commit()
        await storage.delete(names_of(media))


async def test_a_backup_made_while_many_write_is_of_one_moment(database: str, copies: Any, tmp_path: Path) -> None:
    full = Place.at(await asyncio.to_thread(copies, database), tmp_path / "full")
    empty = Place.at(await asyncio.to_thread(copies, database), tmp_path / "empty")
    async with sessions_of(full) as sessions:
        await fill(sessions, full.storage)
        async with sessions() as db:
            for slug, words in (("hello", 40), ("together", 60)):
                await db.execute(update(Post).where(Post.slug == slug).values(words=words))
            await db.commit()
        stop = asyncio.Event()
        writing = [asyncio.create_task(write_on(sessions, full.storage, n, stop)) for n in range(WRITERS)]
        files = []
        for number in range(2):
            before = await _how_often(sessions)
            files.append(tmp_path / f"{number}.backup")
            process = await asyncio.create_subprocess_exec(
                BLOG, "backup", str(files[-1]), env=full.operator.environment, stderr=asyncio.subprocess.PIPE
            )
            _, said = await process.communicate()
            assert (process.returncode, said) == (0, b"")
            assert await _how_often(sessions) > before + WRITERS
        stop.set()
        turns = await asyncio.gather(*writing)
    assert min(turns) >= 3
    written = []
    for file in files:
        await asyncio.to_thread(empty.run, "restore", file, "--force")
        written.append(await _insist_on_one_moment(empty))
        assert "MEND" not in (await asyncio.to_thread(empty.run, "check")).stdout
    assert written[0] < written[1]


async def _how_often(sessions: Sessions) -> int:
    async with sessions() as db:
        return await db.scalar(select(func.count(Event.id)).where(Event.action == "post.created")) or 0


async def _insist_on_one_moment(place: Place) -> int:
    """Look at a restored site; give how often had been written."""
    async with sessions_of(place) as sessions, sessions() as db:
        eldest = select(Post.slug, Post.words).where(Post.slug.in_(["hello", "together"]))
        moved = {row.slug: row.words for row in await db.execute(eldest)}
        assert moved["hello"] + moved["together"] == 100
        newest = (
            select(Revision.post_id, func.max(Revision.number).label("number")).group_by(Revision.post_id).subquery()
        )
        query = select(Post.revision_number, newest.c.number).outerjoin(newest, newest.c.post_id == Post.id)
        numbers = (await db.execute(query)).all()
        assert len(numbers) > 13
        assert all(had == kept for had, kept in numbers)
        created = await db.scalar(select(func.count(Event.id)).where(Event.action == "post.created"))
        assert created == moved["hello"] - 40
        for media in await db.scalars(select(Media)):
            for name in names_of(media):
                assert await place.storage.has(name)
            content = b"".join([piece async for piece in place.storage.pieces(media.stored, 0, media.size - 1)])
            assert sha256(content).hexdigest() == media.fingerprint
        return created or 0


class Forgetful(Storage):
    """A storage whose files somebody deletes, with their rows, in the moment in which they are first asked for."""

    def __init__(self, storage: Storage, sessions: Sessions, chosen: str) -> None:
        super().__init__(storage._store, storage._folder)
        self.sessions, self.chosen, self.asked = sessions, chosen, 0

    async def read(self, name: str, first: int = 0, last: int = 2**20 - 1) -> Piece | None:
        if name == self.chosen:
            self.asked += 1
            async with self.sessions() as db:
                await begin_write(db)
                await db.execute(delete(Media).where(Media.stored == name))
                await db.commit()
            await self.delete([name])
        return await super().read(name, first, last)


@pytest.mark.parametrize("late", [False, True])
async def test_a_file_that_is_deleted_meanwhile_goes_with_its_row(
    late: bool, database: str, copies: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Place.at(await asyncio.to_thread(copies, database), tmp_path / "full")
    empty = Place.at(await asyncio.to_thread(copies, database), tmp_path / "empty")
    async with sessions_of(full) as sessions:
        await fill(sessions, full.storage)
        async with sessions() as db:
            chosen = (await db.scalars(select(Media).order_by(Media.id.desc()).limit(1))).one()
        if late:
            # Everything comes while the snapshot is held already.
            monkeypatch.setattr("blog.transfer.backup.making._listed_apart", _nothing)
        storage = Forgetful(full.storage, sessions, chosen.stored)
        made = await make_backup(sessions, storage, tmp_path / "all.backup", now=cast.TODAY)
        assert storage.asked == 1
    assert made.manifest.missing == []
    await asyncio.to_thread(empty.run, "restore", tmp_path / "all.backup")
    async with sessions_of(empty) as sessions, sessions() as db:
        there = set(await db.scalars(select(Media.stored)))
        assert len(there) == 2
        assert chosen.stored not in there


class Restless(Storage):
    """A storage of which somebody deletes each file, with its row, in the moment in which it is asked for, and puts
    another there; unless they are made to wait.
    """

    def __init__(self, storage: Storage, sessions: Sessions) -> None:
        super().__init__(storage._store, storage._folder)
        self.sessions, self.deleted = sessions, 0

    async def read(self, name: str, first: int = 0, last: int = 2**20 - 1) -> Piece | None:
        with contextlib.suppress(DBAPIError):
            await self._exchange(name)
        return await super().read(name, first, last)

    async def _exchange(self, name: str) -> None:
        async with self.sessions() as db:
            is_sqlite = db.get_bind().dialect.name == "sqlite"
            await db.execute(text("PRAGMA busy_timeout = 300" if is_sqlite else "SET lock_timeout = '300ms'"))
            await db.commit()
            await begin_write(db)
            media = await db.scalar(select(Media).where(Media.stored == name))
            if media is not None:
                await db.execute(delete(Media).where(Media.id == media.id))
                await add_file(db, self, self.deleted, 1)
                await db.commit()
                self.deleted += 1
                await self.delete(names_of(media))


async def test_files_that_come_and_go_without_end_are_waited_for_in_the_end(
    database: str, copies: Any, tmp_path: Path
) -> None:
    full = Place.at(await asyncio.to_thread(copies, database), tmp_path / "full")
    empty = Place.at(await asyncio.to_thread(copies, database), tmp_path / "empty")
    async with sessions_of(full) as sessions, sessions_of(full) as of_others:
        await fill(sessions, full.storage, [10])
        storage = Restless(full.storage, of_others)
        made = await make_backup(sessions, storage, tmp_path / "all.backup", now=cast.TODAY)
        assert storage.deleted == PASSES + TRIES
        assert made.manifest.missing == []
    await asyncio.to_thread(empty.run, "restore", tmp_path / "all.backup")
    assert await asyncio.to_thread(empty.files) == await asyncio.to_thread(full.files)
    assert len(await asyncio.to_thread(empty.files)) == 2


async def _nothing(_: Sessions) -> AsyncIterator[list[str]]:
    for names in ():
        yield names


STOPPING = """
import contextlib, sys, threading
from blog.cli import backups, main
from blog.transfer.backup import restoring

def stop(*_):
    print("here", flush=True)
    threading.Event().wait()

def progress(step, done, total):
    if step == at and 2 * done >= total:
        stop()

at, *sys.argv[1:] = sys.argv[1:]
backups.bars = lambda: contextlib.nullcontext(progress)
if at == "Committed":
    restoring.discard = stop
main()
"""
"""A command that stands still in the middle of a step, or after its commit: whoever kills it needs no luck."""


def kill_at(step: str, place: Place, *words: object) -> None:
    """Start a command, and kill its process when it is half through a step."""
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING, step, *map(str, words)], env=place.operator.environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        said = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert (said, process.returncode) == (b"here\n", -signal.SIGKILL)


def start(place: Place, *words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([BLOG, *map(str, words)], env=place.operator.environment, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(("step", "old"), [("Files", None), ("Rows", b"the old one")])
def test_a_backup_that_is_killed_leaves_what_was_there(
    step: str, old: bytes | None, places: tuple[Place, Place], tmp_path: Path
) -> None:
    full, empty = places
    file = tmp_path / "all.backup"
    if old:
        file.write_bytes(old)
    kill_at(step, full, "backup", file, "--force")
    assert (file.read_bytes() if file.exists() else None) == old
    assert len(list(tmp_path.glob(".all.backup.*.part"))) == 1
    full.run("backup", file, "--force")
    assert list(tmp_path.glob(".all.backup.*")) == []
    empty.run("restore", file)
    assert empty.reading()["posts"] == full.reading()["posts"] != []


def test_a_disk_that_is_full_leaves_nothing(places: tuple[Place, Place], tmp_path: Path) -> None:
    def fill_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    done = subprocess.run(
        [BLOG, "backup", tmp_path / "all.backup"], env=places[0].operator.environment, preexec_fn=fill_up,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == f"Error: {tmp_path}/all.backup cannot be written: File too large.\n"
    assert list(tmp_path.glob("*.backup*")) == list(tmp_path.glob(".*")) == []


def test_two_backups_to_one_name_do_not_meet(places: tuple[Place, Place], tmp_path: Path) -> None:
    full, empty = places
    processes = [start(full, "backup", tmp_path / "all.backup") for _ in range(2)]
    codes = sorted(process.wait() for process in processes)
    assert codes[0] == 0
    assert set(codes) <= {0, 1}
    assert list(tmp_path.glob(".all.backup.*")) == []
    empty.run("restore", tmp_path / "all.backup")


@pytest.mark.parametrize("step", ["Files", "Rows", "Search"])
def test_a_restore_that_is_killed_leaves_the_old_state_and_can_be_run_again(
    step: str, places: tuple[Place, Place], tmp_path: Path
) -> None:
    full, other = places
    full.do(_grow)
    full.run("backup", tmp_path / "all.backup")
    other.fill(SMALL)
    before, files = other.reading(), other.files()
    there = set(Path(other.settings.media_url).iterdir())
    kill_at(step, other, "restore", tmp_path / "all.backup", "--force")
    assert set(Path(other.settings.media_url).iterdir()) > there
    assert other.reading() == before
    assert other.files() == files
    assert "MEND" not in other.run("check").stdout
    other.run("restore", tmp_path / "all.backup", "--force")
    _insist_on_restored(full, other)
    assert {path.name for path in Path(other.settings.media_url).iterdir()} == set(full.files())


def test_a_restore_that_is_killed_after_its_commit_is_done(places: tuple[Place, Place], tmp_path: Path) -> None:
    full, other = places
    full.run("backup", tmp_path / "all.backup")
    other.fill(SMALL)
    former = set(other.files())
    kill_at("Committed", other, "restore", tmp_path / "all.backup", "--force")
    _insist_on_restored(full, other)
    # Nothing names these any more; they only take up room.
    assert {path.name for path in Path(other.settings.media_url).iterdir()} == set(full.files()) | former


def _insist_on_restored(full: Place, other: Place) -> None:
    wanted, restored = full.reading(), other.reading()
    # The version goes on; what the search keeps of the chapters is made at the restore, for the test made none.
    for name in BACKED_UP - OWN - {"mails", "site", "search_texts", "similar_posts"}:
        assert restored[name] == wanted[name], name
    assert other.files() == full.files()
    assert "MEND" not in other.run("check").stdout


async def _grow(sessions: Sessions) -> None:
    """Make more rows than SQLite holds in memory: some are in its journal before they are committed."""
    async with sessions() as db:
        anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
        body = " ".join(f"{os.urandom(6).hex()}" for _ in range(400))
        db.add_all(cast.written(anna, f"Chapter {n}", f"chapter-{n}", cast.TODAY, body=body) for n in range(CHAPTERS))
        await db.commit()


async def test_a_file_that_is_deleted_during_a_restore_is_there_in_the_end(sessions: Sessions, tmp_path: Path) -> None:
    storage = open_storage(Settings(media_url=str(tmp_path / "media")))
    await fill(sessions, storage, SMALL)
    files = await read_files(sessions, storage)
    await make_backup(sessions, storage, tmp_path / "all.backup", now=cast.TODAY)

    def delete_late(step: str, _done: int, _total: int) -> None:
        if step == "Rows":
            (tmp_path / "media" / min(files)).unlink(missing_ok=True)

    await restore_backup(sessions, storage, tmp_path / "all.backup", now=cast.TODAY, force=True, progress=delete_late)
    assert await read_files(sessions, storage) == files


async def test_readers_see_the_old_site_or_the_new_one(fresh_app: Any, tmp_path: Path) -> None:
    async with fresh_app() as app:
        house, anybody, ada = app.house, Browser(app), Browser(app, "ada")
        async with house.sessions() as db:
            await db.execute(update(Site).values(title="Restored"))
            await db.execute(update(Post).values(title="Restored"))
            await db.commit()
        await make_backup(house.sessions, house.storage, tmp_path / "all.backup", now=cast.TODAY)
        async with house.sessions() as db:
            await db.execute(update(Site).values(title="Present"))
            await db.execute(update(Post).values(title="Present"))
            await db.commit()
        house.forget_site()
        assert (await ada.get("/studio")).status_code == 200
        restoring = asyncio.create_task(
            restore_backup(house.sessions, house.storage, tmp_path / "all.backup", now=cast.TODAY, force=True)
        )
        seen = []
        while not restoring.done():
            page = (await anybody.get("/?page=1")).text
            seen.append("Present" in page)
            assert ("Present" in page) != ("Restored" in page)
            await asyncio.sleep(0.01)
        await restoring
        assert seen[0]
        async with asyncio.timeout(SECONDS_TO_NOTICE):
            while "Present" in (page := (await anybody.get("/?page=1")).text):
                assert "Restored" not in page
                await asyncio.sleep(0.1)
        assert "Restored" in page
        assert (await ada.get("/studio")).status_code == 303
        async with house.sessions() as db:
            assert await db.scalar(select(func.count(Tag.id))) == 3
