"""What commands share: the database for one piece of work, and the schema that this version needs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

import click
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from blog.database import begin_write, make_engine, make_sessions
from blog.database.schema import Schema, schema_of
from blog.settings import ROOT, Settings, read_settings

NEWER_DATABASE = "The database was made by a newer version of the blog. Use that version."
Result = TypeVar("Result")


def write(work: Callable[[AsyncSession, datetime], Awaitable[Result]]) -> Result:
    async def in_one_transaction(db: AsyncSession, now: datetime) -> Result:
        await begin_write(db)
        result = await work(db, now)
        await db.commit()
        return result

    return with_database(in_one_transaction)


def with_database(work: Callable[[AsyncSession, datetime], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with ready_engine(read_settings()) as engine, make_sessions(engine)() as db:
            return await work(db, datetime.now(UTC))

    return asyncio.run(run())


@asynccontextmanager
async def ready_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Give the engine of a database that has this version's schema, for as long as a command works."""
    engine = make_engine(settings)
    try:
        async with make_sessions(engine)() as db:
            await insist_on_schema(db)
        yield engine
    finally:
        await engine.dispose()


async def insist_on_schema(db: AsyncSession) -> None:
    schema = await schema_of(db)
    if schema == Schema.NEWER:
        raise click.ClickException(NEWER_DATABASE)
    if schema == Schema.OLDER:
        raise click.ClickException("The database does not have this version's schema yet. Run: blog migrate")


def alembic_config() -> Config:
    return Config(ROOT / "alembic.ini")
