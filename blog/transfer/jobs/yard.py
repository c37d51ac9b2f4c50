"""What doing jobs needs of this process, and the one job that it is at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from blog.database import Sessions
from blog.models.transfer import Phase
from blog.storage import Storage
from blog.transfer.static.asking import Application


@dataclass(slots=True, eq=False)
class Yard:
    """`site` makes the application whose pages become files, as of a moment."""

    sessions: Sessions
    storage: Storage
    clock: Callable[[], datetime]
    base_url: str
    site: Callable[[datetime], Application]
    look_seconds: float
    beat_seconds: float = 3.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Stand:
    """How far a job is."""

    phase: Phase = Phase.WAITING
    done: int = 0
    total: int = 0

    def begin(self, phase: Phase) -> None:
        self.phase, self.done, self.total = phase, 0, 0

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job made: a file in the storage and its size, and what is told of it."""

    result: str
    size: int
    told: dict[str, object]
    source: str = ""
