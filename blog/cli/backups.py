"""`blog backup` and `blog restore`: everything into one file, and back."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from blog.cli.bars import bars
from blog.database import Sessions, make_engine, make_sessions
from blog.languages import size
from blog.settings import read_settings
from blog.storage import Storage, StorageAway, open_storage
from blog.transfer.backup import (
    BackupRefused,
    Made,
    Manifest,
    Progress,
    Proof,
    Restored,
    make_backup,
    note_proof,
    prove_backup,
    restore_backup,
    write_backup,
)

Result = TypeVar("Result")
Work = Callable[[Sessions, Storage, datetime, Progress], Awaitable[Result]]


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--prove", is_flag=True, help="Restore it into a scratch place and compare; makes one first if none is there."
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
def backup(file: Path | None, prove: bool, force: bool) -> None:
    """Put everything into one file while the site runs: posts, people, history, and the files of posts.

    With --prove a backup is restored into a scratch place and compared; without FILE one is made for that and thrown
    away.

    Example: blog backup blog.backup
    """
    if file is None and not prove:
        raise click.UsageError("Say where the backup is to go, such as: blog backup blog.backup")
    if file is None:
        with tempfile.TemporaryDirectory(prefix="blog-") as folder:
            _prove(_run(_to_try(Path(folder) / "blog.backup"), "Nothing was proven.").path)
    elif prove and file.exists() and not force:
        _prove(file)
    else:
        _tell_made(_run(_to_keep(file, force), "No backup was made."))
        if prove:
            _prove(file)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace all that is here.")
def restore(file: Path, force: bool) -> None:
    """Put what a backup holds in the place of all that is here. Restore only what you trust.

    Example: blog restore blog.backup
    """

    async def work(sessions: Sessions, storage: Storage, now: datetime, progress: Progress) -> Restored:
        return await restore_backup(sessions, storage, file, now=now, force=force, progress=progress)

    done = _run(work, "The site is as it was or all restored; the same command begins anew.")
    click.echo(f"Restored {_told(done.manifest)}, from {_moment(done.manifest)}. Everybody has to sign in again.")
    _tell_missing(done.manifest)


def _to_keep(file: Path, force: bool) -> Work[Made]:
    async def work(sessions: Sessions, storage: Storage, now: datetime, progress: Progress) -> Made:
        return await make_backup(sessions, storage, file, now=now, force=force, progress=progress)

    return work


def _to_try(file: Path) -> Work[Made]:
    async def work(sessions: Sessions, storage: Storage, now: datetime, progress: Progress) -> Made:
        return await write_backup(sessions, storage, file, now=now, progress=progress)

    return work


def _prove(file: Path) -> None:
    async def work(sessions: Sessions, _: Storage, now: datetime, progress: Progress) -> Proof:
        proof = await prove_backup(file, now=now, progress=progress)
        await note_proof(sessions, proof, now=datetime.now(UTC))
        return proof

    proven = _run(work, "Nothing was proven.")
    click.echo(f"Proven: {_told(proven.manifest)}, from {_moment(proven.manifest)}, came out as they went in.")
    _tell_missing(proven.manifest)


def _run(work: Work[Result], when_stopped: str) -> Result:
    """Do a piece of work under a progress bar; what cannot be done is one sentence."""
    settings = read_settings()
    storage = open_storage(settings)

    async def run() -> Result:
        engine = make_engine(settings)
        try:
            with bars() as progress:
                return await work(make_sessions(engine), storage, datetime.now(UTC), progress)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except StorageAway as away:
        raise click.ClickException(f"Stopped: the files of posts cannot be reached, {away}. {when_stopped}") from away
    except KeyboardInterrupt:
        raise click.ClickException(f"Stopped. {when_stopped}") from None


def _tell_made(made: Made) -> None:
    click.echo(f"{made.path} holds {_told(made.manifest)}; it has {size(made.size)}.")
    _tell_missing(made.manifest)


def _tell_missing(manifest: Manifest) -> None:
    if manifest.missing:
        click.echo(f"Not in it, because the uploads had lost them: {', '.join(manifest.missing)}.", err=True)


def _told(manifest: Manifest) -> str:
    return f"{manifest.rows:,} rows and {manifest.files:,} files"


def _moment(manifest: Manifest) -> str:
    return manifest.made_at.strftime("%Y-%m-%d %H:%M UTC")
