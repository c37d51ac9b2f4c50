"""`blog export --static`: the public site as files."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from blog.app import create_app
from blog.cli.bars import bar
from blog.cli.work import ready_engine
from blog.database import make_sessions
from blog.settings import Settings, read_settings
from blog.transfer.static.site import StaticReport, export_static
from blog.transfer.terms import ExportRefused

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
    now = datetime.now(UTC)
    under = replace(settings, base_url=base or settings.base_url)
    async with ready_engine(settings) as engine:
        # All is shown as of one moment, so that a scheduled post is in all lists or in none.
        app = create_app(under, engine=engine, clock=lambda: now, kept_bytes=0, flush_seconds=0, is_static=True)
        with bar("Exporting") as progress:
            return await export_static(
                app,
                make_sessions(engine),
                folder,
                base_url=under.base_url,
                own_url=settings.base_url,
                is_rooted=bool(base),
                now=now,
                progress=progress,
            )


def _as_text(report: StaticReport) -> str:
    told = (
        f"{report.pages:,} pages and {report.redirects:,} redirects; {report.files:,} files in all, "
        f"{report.changed:,} of them new or changed, {report.removed:,} removed."
    )
    if report.doubts:
        told += f"\n\nWorth a look ({len(report.doubts):,}):\n" + "\n".join(f"  {line}" for line in report.doubts)
    return told
