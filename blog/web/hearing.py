"""Hearing at once that another process changed what readers see.

PostgreSQL tells it on (LISTEN and NOTIFY). Each process looks once a second anyway, so nothing depends on hearing:
not on SQLite, not behind a pooler, and not while the connection is away.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from blog.database import is_shared_by_transaction
from blog.queries.site import CHANNEL

AGAIN_SECONDS = 5.0

log = logging.getLogger("blog")


def hearing(engine: AsyncEngine, heard: Callable[[], None]) -> Any:
    """Make the part of the application's life in which it listens."""

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        can = engine.dialect.name == "postgresql" and not is_shared_by_transaction(engine.url.render_as_string())
        task = asyncio.create_task(_listen(engine, heard)) if can else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return life


async def _listen(engine: AsyncEngine, heard: Callable[[], None]) -> None:
    while True:
        try:
            await _listen_once(engine, heard)
        except Exception as error:
            log.info("nothing is heard from the database: %s", error)
        await asyncio.sleep(AGAIN_SECONDS)


async def _listen_once(engine: AsyncEngine, heard: Callable[[], None]) -> None:
    gone = asyncio.Event()
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda *_: gone.set())
        try:
            await driver.add_listener(CHANNEL, lambda *_: heard())
            heard()  # of what happened before
            await gone.wait()
        finally:
            await connection.invalidate()
