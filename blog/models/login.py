"""Sign-ins: one row each, made when somebody proves who they are and deleted when that ends."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.user import User

PROOF_HOLDS = timedelta(minutes=15)
"""How long after a proof of identity dangerous acts need no other one."""


def _made(context: Any) -> datetime:
    made: datetime = context.get_current_parameters()["created_at"]
    return made


class Login(Base):
    """A browser that is signed in. Only the hash of its cookie is kept, so this table opens nothing."""

    __tablename__ = "logins"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime] = mapped_column(default=_made)
    """When a page was last asked for, to a minute or so."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """When it ends unless it is used; use moves this on, up to the whole lifetime."""
    proved_at: Mapped[datetime] = mapped_column(default=_made)
    """When the person last proved who they are."""
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether it was made with more than a password."""
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    address: Mapped[str] = mapped_column(String(45), default="")

    user: Mapped["User"] = relationship(back_populates="logins", lazy="raise")

    def is_proved(self, now: datetime) -> bool:
        """Whether the last proof of identity is recent enough for a dangerous act."""
        return now - self.proved_at < PROOF_HOLDS

    def prove(self, token_hash: str, *, now: datetime) -> None:
        """Note a proof of identity. Who may do more from now on gets another cookie, which nobody can have planted."""
        self.token_hash, self.proved_at = token_hash, now

    def gain_second_factor(self, token_hash: str, *, now: datetime) -> None:
        self.prove(token_hash, now=now)
        self.has_second_factor = True
