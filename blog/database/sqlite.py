"""SQLite's engine: its pragmas, its transactions, and one trip to the connection's thread for each statement.

SQLite works in the calling thread, so aiosqlite gives each connection a thread of its own. SQLAlchemy goes there four
times for a statement (open a cursor, execute, fetch, close) and three times for BEGIN; on a page of four statements
these trips cost more than the database itself. Here a statement, with the BEGIN that it waits for, is one trip.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from blog.settings import SettingsError

BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 500
"""Of each connection; the system keeps the file's pages for all of them."""


def make_sqlite_engine(url: str, *, pool_size: int, pool_timeout: float) -> AsyncEngine:
    """Make the engine for a file; the file is made if there is none."""
    file = make_url(url).database
    if file and file != ":memory:":
        _ready_folder(Path(file))
    engine = create_async_engine(
        url,
        module=_Driver(aiosqlite, sqlite3),
        pool_size=pool_size,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=pool_timeout,
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
        f"cache_size = -{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode == "DEFERRED":
        # It holds nothing before its first statement, so it can go with that.
        driver: Any = connection.connection.dbapi_connection
        driver.is_to_begin = True
    else:
        connection.exec_driver_sql(f"BEGIN {mode}")


@dataclass(slots=True)
class _Outcome:
    """What came of a statement, read off the cursor that is closed already."""

    description: Any = None
    lastrowid: int | None = None
    rowcount: int = -1
    arraysize: int = 1
    rows: Sequence[Any] = field(default=())

    async def close(self) -> None:
        """Nothing is left to be closed."""


def _run(connection: sqlite3.Connection, begins: bool, many: bool, statement: str, values: Any) -> _Outcome:
    """Run one statement; in the connection's thread."""
    if begins:
        connection.execute("BEGIN DEFERRED")
    cursor = connection.executemany(statement, values) if many else connection.execute(statement, values)
    rows = cursor.fetchall() if cursor.description else ()
    outcome = _Outcome(cursor.description, cursor.lastrowid, cursor.rowcount, rows=rows)
    cursor.close()
    return outcome


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Outcome()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._go(operation, parameters or (), many=False)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._go(operation, seq_of_parameters, many=True)

    async def _go(self, operation: Any, values: Any, *, many: bool) -> None:
        adapted: Any = self._adapt_connection
        driver: Any = self._connection
        async with adapted._execute_mutex:
            begins, adapted.is_to_begin = adapted.is_to_begin, False
            outcome = await driver._execute(_run, driver._conn, begins, many, operation, values)
        self._cursor = outcome
        self._rows = deque(outcome.rows)

    def close(self) -> None:
        self._rows.clear()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("is_to_begin",)

    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.is_to_begin = False

    def rollback(self) -> None:
        self._end(super().rollback)

    def commit(self) -> None:
        self._end(super().commit)

    def _end(self, end: Any) -> None:
        """Spare the trip where nothing was begun."""
        self.is_to_begin = False
        driver: Any = self._connection
        if driver._connection is None or driver._connection.in_transaction:
            end()


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        return _Connection(self, super().connect(*arg, **kw)._connection)
