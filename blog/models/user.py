"""The people: those who sign in, and authors known only by name."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.event import Event

if TYPE_CHECKING:
    from blog.models.login import Login
    from blog.models.media import Media
    from blog.models.post import Post

LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


class Role(StrEnum):
    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"


class UserStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class User(Base):
    """A person with a byline. Who has no e-mail address and no password cannot sign in."""

    __tablename__ = "users"
    __table_args__ = (
        # The last active admin is looked for at each change of role.
        Index("ix_users_role_status", "role", "status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    username: Mapped[str] = mapped_column(String(80), unique=True)
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL))
    email_key: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL * 3), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255), deferred=True, deferred_raiseload=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    status: Mapped[UserStatus] = mapped_column(stored_enum(UserStatus), default=UserStatus.ACTIVE)
    bio: Mapped[str] = mapped_column(Text, default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"), index=True)
    links: Mapped[list[Any]] = mapped_column(default=list)
    """Addresses elsewhere that readers find on the author's page."""
    language: Mapped[str] = mapped_column(String(35), default="")
    """In which the desk speaks to them; empty for that of the site."""
    timezone: Mapped[str] = mapped_column(String(64), default="")
    """In which the desk tells them time; empty for that of the site."""
    last_seen_at: Mapped[datetime | None]
    wants_mail: Mapped[bool] = mapped_column(default=True)
    """Whether news of the desk come by mail too."""
    created_at: Mapped[datetime]

    picture: Mapped["Media | None"] = relationship(lazy="raise", foreign_keys=[picture_id])
    posts: WriteOnlyMapped["Post"] = relationship(back_populates="owner", passive_deletes="all")
    logins: WriteOnlyMapped["Login"] = relationship(back_populates="user", passive_deletes=True)

    @property
    def is_active(self) -> bool:
        return self.status == UserStatus.ACTIVE

    @property
    def can_sign_in(self) -> bool:
        """Whether this person has an address to sign in with; an author known only by name has none.

        Who came with an archive has one too, but nothing to prove that it is theirs: `queries.users.can_enter`.
        """
        return self.is_active and self.email is not None

    def set_email(self, address: str) -> None:
        self.email = address
        self.email_key = email_key(address)

    def change_role(self, role: Role, *, now: datetime, by: "User | None") -> Event:
        before, self.role = self.role, role
        return Event.about("user.role_changed", self, now, by, before=before, after=role)

    def suspend(self, *, now: datetime, by: "User | None") -> Event:
        self.status = UserStatus.SUSPENDED
        return Event.about("user.suspended", self, now, by)

    def reactivate(self, *, now: datetime, by: "User | None") -> Event:
        self.status = UserStatus.ACTIVE
        return Event.about("user.reactivated", self, now, by)

    def change_password(self, password_hash: str, *, now: datetime, by: "User | None") -> Event:
        self.password_hash = password_hash
        return Event.about("user.password_changed", self, now, by)

    def change_email(self, address: str, *, now: datetime, by: "User | None") -> Event:
        self.set_email(address)
        return Event.about("user.email_changed", self, now, by)


def email_key(address: str) -> str:
    """Give the form of an address under which it is unique: without regard to case or look-alike code points."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()
