"""Restore a backup: look at all of it, keep the files of media, then put all rows in within one transaction.

A process that is killed leaves the old state, or files that no row names yet, and the same command begins anew. Who
reads meanwhile sees the old state until all of the new one is there. Whoever was signed in has to sign in again: what
they have open belongs to other rows now.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from blog import search
from blog.database import Sessions, begin_write
from blog.database.schema import Schema, schema_of
from blog.media import discard
from blog.models import Media, Post, User
from blog.queries import site
from blog.storage import PIECE, Storage
from blog.transfer.backup.archive import Archive, BackupRefused, Manifest, media_name
from blog.transfer.backup.checking import OF_EVERY_SITE, check_members, check_site, files_of
from blog.transfer.backup.making import Progress, quietly, told_of
from blog.transfer.backup.older import fitting
from blog.transfer.backup.tables import KeptTable, kept_tables
from blog.transfer.backup.taking import cannot_take, lock, stored_files, take_in


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored. `files_new` were not in the storage before."""

    path: Path
    manifest: Manifest
    files_new: int


async def restore_backup(
    sessions: Sessions,
    storage: Storage,
    path: Path,
    *,
    now: datetime,
    by: User | None = None,
    force: bool = False,
    progress: Progress = quietly,
) -> Restored:
    """Put what a backup holds in the place of all that is here. Raise BackupRefused, or StorageAway.

    A site that is not empty is refused without `force`; with it, files that only the old rows named are deleted in the
    end. The event knows `by` by name only: their number may be somebody else's there.
    """
    async with sessions() as db:
        if await schema_of(db) != Schema.CURRENT:
            raise BackupRefused("The database does not have this version's schema yet. Run: blog migrate")
        if not force:
            await _insist_on_emptiness(await db.connection())
    with await asyncio.to_thread(Archive, path) as archive:
        await check_members(archive, progress)
        async with fitting(archive, progress) as rows:
            media = next(one for one in kept_tables() if one.table is Media.__table__)
            await asyncio.to_thread(check_site, rows, archive, media)
            put: list[str] = []
            try:
                await keep_files(storage, rows, archive, media, put, progress)
                left = await _replace_rows(sessions, rows, archive, now, by, force, progress)
            except BackupRefused:
                await _take_back(sessions, storage, put)
                raise
    await discard(storage, sorted(left))
    async with sessions() as db:
        language = (await site.current(db)).language
    await search.catch_up(sessions, language)
    return Restored(path, archive.manifest, len(put))


async def _replace_rows(
    sessions: Sessions, rows: Archive, archive: Archive, now: datetime, by: User | None, force: bool, progress: Progress
) -> set[str]:
    """Replace all rows in one transaction; give the files that only the old ones named."""
    async with sessions() as db:
        await begin_write(db)
        try:
            await lock(await db.connection())
            if not force:
                await _insist_on_emptiness(await db.connection())
            before, seen = await stored_files(db), await site.version(db)
            await take_in(db, rows, kept_tables(), progress)
            await site.move_past(db, seen)
            done = told_of("backup.restored", await site.current(db), archive.path, archive.manifest, now, None)
            done.actor_name = by.name if by else ""
            db.add(done)
            await db.commit()
        except DBAPIError as error:
            raise cannot_take(archive, error) from error
        return before - await stored_files(db)


async def _take_back(sessions: Sessions, storage: Storage, put: Sequence[str]) -> None:
    """Delete the files of a backup whose rows could not be taken in, but for those that rows here name too."""
    async with sessions() as db:
        named = await stored_files(db)
    await discard(storage, [name for name in put if name not in named])


async def keep_files(
    storage: Storage, rows: Archive, files: Archive, media: KeptTable, put: list[str], progress: Progress
) -> None:
    """Put the files that rows name into the storage, unless they are there as they are; `put` lists those that were not."""
    there = set(files.media)
    names = [name for name in files_of(rows, media) if name in there]
    for number, name in enumerate(names, 1):
        if await sum_of(storage, name) != files.manifest.members[media_name(name)].sha256:
            put.append(name)
            await storage.put({name: await asyncio.to_thread(files.content, media_name(name))})
        progress("Files", number, len(names))


async def sum_of(storage: Storage, name: str) -> str | None:
    """Give the SHA-256 of a file in the storage; None when it is not there."""
    first = await storage.read(name, 0, PIECE - 1)
    if first is None:
        return None
    made = sha256(first.content)
    async for piece in storage.pieces(name, len(first.content), first.size - 1):
        made.update(piece)
    return made.hexdigest()


async def _insist_on_emptiness(connection: AsyncConnection) -> None:
    for one in kept_tables():
        if one.name not in OF_EVERY_SITE and await connection.scalar(select(one.key[0]).limit(1)) is not None:
            posts, people = [await connection.scalar(select(func.count(kind.id))) for kind in (Post, User)]
            raise BackupRefused(
                f"This site is not empty: it has {posts} posts and {people} people. "
                "To replace all that is here, add --force."
            )
