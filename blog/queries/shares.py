"""Secret links to drafts, and what guests approved through them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer

from blog import policy
from blog.models import Approval, CoAuthor, Post, Share

MOST_LISTED = 50


async def by_token_hash(db: AsyncSession, token_hash: str, now: datetime) -> Share | None:
    """Fetch what a link opens, with its text, if it still opens anything."""
    post = joinedload(Share.post, innerjoin=True)
    query = select(Share).where(Share.token_hash == token_hash, policy.followable(now))
    return await db.scalar(
        query.options(
            undefer(Share.html),
            joinedload(Share.made_by),
            joinedload(Share.cover),
            post.joinedload(Post.owner, innerjoin=True),
            post.selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
        )
    )


async def held(db: AsyncSession, share: Share) -> None:
    """Let others who write through this link wait until the transaction ends, so that its limits hold."""
    await db.execute(select(Share.id).where(Share.id == share.id).with_for_update())


async def note_use(db: AsyncSession, share: Share, now: datetime) -> None:
    """Note that a link was used."""
    before = or_(Share.last_used_at.is_(None), Share.last_used_at < now)
    await db.execute(
        update(Share)
        .where(Share.id == share.id, before)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


async def of_post(db: AsyncSession, post: Post, share_id: int) -> Share | None:
    """Fetch one link to this very post."""
    return await db.scalar(select(Share).where(Share.id == share_id, Share.post_id == post.id))


async def listed(db: AsyncSession, post: Post, now: datetime) -> Sequence[Share]:
    """List the links to a post that still open something, the newest first."""
    query = select(Share).where(Share.post_id == post.id, policy.followable(now)).order_by(Share.id.desc())
    return (await db.scalars(query.limit(MOST_LISTED).options(joinedload(Share.made_by)))).all()


async def count(db: AsyncSession, post: Post, now: datetime) -> int:
    """Count the links to a post that still open something."""
    return await db.scalar(select(func.count(Share.id)).where(Share.post_id == post.id, policy.followable(now))) or 0


async def approvals(db: AsyncSession, post: Post) -> list[Approval]:
    """List who approved a text of the post, the newest first; of each name only the last."""
    query = select(Approval).where(Approval.post_id == post.id).order_by(Approval.id.desc()).limit(MOST_LISTED)
    newest: dict[str, Approval] = {}
    for approval in await db.scalars(query):
        newest.setdefault(approval.name.casefold(), approval)
    return list(newest.values())


async def approvals_through(db: AsyncSession, share: Share) -> Sequence[Approval]:
    """List the approvals that were given through a link."""
    return (await db.scalars(select(Approval).where(Approval.share_id == share.id).order_by(Approval.id))).all()


async def count_approvals(db: AsyncSession, share: Share, since: datetime) -> int:
    """Count the approvals that were given through a link since a moment."""
    query = select(func.count()).where(Approval.share_id == share.id, Approval.created_at > since)
    return await db.scalar(query) or 0
