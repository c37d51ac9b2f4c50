"""How migrations reach the database: the application's own engine, one transaction, one process at a time."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, event, text

from blog.database import make_engine
from blog.models import Base
from blog.settings import Settings, read_settings

MIGRATION_LOCK = 0x6D696772


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what the models cannot say: the search index, which is each database's own kind of table."""
    return not (kind == "table" and name and name.startswith("search_index"))


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite changes a table by making a new one; batch mode does that.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=is_ours,
    )
    context.run_migrations()


def ignore_foreign_keys(connection: Any, _record: object) -> None:
    """Let a table be made anew: with foreign keys watched, dropping the old one would delete all that refers to it."""
    connection.execute("PRAGMA foreign_keys = OFF")


async def connect_and_run() -> None:
    # Another database than that of the settings is brought up when a backup is tried.
    url = context.config.attributes.get("database_url")
    engine = make_engine(Settings(database_url=url) if url else read_settings())
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", ignore_foreign_keys)
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(sqlite_begin="IMMEDIATE")
            # Begun before Alembic looks, which would else end the transaction after each migration on SQLite. Of two
            # processes that migrate at once the second waits at its begin or lock and finds nothing left to do.
            async with connection.begin():
                await connection.run_sync(run)
    finally:
        await engine.dispose()


asyncio.run(connect_and_run())
