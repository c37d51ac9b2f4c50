"""Asking the editors to look at a post."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import News, Post, User
from blog.models.notice import tell
from blog.queries import users


async def submit(db: AsyncSession, post: Post, viewer: User, now: datetime) -> None:
    """Put a post into the editors' queue and tell them; the caller commits."""
    db.add(post.submit(now=now, by=viewer))
    tell(await users.editors(db), News.SUBMITTED, post, now=now, by=viewer)
