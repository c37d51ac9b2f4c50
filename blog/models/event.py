"""Who did what to what: a row written in the transaction of the change itself, and never changed.

Each row holds a hash of its content and of the hash before it (`queries/chain.py` writes and verifies this chain).
What is hashed must not change with other rows, so people are kept by number and name, not by a foreign key.
"""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.user import User

BEFORE_ALL = "0" * 64
"""Stands where the first event's predecessor would."""
LONGEST_ADDRESS = 45


class Content(Protocol):
    """What is hashed of an event: an `Event`, or a row of these columns."""

    id: Any
    at: Any
    actor_id: Any
    actor_name: Any
    action: Any
    subject: Any
    subject_id: Any
    detail: Any
    commitment: Any


class Event(Base):
    """One thing that happened; `detail` holds what the words of the action cannot say."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_at", "at", "id"),
        Index("ix_events_actor_id", "actor_id", "at", "id"),
        Index("ix_events_action", "action", "at", "id"),
        Index("ix_events_subject", "subject", "at", "id"),
        Index("ix_events_subject_id", "subject_id", "subject", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the chain: 1, 2, 3… without gaps."""
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(100), default="")
    """What the person was called then."""
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]
    commitment: Mapped[str] = mapped_column(String(64), default="")
    """Stands for the address that it came from, which can be forgotten while this stays."""
    hash: Mapped[str] = mapped_column(String(64))

    @classmethod
    def about(
        cls, action: str, subject: Base | type[Base], now: datetime, by: "User | None", **detail: object
    ) -> "Event":
        """Describe something done to a row that has its id, or to none of a table that is known.

        `by` is None when an operator, a program or a guest did it. A detail of None is nothing to tell.
        """
        return cls(
            at=now,
            actor_id=by.id if by else None,
            actor_name=by.name if by else "",
            action=action,
            subject=subject.__tablename__.removesuffix("s"),
            subject_id=None if isinstance(subject, type) else subject.id,  # type: ignore[attr-defined]  # every model but associations has an id
            detail=_plain({name: value for name, value in detail.items() if value is not None}),
        )


class EventOrigin(Base):
    """The address that an event came from; dropped after a while, when its event stays."""

    __tablename__ = "event_origins"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    salt: Mapped[str] = mapped_column(String(32))
    """Without it nobody can try all addresses to find the one that a commitment stands for."""
    at: Mapped[datetime] = mapped_column(index=True)


class EventHead(Base):
    """The one row with the number and the hash of the last event, so that the newest cannot just be cut off."""

    __tablename__ = "event_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[RowId]
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


def canonical(event: Content) -> bytes:
    """Write an event's content as bytes, the same from both databases: a JSON list in UTF-8 without spare spaces."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    actor, subject = [event.actor_id, event.actor_name], [event.subject, event.subject_id]
    content = [event.id, at, actor, event.action, subject, event.detail, event.commitment]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def linked(before: str, event: Content) -> str:
    """Give the hash of an event that follows the one with the hash `before`."""
    return hashlib.sha256(before.encode() + b"\n" + canonical(event)).hexdigest()


def committed(salt: str, address: str) -> str:
    """Give what stands in the chain for an address."""
    return hashlib.sha256(f"{salt}\n{address}".encode()).hexdigest() if address else ""


def new_salt() -> str:
    return secrets.token_hex(16)


def _plain(detail: dict[str, object]) -> dict[str, Any]:
    """Turn a detail into what JSON gives back, refusing fractions: databases write them in different ways."""

    def refuse(text: str) -> float:
        raise ValueError(f"an event tells no fractions such as {text}")

    plain: dict[str, Any] = json.loads(json.dumps(detail), parse_float=refuse, parse_constant=refuse)
    return plain
