"""Addresses that once showed something here."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId
from blog.models.post import Post
from blog.models.tag import Tag

LONGEST_PATH = 1000


class Redirect(Base):
    """An old path. It leads to a post or a tag wherever that now is, so a chain cannot form; without either it is gone
    (410). The path of a tag stands for its feeds too.
    """

    __tablename__ = "redirects"

    id: Mapped[RowId]
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), unique=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), index=True)
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    post: Mapped["Post | None"] = relationship(back_populates="redirects", lazy="raise")
    tag: Mapped["Tag | None"] = relationship(lazy="raise")
