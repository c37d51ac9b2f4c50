"""Put the rows of a backup into a database, in the place of all that is there, within the caller's transaction."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from blog import search
from blog.media import stored_names
from blog.models import Event, Media
from blog.transfer.backup.archive import Archive, BackupRefused, rows_name
from blog.transfer.backup.checking import rows_of
from blog.transfer.backup.counters import move_counters
from blog.transfer.backup.making import Progress
from blog.transfer.backup.tables import KeptTable, emptied_tables, lines

LOCKED_LAST = Event.__tablename__
"""Every change writes its event last, so whoever holds another table is let finish before this one is held."""
_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")


async def take_in(db: AsyncSession, rows: Archive, kept: list[KeptTable], progress: Progress) -> None:
    """Replace all rows by those of a backup that was checked, see that they came in as they are, and make the search
    index of them. The caller has locked and commits. Raise BackupRefused.
    """
    connection = await db.connection()
    try:
        await search.clear(db)
        await empty(connection)
        await insert_rows(connection, rows, kept, progress)
        await move_counters(connection, kept, rows.manifest.counters)
    except DBAPIError as error:
        raise cannot_take(rows, error) from error
    await compare(connection, rows, kept, progress)
    await search.fill(db, lambda done: progress("Search", done, rows.manifest.tables["search_texts"].rows))


def cannot_take(rows: Archive, error: DBAPIError) -> BackupRefused:
    """Word what a database says to rows that it does not take."""
    reason = str(error.orig).splitlines()[0].rstrip(".")
    return BackupRefused(f"{rows.path} was not restored, and nothing was changed: the database says: {reason[:300]}.")


async def lock(connection: AsyncConnection) -> None:
    """Let whoever writes finish, and others wait until all is replaced; who reads does not wait.

    A transaction that writes to SQLite is alone already.
    """
    if connection.dialect.name == "postgresql":
        names = sorted((table.name for table in emptied_tables()), key=lambda name: (name == LOCKED_LAST, name))
        await connection.execute(text(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE"))


async def empty(connection: AsyncConnection) -> None:
    """Delete all rows; events too, which refuse that otherwise."""
    has_events = await connection.scalar(select(Event.id).limit(1)) is not None
    is_sqlite = connection.dialect.name == "sqlite"
    refusing: Sequence[Any] = []
    if has_events and is_sqlite:
        refusing = (await connection.execute(_TRIGGERS)).all()
        for name, _ in refusing:
            await connection.execute(text(f"DROP TRIGGER {name}"))
    elif has_events:
        await connection.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
    for table in emptied_tables():
        if table.name != Event.__tablename__ or has_events:
            await connection.execute(delete(table))
    for _, statement in refusing:
        await connection.exec_driver_sql(statement)
    if has_events and not is_sqlite:
        await connection.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))


async def insert_rows(connection: AsyncConnection, rows: Archive, kept: list[KeptTable], progress: Progress) -> None:
    """Put in all rows; those that point to rows that come later do so when all are there."""
    done = 0
    for one in kept:
        batches = rows_of(rows, one)
        while batch := await asyncio.to_thread(next, batches, None):
            # With something to give back, PostgreSQL takes many rows in one statement, which triggers count once.
            statement = insert(one.table).returning(one.key[0])
            await connection.execute(statement, [row | dict.fromkeys(one.late) for row in batch])
            done += len(batch)
            progress("Rows", done, rows.manifest.rows)
    for one in kept:
        if one.late:
            await _point(connection, rows, one)


async def _point(connection: AsyncConnection, rows: Archive, one: KeptTable) -> None:
    key = [column.name for column in one.key]
    found = update(one.table).where(*(column == bindparam(f"the_{column.name}") for column in one.key))
    batches = rows_of(rows, one)
    while batch := await asyncio.to_thread(next, batches, None):
        for name in one.late:
            pointing: list[dict[str, Any]] = [
                {"later": row[name]} | {f"the_{part}": row[part] for part in key}
                for row in batch
                if row[name] is not None
            ]
            if pointing:
                await connection.execute(found.values({name: bindparam("later")}), pointing)


async def compare(connection: AsyncConnection, rows: Archive, kept: list[KeptTable], progress: Progress) -> None:
    """See that the rows in a database are, byte by byte, those of a backup; raise BackupRefused."""
    done = 0
    for one in kept:
        made = sha256()
        async for batch in lines(connection, one):
            made.update(b"".join(batch))
            done += len(batch)
            progress("Comparing", done, rows.manifest.rows)
        if made.hexdigest() != rows.manifest.members[rows_name(one.name)].sha256:
            raise BackupRefused(
                f"{rows.path} was not restored: the table {one.name} came out as another than it went in."
            )


async def stored_files(db: AsyncSession) -> set[str]:
    """Name all files that rows of media name now."""
    query = select(Media.stored, Media.variants)
    return {
        name
        for stored, variants in await db.execute(query)
        for name in stored_names(stored, [(width, kind) for width, kind in variants])
    }
