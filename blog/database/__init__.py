"""The engine, its sessions and what each database needs to keep its promises."""

import sqlite3

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from blog.database.postgresql import STATEMENT_SECONDS, is_shared_by_transaction, make_postgresql_engine
from blog.database.sqlite import make_sqlite_engine
from blog.settings import Settings

__all__ = [
    "NAMING_CONVENTION",
    "STATEMENT_SECONDS",
    "Sessions",
    "begin_snapshot",
    "begin_write",
    "is_shared_by_transaction",
    "make_engine",
    "make_readers",
    "make_replica",
    "make_sessions",
    "plan_for_values",
    "unreachable",
]

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
AUTOCOMMIT = "AUTOCOMMIT"
POOL_SIZE = 10
SQLITE_POOL_SIZE = 4
"""Each connection of SQLite is a thread of this process; more of them than cores only wait for each other."""
POOL_TIMEOUT_SECONDS = 5

Sessions = async_sessionmaker[AsyncSession]


def make_engine(settings: Settings, *, statement_seconds: float | None = None) -> AsyncEngine:
    """Make the engine for the database in the settings; nothing is connected yet."""
    return _engine(settings.database_url, statement_seconds)


def make_replica(settings: Settings) -> AsyncEngine | None:
    """Make the engine for the copy of the database that pages are read from, if there is one."""
    return _engine(settings.database_replica_url, STATEMENT_SECONDS) if settings.database_replica_url else None


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Make the factory of sessions; rows stay readable after the commit that precedes an answer."""
    return async_sessionmaker(engine, expire_on_commit=False)


def make_readers(engine: AsyncEngine) -> Sessions:
    """Make the factory of sessions that only read a page.

    On PostgreSQL their statements need no transaction, which spares two trips to the server of four. SQLite's cost
    nothing, and behind a pooler a transaction is what keeps statements on one connection.
    """
    if engine.dialect.name == "sqlite" or is_shared_by_transaction(engine.url.render_as_string()):
        return make_sessions(engine)
    return make_sessions(engine.execution_options(isolation_level=AUTOCOMMIT))


async def begin_write(db: AsyncSession) -> None:
    """Begin a transaction that will write.

    SQLite lets a reader become a writer only if nobody wrote in between and fails at once if somebody did, so a
    transaction that will write takes its place in the queue from the start (BEGIN IMMEDIATE). PostgreSQL ignores this.
    """
    if not db.in_transaction():
        await db.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


async def begin_snapshot(db: AsyncSession) -> None:
    """Begin a transaction that reads everything as it is at one moment, whatever is written meanwhile.

    SQLite's transactions do so by themselves.
    """
    options = {} if db.get_bind().dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    await db.connection(execution_options=options)


async def plan_for_values(db: AsyncSession) -> None:
    """Have PostgreSQL plan the statements of this transaction for their values, as lists need that are asked for in
    many ways: one plan for all of them reads the whole table where an index would do.
    """
    if db.get_bind().dialect.name == "postgresql":
        if db.get_bind().get_execution_options().get("isolation_level") == AUTOCOMMIT:
            # It must be told to a transaction, which a reader of pages has to begin for it.
            await db.rollback()
            await db.connection(execution_options={"isolation_level": "READ COMMITTED"})
        await db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def _engine(url: str, statement_seconds: float | None) -> AsyncEngine:
    if url.startswith("sqlite"):
        return make_sqlite_engine(url, pool_size=SQLITE_POOL_SIZE, pool_timeout=POOL_TIMEOUT_SECONDS)
    return make_postgresql_engine(
        url, pool_size=POOL_SIZE, pool_timeout=POOL_TIMEOUT_SECONDS, statement_seconds=statement_seconds
    )


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
