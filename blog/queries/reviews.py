"""What waits for the editors, and what they said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload, selectinload

from blog import policy
from blog.models import CoAuthor, Comment, Post, Review, Status, Step, User
from blog.queries.page import Page

QUEUE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post in the queue: since when it waits, who submitted it, how many comments on it are open.

    `name` is of somebody who was deleted since.
    """

    post: Post
    since: datetime
    by: User | None
    comments: int
    name: str | None


async def queue(db: AsyncSession, viewer: User, number: int) -> Page[Waiting] | None:
    """Fetch a page of what was submitted, the oldest first; None when it is past the end."""
    total = await count_waiting(db, viewer)
    pages = max(1, -(-total // QUEUE_SIZE))
    if number > pages:
        return None
    newest = (
        select(func.max(Review.id))
        .where(Review.post_id == Post.id, Review.step == Step.SUBMITTED)
        .correlate(Post)
        .scalar_subquery()
    )
    comments = (
        select(func.count())
        .where(Comment.post_id == Post.id, Comment.answers_id.is_(None), Comment.resolved_at.is_(None))
        .correlate(Post)
        .scalar_subquery()
    )
    submitter = aliased(User)
    since = func.coalesce(Review.at, Post.updated_at, type_=Post.updated_at.type)
    query = (
        select(Post, since, submitter, comments, Review.name)
        .outerjoin(Review, Review.id == newest)
        .outerjoin(submitter, submitter.id == Review.by_id)
        .where(policy.reviewable_by(viewer))
        .order_by(since, Post.id)
        .options(
            joinedload(Post.owner, innerjoin=True),
            selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
        )
    )
    rows = await db.execute(query.limit(QUEUE_SIZE).offset((number - 1) * QUEUE_SIZE))
    return Page([Waiting(*row) for row in rows], number, pages, total)


async def count_waiting(db: AsyncSession, viewer: User) -> int:
    """Count what waits for this viewer's review."""
    return await db.scalar(select(func.count()).where(policy.reviewable_by(viewer)).select_from(Post)) or 0


async def newest_step(db: AsyncSession, post: Post) -> Review | None:
    """Fetch the last thing that happened in a post's review, with who did it."""
    query = select(Review).where(Review.post_id == post.id).order_by(Review.id.desc()).limit(1)
    return await db.scalar(query.options(joinedload(Review.by)))


async def note_for(db: AsyncSession, post: Post) -> Review | None:
    """Fetch the note with which a draft was returned, until it is submitted again."""
    if post.status != Status.DRAFT:
        return None
    step = await newest_step(db, post)
    return step if step is not None and step.step == Step.RETURNED else None
