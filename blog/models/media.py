"""Files that posts show."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

post_media = Table(
    "post_media",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("media_id", ForeignKey("media.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_post_media_media_id", "media_id"),
)


class Media(Base):
    """An uploaded or imported file, stored under a random name that nobody can guess."""

    __tablename__ = "media"

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    original_name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    """The SHA-256 of who sent it and its bytes."""
    variants: Mapped[list[Any]] = mapped_column(default=list)
    """Smaller copies for narrow screens, each a list of its width in pixels and its format ("webp" or "avif")."""
    colour: Mapped[str] = mapped_column(String(7), default="")
    """What the picture looks like from afar, as #rrggbb; empty for what has no one colour."""
    alt: Mapped[str] = mapped_column(Text, default="")
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    uploaded_by: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[uploaded_by_id])
    posts: WriteOnlyMapped["Post"] = relationship(secondary=post_media, back_populates="media", passive_deletes=True)

    @property
    def url(self) -> str:
        return f"/media/{self.name}"

    def srcset(self, kind: str) -> str:
        """List the smaller copies in a format, as `srcset` wants them."""
        copies = [(width, copy_name(self.name, width, kind)) for width, made in self.variants if made == kind]
        return ", ".join(f"/media/{name} {width}w" for width, name in copies)


def copy_name(name: str, width: int, kind: str) -> str:
    """Name the file of a smaller copy, beside the file itself."""
    return f"{name.partition('.')[0]}-{width}.{kind}"
