"""Signing in half-way: the step after the password, and the questions that passkeys answer."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.login import Login
    from blog.models.user import User

ARRIVAL_LIFETIME = timedelta(minutes=10)
CHALLENGE_LIFETIME = timedelta(minutes=5)


class Arrival(Base):
    """Somebody at the door: after the right password, or with a passkey and nobody yet. It opens nothing by itself."""

    __tablename__ = "arrivals"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped["User | None"] = relationship(lazy="raise")


class Challenge(Base):
    """A random question for a passkey, asked of one sign-in or one arrival; it is answered once or not at all."""

    __tablename__ = "challenges"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    challenge_hash: Mapped[str] = mapped_column(String(64), unique=True)
    login_id: Mapped[int | None] = mapped_column(ForeignKey("logins.id", ondelete="CASCADE"), index=True)
    arrival_id: Mapped[int | None] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def asked_of(cls, asked: "Login | Arrival", challenge_hash: str, *, now: datetime) -> "Challenge":
        """Ask a question of somebody at the door, or of somebody inside."""
        made = cls(challenge_hash=challenge_hash, expires_at=now + CHALLENGE_LIFETIME)
        if isinstance(asked, Arrival):
            made.arrival_id = asked.id
        else:
            made.login_id = asked.id
        return made
