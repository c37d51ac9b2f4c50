"""Who has a post open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Post, Presence, User
from blog.queries.upsert import insert

HERE = timedelta(minutes=1)
"""How long somebody counts as being there after they were last seen."""
FRESH = timedelta(seconds=10)
"""How long a note of it is good enough, so that many pages that ask often write seldom."""


async def others(db: AsyncSession, post: Post, viewer: User, now: datetime) -> Sequence[str]:
    """Name the others who have the post open."""
    query = select(User.name).join(Presence, Presence.user_id == User.id)
    query = query.where(Presence.post_id == post.id, Presence.user_id != viewer.id, Presence.seen_at > now - HERE)
    return (await db.scalars(query.order_by(User.name))).all()


async def is_noted(db: AsyncSession, post: Post, viewer: User, now: datetime) -> bool:
    """Tell whether it was just noted that the viewer has the post open."""
    query = select(Presence.seen_at).where(Presence.post_id == post.id, Presence.user_id == viewer.id)
    seen_at = await db.scalar(query)
    return seen_at is not None and seen_at > now - FRESH


async def note(db: AsyncSession, post: Post, viewer: User, now: datetime) -> None:
    """Note that the viewer has the post open, and forget who is long gone."""
    row = insert(db, Presence).values(post_id=post.id, user_id=viewer.id, seen_at=now)
    await db.execute(row.on_conflict_do_update(index_elements=["post_id", "user_id"], set_={"seen_at": now}))
    # Rows that somebody else is writing are left alone: two who wait for each other's would wait for ever.
    gone = select(Presence.user_id).where(Presence.post_id == post.id, Presence.seen_at <= now - HERE)
    here = delete(Presence).where(
        Presence.post_id == post.id, Presence.user_id.in_(gone.with_for_update(skip_locked=True))
    )
    await db.execute(here.execution_options(synchronize_session=False))
