"""Addresses that once showed something here, and addresses that admins send elsewhere."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId
from blog.models.post import Post
from blog.models.tag import Tag
from blog.models.user import User

LONGEST_PATH = 1000
LONGEST_TARGET = 2000
GONE = 410
CODES = (301, 302, 307, 308, GONE)
"""What may be said of an old address: moved for good or for now (RFC 9110, section 15.4), or gone (15.5.11)."""


class Redirect(Base):
    """An old path. It leads to a post, a tag or an author wherever that now is, so a chain cannot form; without any it
    is gone (410). The path of a tag or an author stands for its feeds too.

    One that an admin made has a `code`, and leads to its `target`: a path here, or an address elsewhere.
    """

    __tablename__ = "redirects"

    id: Mapped[RowId]
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), unique=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), index=True)
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    target: Mapped[str] = mapped_column(String(LONGEST_TARGET), default="")
    code: Mapped[int] = mapped_column(default=0)
    hits: Mapped[int] = mapped_column(default=0)
    """How often it was followed, a minute late at most."""
    last_hit_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    post: Mapped["Post | None"] = relationship(back_populates="redirects", lazy="raise")
    tag: Mapped["Tag | None"] = relationship(lazy="raise")
    user: Mapped["User | None"] = relationship(lazy="raise")

    @property
    def is_by_hand(self) -> bool:
        return self.code != 0

    def lead(self, path: str, target: str, code: int) -> None:
        """Lead from this path to this address from now on, whatever it did before; with 410 to none."""
        self.path, self.target, self.code = path, "" if code == GONE else target, code
        self.post_id = self.tag_id = self.user_id = None

    def told(self) -> dict[str, str | None]:
        """What events say of it."""
        return {"before": self.path, "after": self.target or None}
