"""What proves a second factor: an authenticator app, passkeys, and codes for when all else is lost."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.user import User

LONGEST_PASSKEY_NAME = 60
MOST_PASSKEYS = 20


class Totp(Base):
    """A person's authenticator app (RFC 6238); one that is set up anew keeps the old one until a code proved it."""

    __tablename__ = "totps"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(255), default="")
    """What the app and we share, sealed; empty until the first set-up is confirmed."""
    new_secret: Mapped[str] = mapped_column(String(255), default="")
    """The secret of a set-up that no code has confirmed yet, sealed."""
    last_step: Mapped[int] = mapped_column(default=0)
    """The time step of the newest code that was used: neither it nor an older one is accepted again."""
    confirmed_at: Mapped[datetime | None]

    def confirm(self, step: int, *, now: datetime) -> None:
        self.secret, self.new_secret, self.last_step, self.confirmed_at = self.new_secret, "", step, now


class Passkey(Base):
    """A key of WebAuthn, in somebody's device or pocket; only its public half is here."""

    __tablename__ = "passkeys"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """The key's own name for itself in base64url; at most 1023 bytes (WebAuthn, section 4)."""
    public_key: Mapped[str] = mapped_column(Text)
    user_handle: Mapped[str] = mapped_column(String(100))
    """The random name under which the person's keys know them, the same in all of them."""
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[Any]] = mapped_column(default=list)
    name: Mapped[str] = mapped_column(String(LONGEST_PASSKEY_NAME))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    user: Mapped["User"] = relationship(lazy="raise")


class RecoveryCode(Base):
    """A code that lets its owner in once, kept as its hash."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"), {"sqlite_autoincrement": True})

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
