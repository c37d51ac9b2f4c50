"""`blog import`: bring posts in from elsewhere."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from blog.cli.bars import bar
from blog.cli.work import ready_engine
from blog.database import Sessions, make_sessions
from blog.settings import read_settings
from blog.storage import Storage, StorageAway, open_storage
from blog.transfer.ghost import import_ghost
from blog.transfer.markdown import import_folder
from blog.transfer.report import Report, as_text, write_report
from blog.transfer.terms import ImportRefused
from blog.transfer.wordpress import import_wordpress

Import = Callable[[Sessions, Storage, Callable[[int, int], None]], Awaitable[Report]]
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what an import would do, and write nothing.")
REPORT = click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the report is written; without it, a new folder in var/imports.",
)
GO_ON = "What was imported is whole; the same command goes on from there."


@click.group("import")
def import_() -> None:
    """Bring posts in from elsewhere."""


@import_.command("markdown")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--assets", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where /assets/… links lie."
)
@DRY_RUN
@REPORT
def import_markdown(folder: Path, assets: Path | None, dry_run: bool, report: Path | None) -> None:
    """Import a folder or zip of Markdown posts with front matter, or what `blog export` wrote; doing it again changes
    nothing.

    Example: blog import markdown ../old-site/content/posts --assets ../old-site
    """
    keep_report("markdown", report, import_markdown_posts(folder, assets, dry_run=dry_run))


@import_.command("ghost")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Ghost’s content folder, with images, files and media in it.",
)
@click.option(
    "--redirects",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its redirects.json or redirects.yaml; without it, that which lies beside the export.",
)
@DRY_RUN
@REPORT
def import_ghost_export(
    file: Path, media: Path | None, redirects: Path | None, dry_run: bool, report: Path | None
) -> None:
    """Import what Ghost exported as JSON; doing it again changes nothing.

    Example: blog import ghost my-site.ghost.2026-11-20.json --media ../ghost/content
    """
    done = import_posts(
        lambda sessions, storage, progress: import_ghost(
            sessions,
            storage,
            file,
            media=media,
            old_redirects=redirects,
            dry_run=dry_run,
            now=datetime.now(UTC),
            progress=progress,
        )
    )
    keep_report("ghost", report, done)


def import_markdown_posts(folder: Path, assets: Path | None, *, dry_run: bool = False) -> Report:
    """Import a folder of Markdown posts and say what was done."""
    return import_posts(
        lambda sessions, storage, progress: import_folder(
            sessions, storage, folder, assets=assets, now=datetime.now(UTC), progress=progress, dry_run=dry_run
        )
    )


@import_.command("wordpress")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of the old site's wp-content/uploads.",
)
@click.option("--fetch-media", is_flag=True, help="Fetch the files that are not there from the old site.")
@DRY_RUN
@REPORT
def import_wordpress_file(
    file: Path, media: Path | None, fetch_media: bool, dry_run: bool, report: Path | None
) -> None:
    """Import the export of a WordPress site (Tools, Export, All content); doing it again changes nothing.

    Example: blog import wordpress site.xml --media ../uploads --dry-run
    """
    done = import_posts(
        lambda sessions, storage, progress: import_wordpress(
            sessions,
            storage,
            file,
            media=media,
            fetch_media=fetch_media,
            dry_run=dry_run,
            now=datetime.now(UTC),
            progress=progress,
        )
    )
    keep_report("wordpress", report, done)


def import_posts(run_import: Import) -> Report:
    """Import, show how far it is and say what was done."""
    settings = read_settings()
    storage = open_storage(settings)
    gc.freeze()  # the program itself, which would be searched for garbage with every few posts

    async def run() -> Report:
        async with ready_engine(settings) as engine:
            with bar("Importing") as progress:
                return await run_import(make_sessions(engine), storage, progress)

    try:
        report = asyncio.run(run())
    except ImportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except StorageAway as away:
        raise click.ClickException(f"Stopped: pictures cannot be kept, {away}. {GO_ON}") from away
    except KeyboardInterrupt:
        raise click.ClickException(f"Stopped. {GO_ON}") from None
    click.echo(as_text(report))
    return report


def keep_report(kind: str, folder: Path | None, report: Report) -> None:
    """Write a report into a folder: the one that was asked for, or a new one."""
    folder = folder or Path("var/imports") / f"{kind}-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    try:
        write_report(report, folder)
    except OSError as error:
        raise click.ClickException(f"The report cannot be written to {folder}: {error.strerror}.") from error
    click.echo(f"The report is in {folder}.")
