"""Prove that a backup can be restored: by restoring it, into a scratch place that is deleted afterwards."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from blog.database import Sessions, begin_write, make_engine, make_sessions
from blog.database.schema import upgrade
from blog.models import Media, User
from blog.queries import chain, site
from blog.settings import Settings
from blog.storage import Storage, open_storage
from blog.transfer.backup.archive import Archive, BackupRefused, Manifest, media_name
from blog.transfer.backup.checking import check_members, check_site, files_of
from blog.transfer.backup.making import Progress, quietly, told_of
from blog.transfer.backup.older import fitting
from blog.transfer.backup.restoring import keep_files, sum_of
from blog.transfer.backup.tables import KeptTable, kept_tables
from blog.transfer.backup.taking import compare, take_in

_WITHOUT_PARENT = text("SELECT count(*) FROM pragma_foreign_key_check")


@dataclass(frozen=True, slots=True)
class Proof:
    """A backup that could be restored: each row and each file came out as it went in."""

    path: Path
    manifest: Manifest


async def prove_backup(path: Path, *, now: datetime, progress: Progress = quietly) -> Proof:
    """Restore a backup into a scratch database and folder, and compare all that is there then with the file. Raise
    BackupRefused where something is not the same.

    The scratch place is where this system keeps temporary files; it takes as much room as the site.
    """
    kept = kept_tables()
    media = next(one for one in kept if one.table is Media.__table__)
    async with _scratch() as (sessions, storage):
        with await asyncio.to_thread(Archive, path) as archive:
            await check_members(archive, progress)
            async with fitting(archive, progress) as rows:
                await asyncio.to_thread(check_site, rows, archive, media)
                await keep_files(storage, rows, archive, media, [], progress)
                async with sessions() as db:
                    await begin_write(db)
                    await take_in(db, rows, kept, progress)
                    await db.commit()
                await _compare_rows(sessions, rows, kept, now, progress)
                await _compare_files(storage, rows, archive, media)
            return Proof(path, archive.manifest)


async def note_proof(sessions: Sessions, proof: Proof, *, now: datetime, by: User | None = None) -> None:
    """Write into the events of the site that one of its backups was proven."""
    async with sessions() as db:
        await begin_write(db)
        db.add(told_of("backup.proven", await site.current(db), proof.path, proof.manifest, now, by))
        await db.commit()


@asynccontextmanager
async def _scratch() -> AsyncIterator[tuple[Sessions, Storage]]:
    with tempfile.TemporaryDirectory(prefix="blog-") as folder:
        settings = Settings(database_url=f"sqlite+aiosqlite:///{folder}/blog.db", media_url=f"{folder}/media")
        await asyncio.to_thread(upgrade, settings.database_url)
        engine = make_engine(settings)
        try:
            yield make_sessions(engine), open_storage(settings)
        finally:
            await engine.dispose()


async def _compare_rows(
    sessions: Sessions, rows: Archive, kept: list[KeptTable], now: datetime, progress: Progress
) -> None:
    async with sessions() as db:
        await compare(await db.connection(), rows, kept, progress)
        if without := await db.scalar(_WITHOUT_PARENT):
            raise BackupRefused(f"{rows.path} has {without} rows that point to rows which are not there.")
        if (await chain.verify(db, now)).breaks:
            raise BackupRefused(f"{rows.path} has events that are not as they were recorded; “blog check” names them")


async def _compare_files(storage: Storage, rows: Archive, archive: Archive, media: KeptTable) -> None:
    there = set(archive.media)
    for name in files_of(rows, media):
        if name in there and await sum_of(storage, name) != archive.manifest.members[media_name(name)].sha256:
            raise BackupRefused(
                f"{archive.path} was not restored: the file {name} came out as another than it went in."
            )
