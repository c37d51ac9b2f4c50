"""One deed done with many posts at once, and what it takes to undo it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId, stored_enum
from blog.models.event import Event
from blog.models.kinds import Status, Visibility
from blog.models.post import Post
from blog.models.tag import Tag
from blog.models.user import User

MOST_POSTS = 1000
"""Posts that one deed may change; more would hold the database for long."""
UNDO_LIFETIME = timedelta(hours=1)


class Deed(StrEnum):
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    TRASH = "trash"
    RESTORE = "restore"
    DELETE = "delete"
    TAG = "tag"
    UNTAG = "untag"
    SHOW_ALL = "show-all"
    SHOW_MEMBERS = "show-members"
    FEATURE = "feature"
    UNFEATURE = "unfeature"


class BulkChange(Base):
    """What was done with how many posts. `before` holds each post's state then, and the version that it got."""

    __tablename__ = "bulk_changes"
    __table_args__ = (Index("ix_bulk_changes_done_at", "done_at"), {"sqlite_autoincrement": True})

    id: Mapped[RowId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    deed: Mapped[Deed] = mapped_column(stored_enum(Deed))
    tag: Mapped[str] = mapped_column(default="")
    count: Mapped[int]
    left_out: Mapped[int] = mapped_column(default=0)
    before: Mapped[list[Any]]
    kept: Mapped[list[Any]] = mapped_column(default=list)
    """The titles of posts that undoing left as they are, because they were changed since."""
    done_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    def may_be_undone(self, now: datetime) -> bool:
        return self.deed != Deed.DELETE and self.undone_at is None and now < self.done_at + UNDO_LIFETIME

    def keep_versions(self, posts: Sequence[Post]) -> None:
        """Note the versions that the posts have after the deed, by which a later change is told."""
        versions = {post.id: post.version for post in posts}
        self.before = [state | {"version": versions[state["id"]]} for state in self.before]


def state_of(post: Post) -> dict[str, Any]:
    """Describe what a deed may change of a post, as JSON."""
    return {
        "id": post.id,
        "status": post.status,
        "visibility": post.visibility,
        "is_featured": post.is_featured,
        "published_at": post.published_at.isoformat() if post.published_at else None,
        "first_published_at": post.first_published_at.isoformat() if post.first_published_at else None,
        "expires_at": post.expires_at.isoformat() if post.expires_at else None,
        "trashed_at": post.trashed_at.isoformat() if post.trashed_at else None,
    }


def put_back(post: Post, state: dict[str, Any], *, now: datetime, by: User) -> Event:
    """Give a post the state back that it had; that readers saw it meanwhile stays true."""
    post.status, post.visibility = Status(state["status"]), Visibility(state["visibility"])
    post.is_featured = state["is_featured"]
    post.published_at = _moment(state["published_at"])
    # A change from before posts had these tells nothing of them.
    post.expires_at, post.trashed_at = _moment(state.get("expires_at")), _moment(state.get("trashed_at"))
    if not post.was_public(now):
        post.first_published_at = _moment(state["first_published_at"])
    return Event.about("post.put_back", post, now, by)


def retag(post: Post, tag: Tag, *, now: datetime, by: User) -> Event:
    """Give a post a tag, or take the one away that it has."""
    if tag in post.tags:
        post.tags.remove(tag)
        return Event.about("post.untagged", post, now, by, name=tag.name)
    post.tags.append(tag)
    return Event.about("post.tagged", post, now, by, name=tag.name)


def show_to(post: Post, visibility: Visibility, *, now: datetime, by: User) -> Event:
    """Let everybody or only members read a post."""
    before, post.visibility = post.visibility, visibility
    return Event.about("post.shown_to", post, now, by, before=before, after=visibility)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
