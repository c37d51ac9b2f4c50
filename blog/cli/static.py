"""`blog export --static`: the public site as files."""

import asyncio
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from blog.app import create_app
from blog.cli.work import insist_on_schema
from blog.database import make_engine, make_sessions
from blog.settings import Settings, read_settings
from blog.transfer.static.folder import ExportRefused
from blog.transfer.static.site import StaticReport, export_static

_BASE = re.compile(r"https?://[a-z0-9_][a-z0-9_.:-]*(/[A-Za-z0-9._~-]+)*")


def export_site(folder: Path, base_url: str) -> None:
    """Write the public site into a folder, and say what was made."""
    settings, base = read_settings(), base_url.strip().rstrip("/")
    if base and not _BASE.fullmatch(base):
        raise click.ClickException(f"--base-url must be an address such as https://example.org/blog; it is {base!r}.")
    try:
        report = asyncio.run(_export(settings, folder, base))
    except ExportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except KeyboardInterrupt:
        raise click.ClickException("Stopped. The folder is as it was; the same command begins again.") from None
    click.echo(_as_text(report))


async def _export(settings: Settings, folder: Path, base: str) -> StaticReport:
    engine, now = make_engine(settings), datetime.now(UTC)
    try:
        sessions = make_sessions(engine)
        async with sessions() as db:
            await insist_on_schema(db)
        under = replace(settings, base_url=base or settings.base_url)
        # All is shown as of one moment, so that a scheduled post is in all lists or in none.
        app = create_app(under, engine=engine, clock=lambda: now, kept_bytes=0, flush_seconds=0, is_static=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True, quiet=not sys.stderr.isatty()), transient=True) as bar:
            task = bar.add_task("Exporting", total=None)
            return await export_static(
                app,
                sessions,
                folder,
                base_url=under.base_url,
                own_url=settings.base_url,
                is_rooted=bool(base),
                now=now,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        await engine.dispose()


def _as_text(report: StaticReport) -> str:
    told = (
        f"{report.pages:,} pages and {report.redirects:,} redirects; {report.files:,} files in all, "
        f"{report.changed:,} of them new or changed, {report.removed:,} removed."
    )
    if report.doubts:
        told += f"\n\nWorth a look ({len(report.doubts):,}):\n" + "\n".join(f"  {line}" for line in report.doubts)
    return told
