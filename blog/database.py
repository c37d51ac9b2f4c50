"""The engine, its sessions and what each database needs to keep its promises."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from blog.settings import Settings, SettingsError

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 10_000
POOL_SIZE = 10
POOL_TIMEOUT_SECONDS = 5
CONNECT_TIMEOUT_SECONDS = 5

Sessions = async_sessionmaker[AsyncSession]


def make_engine(settings: Settings) -> AsyncEngine:
    """Make the engine for the database in the settings; nothing is connected yet."""
    if settings.is_sqlite:
        return _sqlite_engine(settings.database_url)
    # A fixed pool without overflow: connections made and dropped under load cost more than waiting for one.
    return create_async_engine(
        settings.database_url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_TIMEOUT_SECONDS},
    )


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Make the factory of sessions; rows stay readable after the commit that precedes an answer."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def begin_write(db: AsyncSession) -> None:
    """Begin a transaction that will write.

    SQLite lets a reader become a writer only if nobody wrote in between and fails at once if somebody did, so a
    transaction that will write takes its place in the queue from the start (BEGIN IMMEDIATE). PostgreSQL ignores this.
    """
    if not db.in_transaction():
        await db.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def _sqlite_engine(url: str) -> AsyncEngine:
    file = make_url(url).database
    if file and file != ":memory:":
        _ready_folder(Path(file))
    engine = create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _ready_folder(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
        with file.open("r+b"):
            pass
    except OSError as error:
        raise SettingsError(f"The database file {file.absolute()} cannot be written: {error.strerror}.") from error


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # an acknowledged write survives a power cut
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def unreachable(error: BaseException) -> str | None:
    """Say in one sentence why the database or a file cannot be used, or None when `error` means something else."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.filename:
            return f"{cause.filename} cannot be used: {cause.strerror}."
        if isinstance(cause, OSError | TimeoutError | OverflowError):
            return f"The database cannot be reached: {str(cause).rstrip('.') or 'it did not answer in time'}."
        if isinstance(cause, sqlite3.OperationalError | sqlite3.DatabaseError):
            return f"The database cannot be used: {cause}."
        if type(cause).__module__.startswith("asyncpg"):
            return f"The database refuses: {cause}."
        cause = cause.__cause__
    return None
