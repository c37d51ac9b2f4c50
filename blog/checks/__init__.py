"""Whether all is well, in plain words: the same for the command `blog check` and for the dashboard.

Each check gives findings: what was looked at, what is so, and, if something is to mend, how.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from blog.checks import backups, machine, record, services
from blog.checks.finding import Finding
from blog.database import Sessions
from blog.queries.chain import Progress
from blog.settings import Settings
from blog.storage import Storage

__all__ = ["Finding", "glance", "look"]

LAST_EVENTS = 200
GLANCE_SECONDS = 3.0
LOOK_SECONDS = 30.0


async def glance(settings: Settings, sessions: Sessions, storage: Storage, now: datetime) -> list[Finding]:
    """Look at what can be told within some seconds: of the events only the last, and no password is hashed."""
    findings, is_usable = await _of_services(settings, sessions, storage, GLANCE_SECONDS)
    findings += _of_machine(settings)
    if is_usable:
        findings += [
            *await record.events(sessions, now, only_last=LAST_EVENTS),
            await backups.last(sessions, now),
        ]
    return [*findings, machine.version()]


async def look(
    settings: Settings,
    sessions: Sessions,
    storage: Storage,
    now: datetime,
    *,
    noted: tuple[int, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> list[Finding]:
    """Look at everything; all events are followed, and a password is hashed."""
    findings, is_usable = await _of_services(settings, sessions, storage, LOOK_SECONDS)
    findings += [*_of_machine(settings), await services.passwords()]
    if is_usable:
        findings += [
            await backups.last(sessions, now),
            *await record.events(sessions, now, noted=noted, progress=progress),
        ]
    return [machine.version(), *findings]


async def _of_services(
    settings: Settings, sessions: Sessions, storage: Storage, seconds: float
) -> tuple[list[Finding], bool]:
    """Ask all of them at the same time, for each may take its time to say nothing."""
    (found, is_usable), kept, sent = await asyncio.gather(
        services.database(sessions, settings, seconds),
        services.storage(storage, settings, seconds),
        services.mail(settings, seconds),
    )
    return [*found, *kept, sent], is_usable


def _of_machine(settings: Settings) -> Sequence[Finding]:
    return [machine.secret_key(settings), machine.base_url(settings), *machine.disks(settings)]
