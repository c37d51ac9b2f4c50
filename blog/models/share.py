"""A draft shown to somebody without an account, and what they say of it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId
from blog.models.event import Event
from blog.models.media import Media
from blog.models.user import LONGEST_NAME

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

LIFETIMES = (1, 7, 30)
"""For how many days a link can be made."""
USE_NOTED_EVERY = timedelta(minutes=1)


class Share(Base):
    """A secret link to a text as it was when the link was made: later changes are not shown through it."""

    __tablename__ = "shares"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    revision_number: Mapped[int]
    title: Mapped[str] = mapped_column(String(255))
    excerpt: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    """The hash of the title and the Markdown that stand behind this HTML: what a guest approves."""
    language: Mapped[str | None] = mapped_column(String(35))
    files: Mapped[list[Any]]
    """The names of the files that the text shows, and that the link opens with it."""
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"), index=True)
    cover_alt: Mapped[str] = mapped_column(Text, default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    post: Mapped["Post"] = relationship(lazy="raise")
    made_by: Mapped["User | None"] = relationship(lazy="raise")
    cover: Mapped[Media | None] = relationship(lazy="raise")

    @property
    def markup(self) -> Markup:
        """The text as HTML, copied from the post's own, which was sanitised when it was made."""
        return Markup(self.html)  # noqa: S704 - only copies of what content.markdown made are kept here

    def holds(self, now: datetime) -> bool:
        """Whether its time has not run out and nobody revoked it."""
        return self.revoked_at is None and self.expires_at > now

    def is_use_to_note(self, now: datetime) -> bool:
        """Whether its last use is worth noting anew: not every picture of one visit is."""
        return self.last_used_at is None or self.last_used_at <= now - USE_NOTED_EVERY

    def revoke(self, *, now: datetime, by: "User") -> Event:
        self.revoked_at = self.revoked_at or now
        return Event.about("share.revoked", self, now, by)


class Approval(Base):
    """Somebody's word that a text may appear as they saw it; it lapses when the text changes."""

    __tablename__ = "approvals"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    text_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
