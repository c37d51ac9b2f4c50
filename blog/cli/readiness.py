"""What must be so before the site is served: files can be kept, and the database has this version's schema."""

import asyncio
import signal
import tempfile
from datetime import datetime, timedelta

import click
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import new_token, token_hash
from blog.cli.work import with_database
from blog.database import begin_write, unreachable
from blog.models import Purpose, Token
from blog.queries import logins, users
from blog.settings import Settings, SettingsError, read_settings
from blog.storage import StorageAway, open_storage

SETUP_LIFETIME = timedelta(days=7)


def insist() -> str | None:
    """Give the link to the first set-up while nobody can sign in; raise ClickException where something is missing.

    It runs in a process of its own, whose errors come out without their causes; so they become sentences here.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        _insist_on_storage(read_settings())
        return with_database(_ready_to_serve)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    except Exception as error:
        sentence = unreachable(error)
        if sentence is None:
            raise
        raise click.ClickException(sentence) from None


def _insist_on_storage(settings: Settings) -> None:
    storage = open_storage(settings)
    try:
        if settings.media_url.startswith("s3://"):
            asyncio.run(storage.check())
            return
        with tempfile.TemporaryFile(dir=settings.media_url):
            return
    except StorageAway as away:
        problem = str(away)
    except OSError as error:
        problem = error.strerror or str(error)
    raise click.ClickException(f"Files cannot be kept in {settings.media_url}: {problem}.")


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
