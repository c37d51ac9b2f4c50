"""PostgreSQL's engine: how it connects, how long it waits, and what it does when the server is another one now."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 20.0
"""A page that takes longer helps nobody; commands, such as migrations and imports, may take what they need."""
UNUSED_SECONDS = 1.0
"""A connection that nobody used for so long is tried before it is lent, for the server may have gone meanwhile."""
READ_ONLY = "25006"
SESSION = {
    "application_name": "blog",
    # Planning a page's statements takes longer than running them, and their plans do not depend on the values.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    # Starting others to help takes longer than a page's statements, and all of them have pages of their own to make.
    "max_parallel_workers_per_gather": "0",
}


def make_postgresql_engine(
    url: str, *, pool_size: int, pool_timeout: float, statement_seconds: float | None
) -> AsyncEngine:
    """Make the engine for a server, or for the one of several that fits the URL; nothing is connected yet."""
    # A fixed pool without overflow: connections made and dropped under load cost more than waiting for one.
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        # The connection that was used last has its statements and its memory at hand.
        pool_use_lifo=True,
        pool_timeout=pool_timeout,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": statement_seconds, **_habits(url)},
    )
    event.listen(engine.sync_engine, "checkout", _try_if_unused)
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "handle_error", _leave_former_primary)
    return engine


def is_shared_by_transaction(url: str) -> bool:
    """Tell whether a pooler such as PgBouncer stands before the server and lends its connections for a transaction.

    The operator says so with `prepared_statement_cache_size=0` in the URL: nothing then outlives a transaction.
    """
    return make_url(url).query.get("prepared_statement_cache_size") == "0"


def _habits(url: str) -> dict[str, Any]:
    if is_shared_by_transaction(url):
        return {"statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    return {"server_settings": SESSION}


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _try_if_unused(connection: Any, record: Any, _proxy: Any) -> None:
    if time.monotonic() - record.info.get("used", time.monotonic()) > UNUSED_SECONDS:
        try:
            connection.ping()
        except Exception as error:
            raise InvalidatePoolError from error


def _leave_former_primary(context: ExceptionContext) -> None:
    """Drop all connections to a server that may no longer be written to: the next ones find the new primary."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True
