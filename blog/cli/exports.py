"""`blog export`: everything out, as files that people and other programs read."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from blog.cli.bars import bar
from blog.cli.static import export_site
from blog.cli.work import ready_engine
from blog.database import make_sessions
from blog.settings import read_settings
from blog.storage import StorageAway, open_storage
from blog.transfer.archive.entries import Exported
from blog.transfer.archive.export import export_folder, export_zip_file
from blog.transfer.terms import ExportRefused


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--static", is_flag=True, help="The public site as files, for any web host.")
@click.option("--base-url", default="", help="With --static: where the files will be shown; BASE_URL unless given.")
def export(folder: Path, static: bool, base_url: str) -> None:
    """Write posts, pages, media, people, tags, redirects and settings into a folder, or into a file that ends in .zip.

    An earlier export in the folder is brought up to date. Doing it again changes no byte.

    Example: blog export ../my-blog
    """
    if static:
        export_site(folder, base_url)
    elif base_url:
        raise click.UsageError("--base-url belongs to --static.")
    else:
        export_archive(folder)


def export_archive(folder: Path) -> None:
    """Write everything into a folder or a zip, and say what it holds."""
    settings = read_settings()
    storage = open_storage(settings)

    async def run() -> Exported:
        write = export_zip_file if folder.suffix == ".zip" else export_folder
        async with ready_engine(settings) as engine:
            with bar("Exporting") as progress:
                return await write(make_sessions(engine), storage, folder, now=datetime.now(UTC), progress=progress)

    try:
        click.echo(as_text(asyncio.run(run()), folder))
    except ExportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except StorageAway as away:
        raise click.ClickException(f"Stopped: the files of posts cannot be read, {away}.") from away
    except KeyboardInterrupt:
        raise click.ClickException("Stopped. The export is not whole; the same command makes it so.") from None


def as_text(told: Exported, folder: Path) -> str:
    """Say what an export holds, and what it could not hold."""
    lines = [
        f"{folder}: {told.posts:,} posts, {told.pages:,} pages, {told.unpublished:,} with unpublished changes, "
        f"{told.media:,} files, {told.people:,} people, {told.tags:,} tags, {told.redirects:,} redirects."
    ]
    if told.missing:
        lines += ["", "These files are not in the storage any more, and not in the export:"]
        lines += [f"  {name}" for name in told.missing]
    return "\n".join(lines)
