"""Make a backup while the site runs and is written to.

All rows are read in one snapshot: a read transaction on SQLite, REPEATABLE READ on PostgreSQL. Nobody waits for it.
The files of media are copied first, so that the snapshot is held for the rows alone; what came meanwhile is copied in it.

A file never changes under its name, is there before its row and is deleted after it. So a file that was gone *before* a
snapshot in which its row still stands was lost before, and the backup says so; one that goes *while* a snapshot is held
may have been deleted with its row just now, and then a new snapshot is taken, in which the row is gone too. Should that
go on and on, whoever changes rows of media waits for the moment that it takes to copy the few files that are new.
"""

import asyncio
import os
import platform
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import IO

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from blog.database import Sessions, begin_write
from blog.database.schema import Schema, newest, schema_of
from blog.media import stored_names
from blog.models import Event, Media, Site, User
from blog.queries import site
from blog.storage import NAME, PIECE, Storage
from blog.transfer.backup.archive import (
    IN_MEMORY,
    BackupRefused,
    Manifest,
    Rows,
    Writer,
    media_name,
    rows_name,
)
from blog.transfer.backup.counters import read_counters
from blog.transfer.backup.place import place_for
from blog.transfer.backup.tables import KeptTable, count, kept_tables, lines

FILES_AT_ONCE = 500
PASSES, TRIES = 2, 3
"""How often files are copied before the first snapshot, and how many snapshots are tried while others may delete files."""
Progress = Callable[[str, int, int], None]
"""Told of each step: what is being done, how much of it is done, and how much there is."""


