"""Invitations: a link with which somebody makes an account of their own."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.event import Event
from blog.models.user import LONGEST_EMAIL, Role

if TYPE_CHECKING:
    from blog.models.user import User

LIFETIME = timedelta(days=7)


class Invitation(Base):
    """A link for one address and one role; it works once, for a week, and while who made it may invite."""

    __tablename__ = "invitations"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    email_key: Mapped[str] = mapped_column(String(LONGEST_EMAIL * 3), index=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    by: Mapped["User | None"] = relationship(lazy="raise")

    def holds(self, now: datetime) -> bool:
        """Whether nobody used or revoked it and its time has not run out."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > now

    def revoke(self, *, now: datetime, by: "User") -> Event:
        self.revoked_at = self.revoked_at or now
        return Event.about("invitation.revoked", self, now, by)
