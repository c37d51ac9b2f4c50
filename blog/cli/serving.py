"""`blog serve` and `blog migrate`: the site, and the database that it needs."""

import asyncio
import os
import socket
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context

import click
from alembic import command
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.auth.tokens import new_token, token_hash
from blog.cli.imports import import_posts
from blog.cli.work import NEWER_DATABASE, alembic_config, with_database
from blog.database import begin_write, make_engine, make_sessions
from blog.models import Purpose, Token, User
from blog.queries import logins, site, users
from blog.queries.page import Page
from blog.settings import Settings, read_settings
from blog.storage import StorageAway, open_storage
from blog.transfer.sample import SAMPLE

SETUP_LIFETIME = timedelta(days=7)
STOP_SECONDS = 4
HEADER_SECONDS = 10
MOST_AT_ONCE = 200
"""Requests that one worker answers at the same time."""


@click.command()
def serve() -> None:
    """Serve the site until Ctrl-C; requests in flight are finished first.

    Example: WORKERS=2 PORT=8080 blog serve
    """
    settings = read_settings()
    address = _free_address(settings)
    _insist_on_storage(settings)
    setup_link = with_database(_ready_to_serve)
    click.echo(f"The blog is at {settings.base_url} (Ctrl-C stops it).")
    if setup_link:
        click.echo(f"Nobody can sign in yet. Make the first admin here, once: {setup_link}")
    _run_server(settings, address)


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
        import_posts(SAMPLE, None)


async def _take_into_search(settings: Settings) -> int:
    engine = make_engine(settings)
    sessions = make_sessions(engine)
    try:
        async with sessions() as db:
            language = (await site.current(db)).language
        return await search.catch_up(sessions, language)
    finally:
        await engine.dispose()


async def _ready_to_serve(db: AsyncSession, now: datetime) -> str | None:
    """Give the link to the first set-up while nobody can sign in."""
    if await users.anybody_signs_in(db):
        return None
    await db.commit()
    await begin_write(db)
    token = new_token()
    await logins.drop_tokens(db, Purpose.SETUP)
    db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash(token), created_at=now, expires_at=now + SETUP_LIFETIME))
    await db.commit()
    return f"{read_settings().base_url}/setup?token={token}"


async def _is_new(db: AsyncSession, _: datetime) -> bool:
    found: Page[User] | None = await users.page(db, 1)
    return found is None or found.total == 0


def _free_address(settings: Settings) -> str:
    """Give the IP address to listen on, for Granian knows no names; insist that nobody else listens there."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "It is no name that a host can have"
        raise click.ClickException(
            f"The blog cannot listen on {settings.host}, port {settings.port}: {reason}. "
            "Stop what uses it, or set HOST and PORT."
        ) from error
    return str(address[0])


def _insist_on_storage(settings: Settings) -> None:
    open_storage(settings)
    if not settings.media_url.startswith("s3://"):
        try:
            with tempfile.TemporaryFile(dir=settings.media_url):
                return
        except OSError as error:
            problem = error.strerror or str(error)
    else:
        # Another process tries it: the library's threads would not live on in workers that are forked from this one.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            problem = other.submit(_problem_with_storage).result()
    if problem:
        raise click.ClickException(f"Files cannot be kept in {settings.media_url}: {problem}.")


def _problem_with_storage() -> str:
    try:
        asyncio.run(open_storage(read_settings()).check())
    except StorageAway as away:
        return str(away)
    return ""


def _run_server(settings: Settings, address: str) -> None:
    # Only this command needs them, and loading them takes as long as any other command takes.
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    from blog.app import serving_app

    # Threads that each hold memory of their own would take twice as much in all.
    os.putenv("MALLOC_ARENA_MAX", "2")
    Granian(
        "blog",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        websockets=False,
        respawn_failed_workers=True,
        # What comes while so many are being answered waits to be accepted; nobody may hold a place with half a request.
        backpressure=MOST_AT_ONCE,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        workers_kill_timeout=STOP_SECONDS,
        log_enabled=settings.log_level == "DEBUG",
    ).serve(target_loader=serving_app, wrap_loader=False)
