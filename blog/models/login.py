"""Sign-ins: one row each, made when somebody proves who they are and deleted when that ends."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.user import User

LIFETIME = timedelta(days=30)


class Login(Base):
    """A browser that is signed in. Only the hash of its cookie is kept, so this table opens nothing."""

    __tablename__ = "logins"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    address: Mapped[str] = mapped_column(String(45), default="")

    user: Mapped["User"] = relationship(back_populates="logins", lazy="raise")
