"""What authors, editors and guests say about a text before it is published."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId
from blog.models.event import Event
from blog.models.user import LONGEST_NAME

if TYPE_CHECKING:
    from blog.models.user import User

LONGEST_COMMENT = 4000


class Comment(Base):
    """A comment on a post, or on the paragraph that it quotes; or an answer to a comment. Plain text."""

    __tablename__ = "comments"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    """The comment that this one answers; an answer to an answer answers the first too."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    share_id: Mapped[int | None] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), index=True)
    """The link through which a guest came."""
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    """What a guest calls themselves."""
    is_for_guest: Mapped[bool] = mapped_column(default=False)
    """Whether this answers a guest so that they may read it; all else that is said stays among those at the desk."""
    text: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text, default="")
    """The words of the paragraph, as they were; empty for a comment on the whole text."""
    place: Mapped[int] = mapped_column(default=0)
    """Which paragraph that was, from 1."""
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    author: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[author_id])
    resolved_by: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[resolved_by_id])

    @property
    def who(self) -> str:
        return self.author.name if self.author else self.name

    @property
    def is_from_guest(self) -> bool:
        return self.share_id is not None

    def resolve(self, *, now: datetime, by: "User") -> Event:
        self.resolved_at, self.resolved_by_id = now, by.id
        return Event.about("comment.resolved", self, now, by)

    def reopen(self, *, now: datetime, by: "User") -> Event:
        self.resolved_at = self.resolved_by_id = None
        return Event.about("comment.reopened", self, now, by)