def quietly(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    size: int
    digest: str
    manifest: Manifest


@dataclass(slots=True)
class _Files:
    """The files of media that are in the backup so far, those that were looked for and not there, and of these the ones
    that rows still name.
    """

    writer: Writer
    storage: Storage
    expected: int
    gone: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


async def make_backup(
    sessions: Sessions,
    storage: Storage,
    path: Path,
    *,
    now: datetime,
    by: User | None = None,
    force: bool = False,
    progress: Progress = quietly,
) -> Made:
    """Write everything into one file, and note in the events that it was made. Raise BackupRefused, or StorageAway.

    There is nothing at `path` until all of it is on the disk; what was there stays unless `force` replaces it.
    """
    made = await write_backup(sessions, storage, path, now=now, force=force, progress=progress)
    try:
        async with sessions() as db:
            await begin_write(db)
            db.add(told_of("backup.made", await site.current(db), made.path, made.manifest, now, by))
            await db.commit()
    except DBAPIError as error:
        reason = str(error.orig).rstrip(".")
        raise BackupRefused(f"{path} is there and whole, but the events could not tell of it: {reason}.") from error
    return made


async def write_backup(
    sessions: Sessions,
    storage: Storage,
    path: Path,
    *,
    now: datetime,
    force: bool = False,
    progress: Progress = quietly,
) -> Made:
    """Write everything into one file that nobody is to count on, such as one that is only to be tried."""
    with place_for(path, force=force) as (file, keep):
        writer = Writer(file, now)
        try:
            manifest = await _write_all(sessions, storage, writer, now, progress)
            digest = await asyncio.to_thread(writer.finish, manifest)
        except BaseException:
            writer.leave()
            raise
        size = file.seek(0, os.SEEK_END)
        keep()
        return Made(path, size, digest, replace(manifest, members=writer.sums))


def told_of(action: str, about: Site, path: Path, manifest: Manifest, now: datetime, by: User | None) -> Event:
    """Describe what was done with a backup."""
    name = path.name.encode(errors="replace").decode()  # a file's name need not be text
    at = manifest.made_at.isoformat(timespec="seconds")
    return Event.about(action, about, now, by, name=name, at=at, rows=manifest.rows, files=manifest.files)


async def _write_all(
    sessions: Sessions, storage: Storage, writer: Writer, now: datetime, progress: Progress
) -> Manifest:
    async with sessions() as db:
        if await schema_of(db) != Schema.CURRENT:
            raise BackupRefused("The database does not have this version's schema yet. Run: blog migrate")
    files = _Files(writer, storage, sum([len(names) async for names in _listed_apart(sessions)]))
    for _ in range(PASSES):
        await _copy_new(_listed_apart(sessions), files, progress)
    for _ in range(TRIES):
        async with _snapshot(sessions) as db:
            if not await _copy_new(_listed(db), files, progress):
                return await _write_rows(db, files, now, progress)
    # Files come and go faster than they can be copied.
    async with AsyncExitStack() as waiting:
        await waiting.enter_async_context(_others_wait(sessions))
        async with _snapshot(sessions) as db:
            await _copy_new(_listed(db), files, progress)
            await waiting.aclose()
            return await _write_rows(db, files, now, progress)


async def _write_rows(db: AsyncSession, files: _Files, now: datetime, progress: Progress) -> Manifest:
    connection, kept = await db.connection(), kept_tables()
    return Manifest(
        schema=newest(),
        made_at=now,
        made_by=f"blog {metadata.version('blog')}, Python {platform.python_version()}",
        database=connection.dialect.name,
        site=(await site.current(db)).title,
        tables=await write_rows(connection, kept, files.writer, progress),
        counters=await read_counters(connection, kept),
        missing=sorted(files.lost),
    )


@asynccontextmanager
async def _others_wait(sessions: Sessions) -> AsyncIterator[None]:
    """Let nobody change rows of media, so that no file of theirs is deleted."""
    async with sessions() as db:
        await begin_write(db)
        if db.get_bind().dialect.name == "postgresql":
            await db.execute(text("LOCK TABLE media IN SHARE MODE"))
        yield


@asynccontextmanager
async def _snapshot(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Read in one transaction in which nothing changes, whatever others write."""
    async with sessions() as db:
        if db.get_bind().dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            await db.connection(execution_options=options)
        yield db


async def _listed_apart(sessions: Sessions) -> AsyncIterator[list[str]]:
    """List the files of all rows of media that there are now; nothing of the database is held in between."""
    async with sessions() as db:
        newest_id = await db.scalar(select(func.max(Media.id))) or 0
    last: int | None = 0
    while last is not None and last < newest_id:
        async with sessions() as db:
            names, last = await _page(db, last)
        yield names


async def _listed(db: AsyncSession) -> AsyncIterator[list[str]]:
    """List the files of all rows of media in one transaction."""
    last: int | None = 0
    while last is not None:
        names, last = await _page(db, last)
        yield names


async def _page(db: AsyncSession, last: int) -> tuple[list[str], int | None]:
    """List the files of some rows of media, and tell from which on there are more."""
    query = select(Media.id, Media.stored, Media.variants).where(Media.id > last)
    rows = (await db.execute(query.order_by(Media.id).limit(FILES_AT_ONCE))).all()
    names = [
        name
        for _, stored, variants in rows
        for name in stored_names(stored, [(width, kind) for width, kind in variants])
    ]
    return names, rows[-1].id if rows else None


async def _copy_new(listed: AsyncIterator[list[str]], files: _Files, progress: Progress) -> bool:
    """Copy the files that are not in the backup yet; tell whether one was gone that was not known to be."""
    is_one_gone = False
    files.lost.clear()
    done = len(files.writer.sums)
    async for names in listed:
        new = [name for name in names if media_name(name) not in files.writer.sums and name not in files.gone]
        for name in new:
            if not await _copy(files, name):
                files.gone.add(name)
                is_one_gone = True
            done += 1
            progress("Files", done, max(done, files.expected))
        files.lost.update(name for name in names if name in files.gone)
    return is_one_gone


async def _copy(files: _Files, name: str) -> bool:
    """Copy a file into the backup; tell whether it was there to its end."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as whole:
        if NAME.fullmatch(name) is None or not await _fetch(files.storage, name, whole):
            return False
        await asyncio.to_thread(files.writer.copy, media_name(name), whole)
        return True


async def _fetch(storage: Storage, name: str, into: IO[bytes]) -> bool:
    first = await storage.read(name, 0, PIECE - 1)
    if first is None:
        return False
    into.write(first.content)
    async for piece in storage.pieces(name, len(first.content), first.size - 1):
        into.write(piece)
    return into.tell() == first.size


async def write_rows(
    connection: AsyncConnection, kept: list[KeptTable], writer: Writer, progress: Progress
) -> dict[str, Rows]:
    """Write all rows of the tables as they are in the connection's transaction."""
    numbers = {one.name: await count(connection, one) for one in kept}
    total, done = sum(numbers.values()), 0
    for one in kept:
        with writer.member(rows_name(one.name), packed=True) as write:
            async for batch in lines(connection, one):
                await asyncio.to_thread(write, b"".join(batch))
                done += len(batch)
                progress("Rows", done, total)
    return {one.name: Rows(numbers[one.name], one.names) for one in kept}
