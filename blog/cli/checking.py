"""`blog check`: is all well, and what is to mend."""

import asyncio
import re
import sys
from datetime import UTC, datetime

import click

from blog import checks
from blog.auth.passwords import use_costs
from blog.checks import Finding
from blog.cli.bars import bar
from blog.database import make_engine, make_sessions
from blog.settings import Settings, SettingsError, read_settings
from blog.storage import Storage, open_storage

_NOTED = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@click.command()
@click.option(
    "--noted", metavar="NUMBER:HASH", help="What an earlier check said of the last event, to hold it against."
)
def check(noted: str | None) -> None:
    """Look at everything that the blog needs, and at every event of its log. The exit code is 1 if there is something
    to mend.

    Example: blog check
    """
    held = _NOTED.fullmatch(noted) if noted is not None else None
    if noted is not None and held is None:
        raise click.ClickException("--noted must be a number and a hash, as an earlier check said it: 17:4f0c….")
    try:
        settings = read_settings()
        storage = open_storage(settings)
        use_costs(settings)
    except SettingsError as error:
        _tell([Finding("Settings", "%(problem)s", "Then check again.", {"problem": error})])
        return
    findings = [Finding("Settings", "They can all be used.")]
    _tell(findings + asyncio.run(_look(settings, storage, (int(held[1]), held[2]) if held else None)))


async def _look(settings: Settings, storage: Storage, noted: tuple[int, str] | None) -> list[Finding]:
    engine = make_engine(settings)
    try:
        with bar("Events") as progress:
            return await checks.look(
                settings,
                make_sessions(engine),
                storage,
                datetime.now(UTC),
                noted=noted,
                progress=progress,
            )
    finally:
        await engine.dispose()


def _tell(findings: list[Finding]) -> None:
    for found in findings:
        click.echo(f"{'well' if found.is_well else 'MEND'}  {found.name + ':':<14}{found.say()}")
    if not all(found.is_well for found in findings):
        sys.exit(1)
