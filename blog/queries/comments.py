"""Comments on posts, for those who work on them and for the guest who wrote them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Comment, Post, Share


@dataclass(slots=True)
class Thread:
    """A comment with its answers, in the order in which they were written."""

    comment: Comment
    answers: list[Comment] = field(default_factory=list)


async def threads(db: AsyncSession, post: Post) -> list[Thread]:
    """Fetch all that was said about a post, the oldest first."""
    query = select(Comment).where(Comment.post_id == post.id).order_by(Comment.id)
    people = (joinedload(Comment.author), joinedload(Comment.resolved_by))
    return _threads(await db.scalars(query.options(*people)))


async def of_post(db: AsyncSession, post: Post, comment_id: int) -> Comment | None:
    """Fetch one comment on this very post."""
    return await db.scalar(select(Comment).where(Comment.id == comment_id, Comment.post_id == post.id))


async def count_open(db: AsyncSession, post: Post) -> int:
    """Count the comments on a post that nobody has resolved; answers belong to theirs."""
    query = select(func.count()).where(
        Comment.post_id == post.id, Comment.answers_id.is_(None), Comment.resolved_at.is_(None)
    )
    return await db.scalar(query) or 0


async def commentators(db: AsyncSession, post: Post) -> Sequence[int]:
    """Name those with an account who have said something about a post."""
    query = select(Comment.author_id).where(Comment.post_id == post.id, Comment.author_id.is_not(None)).distinct()
    return [author_id for author_id in await db.scalars(query) if author_id is not None]


async def through(db: AsyncSession, share: Share) -> list[Thread]:
    """Fetch what was said through a link and to its guests, the oldest first."""
    query = select(Comment).where(policy.heard_through(share)).order_by(Comment.id)
    return _threads(await db.scalars(query.options(joinedload(Comment.author))))


async def begun_through(db: AsyncSession, share: Share, comment_id: int) -> Comment | None:
    """Fetch a comment with which a guest began a thread through this link."""
    begun = (Comment.share_id == share.id, Comment.answers_id.is_(None))
    return await db.scalar(select(Comment).where(Comment.id == comment_id, *begun))


async def count_through(db: AsyncSession, share: Share, since: datetime | None = None) -> int:
    """Count what was said through a link, ever or since a moment."""
    query = select(func.count()).where(Comment.share_id == share.id)
    return await db.scalar(query if since is None else query.where(Comment.created_at > since)) or 0


def _threads(comments: Iterable[Comment]) -> list[Thread]:
    found: dict[int | None, Thread] = {}
    for comment in comments:
        if comment.answers_id is None:
            found[comment.id] = Thread(comment)
        else:
            found[comment.answers_id].answers.append(comment)
    return list(found.values())
