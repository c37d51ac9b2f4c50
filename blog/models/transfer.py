"""Moves of everything in or out, as jobs: asked for on a page, done by whichever process takes them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.user import User

LEASE = timedelta(minutes=1)
"""For how long a process holds a job without a sign of life; if it dies, another goes on then."""
MOST_TRIES = 3
FILE_KEPT_FOR = timedelta(days=1)
REPORT_KEPT_FOR = timedelta(days=30)
KEPT_FOR = timedelta(days=90)
LONGEST_REASON = 1000
LONGEST_NAME = 255
_OPEN = text("state IN ('waiting', 'running')")


class TransferKind(StrEnum):
    IMPORT = "import"
    ARCHIVE = "archive"
    STATIC = "static"


class TransferState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """What a job is at."""

    WAITING = "waiting"
    UNPACKING = "unpacking"
    WORKING = "working"
    PACKING = "packing"


class Transfer(Base):
    """One import or export. What was uploaded and what comes out of it lie in the storage, under names of its own."""

    __tablename__ = "transfers"
    __table_args__ = (
        Index("ix_transfers_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[RowId]
    kind: Mapped[TransferKind] = mapped_column(stored_enum(TransferKind))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    """What the uploaded file was called; empty for an export."""
    source: Mapped[str] = mapped_column(String(20), default="")
    """Which program the upload was made by, as far as it was found out."""
    is_rehearsal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[TransferState] = mapped_column(stored_enum(TransferState), default=TransferState.WAITING)
    phase: Mapped[Phase] = mapped_column(stored_enum(Phase), default=Phase.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """How much there is to do; 0 while nobody knows."""
    tries: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    """Until then a process is at work on it; each sign of life puts this off."""
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    """Why it failed."""
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What it did: `figures` by name, and `lines` of what to look at."""
    upload: Mapped[str] = mapped_column(String(40), default="")
    result: Mapped[str] = mapped_column(String(40), default="")
    result_size: Mapped[int] = mapped_column(default=0)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    asked_by: Mapped[User | None] = relationship(lazy="raise")

    @property
    def is_import(self) -> bool:
        return self.kind == TransferKind.IMPORT

    @property
    def is_open(self) -> bool:
        return self.state in {TransferState.WAITING, TransferState.RUNNING}

    @property
    def may_become_import(self) -> bool:
        """Whether what was rehearsed can be done from the same upload."""
        return self.is_rehearsal and self.state == TransferState.DONE and bool(self.upload)

    @property
    def result_until(self) -> datetime | None:
        """When what it made is deleted."""
        lasts = REPORT_KEPT_FOR if self.is_import else FILE_KEPT_FOR
        return self.finished_at + lasts if self.finished_at and self.result else None

    def claim(self, now: datetime) -> None:
        """Take it, for the first time or from a process that died over it."""
        self.state, self.phase, self.done, self.total = TransferState.RUNNING, Phase.WAITING, 0, 0
        self.tries += 1
        self.started_at = self.started_at or now
        self.held_until = now + LEASE

    def put_back(self) -> None:
        """Let another process take it: this one ends, and it was no fault of the job."""
        self.state, self.phase, self.held_until = TransferState.WAITING, Phase.WAITING, None
        self.tries -= 1

    def finish(self, state: TransferState, now: datetime, reason: str = "") -> None:
        self.state, self.reason, self.finished_at, self.held_until = state, reason[:LONGEST_REASON], now, None
