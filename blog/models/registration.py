"""Somebody who asks for an account: nobody yet, until an admin lets them in or they prove their address."""

from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId
from blog.models.user import LONGEST_EMAIL, LONGEST_NAME, Role, User

ANSWERED_WITHIN = timedelta(days=30)
CONFIRMED_WITHIN = timedelta(days=2)


class Registration(Base):
    """What somebody typed to get an account. Every address may be typed, so that nobody learns which are known."""

    __tablename__ = "registrations"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads this from the class

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    email_key: Mapped[str] = mapped_column(String(LONGEST_EMAIL * 3), index=True)
    password_hash: Mapped[str] = mapped_column(String(255), deferred=True, deferred_raiseload=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The hash of what was sent to the address; without it an admin decides."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def admit(self, username: str, *, now: datetime) -> User:
        """Make them a person who can sign in: a viewer, whatever they sent."""
        person = User(
            name=self.name, username=username, password_hash=self.password_hash, role=Role.VIEWER, created_at=now
        )
        person.set_email(self.email)
        return person
