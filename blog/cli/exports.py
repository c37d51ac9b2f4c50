"""`blog export`: everything out."""

from pathlib import Path

import click

from blog.cli.static import export_site


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--static", is_flag=True, help="The public site as files, for any web host.")
@click.option("--base-url", default="", help="With --static: where the files will be shown; BASE_URL unless given.")
def export(folder: Path, static: bool, base_url: str) -> None:
    """Export the site to a folder; doing it again changes only what changed here.

    Example: blog export --static ../site --base-url https://example.org/blog
    """
    if not static:
        raise click.UsageError("Say what to export: --static.")
    export_site(folder, base_url)
