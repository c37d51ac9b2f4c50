"""`blog migrate`: the database that this version needs."""

import asyncio
from datetime import datetime

import click
from alembic import command
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.cli.imports import import_markdown_posts
from blog.cli.work import NEWER_DATABASE, alembic_config, with_database
from blog.database import make_engine, make_sessions
from blog.models import User
from blog.queries import site, users
from blog.queries.page import Page
from blog.settings import Settings, read_settings
from blog.transfer.sample import SAMPLE


@click.command()
@click.option("--sample", is_flag=True, help="Load the sample posts if the database is new.")
def migrate(sample: bool) -> None:
    """Bring the database to the schema of this version.

    Example: blog migrate
    """
    read_settings()
    try:
        command.upgrade(alembic_config(), "head")
    except CommandError as error:
        raise click.ClickException(NEWER_DATABASE) from error
    if taken_in := asyncio.run(_take_into_search(read_settings())):
        click.echo(f"Posts taken into the search: {taken_in:,}.")
    click.echo("The database is up to date.")
    if sample and SAMPLE.is_dir() and with_database(_is_new):
        import_markdown_posts(SAMPLE, None)


async def _take_into_search(settings: Settings) -> int:
    engine = make_engine(settings)
    sessions = make_sessions(engine)
    try:
        async with sessions() as db:
            language = (await site.current(db)).language
        return await search.catch_up(sessions, language)
    finally:
        await engine.dispose()


async def _is_new(db: AsyncSession, _: datetime) -> bool:
    found: Page[User] | None = await users.page(db, 1)
    return found is None or found.total == 0
