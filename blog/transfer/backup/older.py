"""Bring the rows of an older version's backup up to this one's schema: by the same migrations as any database."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, MetaData, delete

from blog.database import make_engine
from blog.database.schema import is_known, newest, upgrade
from blog.settings import Settings
from blog.transfer.backup.archive import Archive, BackupRefused, Writer
from blog.transfer.backup.checking import check_tables
from blog.transfer.backup.counters import move_counters, read_counters
from blog.transfer.backup.making import Progress, write_rows
from blog.transfer.backup.tables import emptied_tables, kept_tables
from blog.transfer.backup.taking import insert_rows

NOT_OURS = ("search_index", "sqlite_", "alembic_version")


@asynccontextmanager
async def fitting(archive: Archive, progress: Progress) -> AsyncIterator[Archive]:
    """Give a backup whose rows have been checked and have this version's schema: the same, or one made of it."""
    step = archive.manifest.schema
    if step == newest():
        await asyncio.to_thread(check_tables, archive, kept_tables())
        yield archive
    elif not is_known(step):
        raise BackupRefused(f"{archive.path} was made by a newer version of the blog. Use that version.")
    else:
        with tempfile.TemporaryDirectory(prefix="blog-") as folder:
            made = await _brought_up(archive, Path(folder), progress)
            with Archive(made) as newer:
                await asyncio.to_thread(check_tables, newer, kept_tables())
                yield newer


async def _brought_up(archive: Archive, folder: Path, progress: Progress) -> Path:
    """Fill a scratch database of the old schema, migrate it, and write down its rows."""
    url = f"sqlite+aiosqlite:///{folder}/older.db"
    await asyncio.to_thread(upgrade, url, archive.manifest.schema)
    engine = make_engine(Settings(database_url=url))
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(sqlite_begin="IMMEDIATE")
            metadata = await connection.run_sync(_reflected)
            old = kept_tables(metadata)
            await asyncio.to_thread(check_tables, archive, old)
            for table in emptied_tables(metadata):
                await connection.execute(delete(table))
            await insert_rows(connection, archive, old, progress)
            await move_counters(connection, old, archive.manifest.counters)
            await connection.commit()
        await engine.dispose()
        await asyncio.to_thread(upgrade, url)
        made = folder / "newer.backup"
        with made.open("w+b") as file:
            writer, kept = Writer(file, archive.manifest.made_at), kept_tables()
            async with engine.connect() as connection:
                tables = await write_rows(connection, kept, writer, progress)
                counters = await read_counters(connection, kept)
            said = replace(archive.manifest, schema=newest(), tables=tables, counters=counters)
            await asyncio.to_thread(writer.finish, said)
        return made
    finally:
        await engine.dispose()


def _reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(NOT_OURS))
    return metadata
