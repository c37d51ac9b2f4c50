"""Secrets that somebody may use once: the first set-up now, invitations and resets later."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId, stored_enum


class Purpose(StrEnum):
    SETUP = "setup"


class Token(Base):
    """A one-time secret, kept as its hash."""

    __tablename__ = "tokens"

    id: Mapped[RowId]
    purpose: Mapped[Purpose] = mapped_column(stored_enum(Purpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
