"""`blog import`: bring posts in from elsewhere."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from blog.cli.work import insist_on_schema
from blog.database import make_engine, make_sessions
from blog.settings import read_settings
from blog.storage import StorageAway, open_storage
from blog.transfer.markdown import ImportRefused, import_folder
from blog.transfer.report import Report, as_text

GO_ON = "What was imported is whole; the same command goes on from there."


@click.group("import")
def import_() -> None:
    """Bring posts in from elsewhere."""


@import_.command("markdown")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--assets", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where /assets/… links lie."
)
def import_markdown(folder: Path, assets: Path | None) -> None:
    """Import a folder of Markdown posts with YAML or TOML front matter; doing it again changes nothing.

    Example: blog import markdown ../old-site/content/posts --assets ../old-site
    """
    import_posts(folder, assets)


def import_posts(folder: Path, assets: Path | None) -> None:
    settings = read_settings()
    storage = open_storage(settings)

    async def run() -> Report:
        engine = make_engine(settings)
        try:
            sessions = make_sessions(engine)
            async with sessions() as db:
                await insist_on_schema(db)
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            console = Console(stderr=True, quiet=not sys.stderr.isatty())
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task("Importing", total=None)
                return await import_folder(
                    sessions,
                    storage,
                    folder,
                    assets=assets,
                    now=datetime.now(UTC),
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
        finally:
            await engine.dispose()

    try:
        click.echo(as_text(asyncio.run(run())))
    except ImportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except StorageAway as away:
        raise click.ClickException(f"Stopped: pictures cannot be kept, {away}. {GO_ON}") from away
    except KeyboardInterrupt:
        raise click.ClickException(f"Stopped. {GO_ON}") from None
