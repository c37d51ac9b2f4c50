"""Secrets that somebody may use once: the first set-up, a new password, a new e-mail address."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.user import LONGEST_EMAIL

if TYPE_CHECKING:
    from blog.models.user import User


class Purpose(StrEnum):
    SETUP = "setup"
    PASSWORD = "password"  # noqa: S105 - a purpose, no password
    EMAIL = "email"


LIFETIMES = {Purpose.PASSWORD: timedelta(hours=1), Purpose.EMAIL: timedelta(days=1)}
"""For how long the links that people are sent can be used."""


class Token(Base):
    """A one-time secret, kept as its hash."""

    __tablename__ = "tokens"

    id: Mapped[RowId]
    purpose: Mapped[Purpose] = mapped_column(stored_enum(Purpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """Whose account it opens."""
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL))
    """The address that using it proves."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    user: Mapped["User | None"] = relationship(lazy="raise")
