"""The engine, its sessions and what each database needs to keep its promises."""

import sqlite3

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from blog.settings import Settings
from blog.sqlite import make_sqlite_engine

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
POOL_SIZE = 10
POOL_TIMEOUT_SECONDS = 5
CONNECT_TIMEOUT_SECONDS = 5

Sessions = async_sessionmaker[AsyncSession]


def make_engine(settings: Settings) -> AsyncEngine:
    """Make the engine for the database in the settings; nothing is connected yet."""
    if settings.is_sqlite:
        return make_sqlite_engine(settings.database_url, pool_size=POOL_SIZE, pool_timeout=POOL_TIMEOUT_SECONDS)
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
