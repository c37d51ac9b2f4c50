"""What people are told of posts they work on, and of their own account."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.user import LONGEST_NAME

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User


class News(StrEnum):
    """What there is to tell."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    COMMENT = "comment"
    APPROVAL = "approval"
    RECOVERY_CODE = "recovery_code"
    SECOND_FACTOR_RESET = "second_factor_reset"
    REGISTRATION = "registration"


class Notice(Base):
    """One thing that one person is told; it waits on their desk until they have read it."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user_id", "user_id", "read_at", "id"),
        Index(
            "ix_notices_unmailed",
            "user_id",
            sqlite_where=text("is_mailed = 0"),
            postgresql_where=text("NOT is_mailed"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    """The post that it is about; None when it is about the person's own account."""
    news: Mapped[News] = mapped_column(stored_enum(News))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    """What somebody without an account calls themselves."""
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    is_mailed: Mapped[bool] = mapped_column(default=False)
    """Whether it was looked at for a letter; those before there was mail never are."""

    post: Mapped["Post"] = relationship(back_populates="notices", lazy="raise")
    by: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[by_id])

    @classmethod
    def of_account(cls, news: News, person: "User", *, now: datetime, by: "User | None") -> "Notice":
        """Tell somebody what happened to their account."""
        return cls(user_id=person.id, news=news, by_id=by.id if by else None, at=now)

    @property
    def who(self) -> str:
        return self.by.name if self.by else self.name


def authors_of(post: "Post") -> list[int]:
    """Name those in the byline by their ids, for which nobody of them need be loaded."""
    return [post.owner_id, *(place.user_id for place in post.co_authors)]


def tell(people: Iterable[int], news: News, post: "Post", *, now: datetime, by: "User | None", name: str = "") -> None:
    """Let people know what happened to a post, all but the one who did it: the only way in which anybody is told.

    The row is written with the change itself, so nothing is told that did not happen. Whatever else is to reach
    people, such as mail, is made from these rows and from nothing else.
    """
    for person_id in dict.fromkeys(people):
        if by is None or person_id != by.id:
            post.notices.add(Notice(user_id=person_id, news=news, by_id=by.id if by else None, name=name, at=now))
