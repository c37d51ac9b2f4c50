"""The trash: what is deleted for good, by somebody or by time, and what stays to be known of it.

Emptying needs no job. Any process that serves pages looks now and then; whichever is first deletes a few posts, in one
transaction with the events that tell of it, and the others find them gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write
from blog.models import Event, Post, Status, User
from blog.queries import redirects, site

KEPT = timedelta(days=30)
AT_ONCE = 20
"""Posts deleted in one go, so that nobody waits long for the database."""


async def delete(db: AsyncSession, posts: Sequence[Post], *, now: datetime, by: User | None) -> None:
    """Delete posts for good; what readers once saw answers 410 from then on. The caller commits."""
    await redirects.remember_all(db, [post for post in posts if post.was_public(now)], now)
    await redirects.forget_posts(db, [post for post in posts if not post.was_public(now)])
    db.add_all([Event.about("post.deleted", post, now, by, title=post.title) for post in posts])
    for doomed in posts:
        await db.delete(doomed)


async def is_due(db: AsyncSession, now: datetime) -> bool:
    """Tell whether something has been in the trash for its whole time."""
    # In the order of its index: PostgreSQL expects many such posts, and would look for one in the table.
    return await db.scalar(select(Post.id).where(*_over(now)).order_by(Post.trashed_at).limit(1)) is not None


async def empty(db: AsyncSession, now: datetime) -> int:
    """Delete the first few of what has been in the trash for its whole time, and commit; give how many they were.

    On PostgreSQL rows that another process is deleting or bringing back in this moment are left to it.
    """
    await begin_write(db)
    due = select(Post).where(*_over(now)).order_by(Post.trashed_at).limit(AT_ONCE).with_for_update(skip_locked=True)
    found = (await db.scalars(due)).all()
    if found:
        await delete(db, found, now=now, by=None)
        await site.touch(db)
    await db.commit()
    return len(found)


def _over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Said in this way, the index of what is in the trash serves.
    return Post.trashed_at <= now - KEPT, Post.status == Status.TRASHED
