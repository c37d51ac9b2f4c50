"""What posts are about."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.models.base import Base, RowId

if TYPE_CHECKING:
    from blog.models.post import Post

LONGEST_TAG = 60


class Tag(Base):
    """A word for a subject. `key` decides whether two spellings are one tag: "Python" and "python" are."""

    __tablename__ = "tags"
    # PostgreSQL finds beginnings only in an index that compares letter by letter, whatever its language is.
    __table_args__ = (Index("ix_tags_beginnings", "key", postgresql_ops={"key": "text_pattern_ops"}),)

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(LONGEST_TAG))
    key: Mapped[str] = mapped_column(String(LONGEST_TAG * 3), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")

    posts: WriteOnlyMapped["Post"] = relationship(secondary="post_tags", back_populates="tags", passive_deletes=True)

    @property
    def path(self) -> str:
        return f"/tags/{self.slug}"


class TagAlias(Base):
    """A name that a tag had before it was renamed or merged into another. A text from before that means this one.

    Whoever writes the name afterwards makes a tag of it again.
    """

    __tablename__ = "tag_aliases"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[RowId]
    key: Mapped[str] = mapped_column(String(LONGEST_TAG * 3), unique=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), index=True)
