"""What a post said at each save, and what was typed that met another's change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

RUN = timedelta(minutes=10)
"""Automatic saves that one person made within this time of the first are one revision."""


class Keeping(StrEnum):
    """How long a revision is kept: for good; until the form that it came from saves again; until it does once more."""

    KEPT = "kept"
    AUTOMATIC = "automatic"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves and when; whether the editor's page did it by itself, since when; who else's changes are in it."""

    now: datetime
    by: "User | None"
    is_automatic: bool = False
    begun_at: datetime | None = None
    also_by: Sequence[int] = ()


class Revision(Base):
    """One saved state of a post's words, with who saved it and when; its words are never changed afterwards.

    Only the form whose save made an automatic one knows of it, until the editor opens it for somebody: then it is
    kept, because it is what their changes will be compared with.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(255))
    slug: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[Any]]
    authors: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(35), default="")
    visibility: Mapped[str] = mapped_column(String(20), default="public")
    cover: Mapped[str] = mapped_column(Text, default="")
    cover_alt: Mapped[str] = mapped_column(Text, default="")
    canonical_url: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    saved_by_name: Mapped[str] = mapped_column(String(100), default="")
    """The name of who saved it, once that person is deleted."""
    saved_at: Mapped[datetime]
    also_by: Mapped[list[Any]] = mapped_column(default=list)
    """The ids of others whose changes were merged into it; of those who were deleted, the names."""
    keeping: Mapped[Keeping] = mapped_column(stored_enum(Keeping), default=Keeping.KEPT)
    begun_at: Mapped[datetime | None]
    """When the first of the automatic saves was made that this one stands for."""

    post: Mapped["Post"] = relationship(back_populates="revisions", lazy="raise")
    saved_by: Mapped["User | None"] = relationship(lazy="raise")

    @property
    def who(self) -> str:
        """The name of who saved it, with `saved_by` loaded; empty when nobody knows."""
        return self.saved_by.name if self.saved_by else self.saved_by_name

    @classmethod
    def of(cls, words: Mapping[str, object], number: int, save: Save) -> "Revision":
        """Make one of the words of a post; `words` are the columns by name."""
        return cls(
            **words,
            number=number,
            saved_by_id=save.by.id if save.by else None,
            saved_at=save.now,
            also_by=list(save.also_by),
            keeping=Keeping.AUTOMATIC if save.is_automatic else Keeping.KEPT,
            begun_at=(save.begun_at or save.now) if save.is_automatic else None,
        )


class Clash(Base):
    """What somebody typed that another's change stands against; kept until they choose what holds.

    `version` is the revision that they began from, `form` the editor's form as it was sent.
    """

    __tablename__ = "clashes"
    __table_args__ = (UniqueConstraint("post_id", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    form: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]
