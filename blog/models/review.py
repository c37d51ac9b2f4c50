"""A review: what happened to a post between its author and the editors, step by step."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.notice import News, authors_of, tell

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User


class Step(StrEnum):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"


class Review(Base):
    """One step of a post's review, with who took it; never changed afterwards. The newest says where the review is."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_post_id", "post_id", "id"),)

    id: Mapped[RowId]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    step: Mapped[Step] = mapped_column(stored_enum(Step))
    note: Mapped[str] = mapped_column(Text, default="")
    """What the editor said when the post was returned."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    """The name of who took the step, once that person is deleted."""
    at: Mapped[datetime]

    post: Mapped["Post"] = relationship(back_populates="reviews", lazy="raise")
    by: Mapped["User | None"] = relationship(lazy="raise")

    @property
    def who(self) -> str:
        """The name of who took the step, with `by` loaded; empty when nobody knows."""
        return self.by.name if self.by else self.name


def decide(post: "Post", step: Step, news: News, *, now: datetime, by: "User | None", note: str = "") -> None:
    """Keep what was decided about a post that was submitted, and tell its authors."""
    post.reviews.add(Review(step=step, note=note, by_id=by.id if by else None, at=now))
    tell(authors_of(post), news, post, now=now, by=by)
