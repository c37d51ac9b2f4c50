"""Who did what to what: a row written in the transaction of the change itself."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.user import User


class Event(Base):
    """One thing that happened; `detail` holds what the words of the action cannot say."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_at", "at"), {"sqlite_autoincrement": True})

    id: Mapped[RowId]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]

    actor: Mapped["User | None"] = relationship(lazy="raise")

    @classmethod
    def about(cls, action: str, subject: Base, now: datetime, by: "User | None", **detail: object) -> "Event":
        """Describe something done to a row that has its id; `by` is None when an operator or program did it.

        A detail of None is nothing to tell.
        """
        return cls(
            at=now,
            actor_id=by.id if by else None,
            action=action,
            subject=subject.__tablename__.removesuffix("s"),
            subject_id=subject.id,  # type: ignore[attr-defined]  # every model but associations has an id
            detail={name: value for name, value in detail.items() if value is not None},
        )
