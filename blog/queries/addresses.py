"""Every address that posts, pages and redirects have, for a copy of the whole site."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Kind, Post, Redirect

AT_ONCE = 1000


async def of_live_posts(db: AsyncSession, now: datetime) -> AsyncIterator[str]:
    """Give the paths of all that is published, a thousand at a time."""
    last = 0
    while True:
        query = select(Post.id, Post.kind, Post.slug).where(policy.live(now), Post.id > last).order_by(Post.id)
        rows = (await db.execute(query.limit(AT_ONCE))).all()
        for _id, kind, slug in rows:
            yield f"/{slug}" if kind == Kind.PAGE else f"/posts/{slug}"
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


async def of_redirects(db: AsyncSession) -> AsyncIterator[str]:
    """Give the old addresses, a thousand at a time; whether one leads anywhere is for the site to say."""
    last = 0
    while True:
        query = select(Redirect.id, Redirect.path).where(Redirect.id > last).order_by(Redirect.id).limit(AT_ONCE)
        rows = (await db.execute(query)).all()
        for _id, path in rows:
            yield path
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id
