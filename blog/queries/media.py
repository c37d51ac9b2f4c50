"""Files, and which of them a viewer may fetch."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Media, Post, User
from blog.models.media import post_media
from blog.queries.page import Page, fetch_page

GRID_SIZE = 30


async def viewable(db: AsyncSession, names: Iterable[str], viewer: User | None, now: datetime) -> Media | None:
    """Fetch a file by its stored name, or the one of several that there is, if this viewer may have it."""
    return await db.scalar(select(Media).where(Media.name.in_(names), policy.file_viewable_by(viewer, now)))


async def by_fingerprint(db: AsyncSession, fingerprint: str) -> Media | None:
    """Fetch the file with this content from this person."""
    return await db.scalar(select(Media).where(Media.fingerprint == fingerprint))


async def at_urls(db: AsyncSession, urls: Iterable[str]) -> dict[str, Media]:
    """Find the files that these addresses point to, by address."""
    names = [url.removeprefix("/media/") for url in urls if url.startswith("/media/")]
    if not names:
        return {}
    return {media.url: media for media in await db.scalars(select(Media).where(Media.name.in_(names)))}


async def desk_page(db: AsyncSession, viewer: User, number: int) -> Page[Media] | None:
    """Fetch a page of the files that the viewer manages, newest first."""
    query = select(Media).order_by(Media.created_at.desc(), Media.id.desc())
    if not policy.may(viewer, policy.Action.EDIT_ALL):
        query = query.where(Media.uploaded_by_id == viewer.id)
    return await fetch_page(db, query, number, GRID_SIZE)


async def link(db: AsyncSession, post: Post, urls: Iterable[str]) -> None:
    """Note which files the post shows, so that they are as public as it is. The post must have its id."""
    shown = {media.id for media in (await at_urls(db, urls)).values()}
    known = set(await db.scalars(select(post_media.c.media_id).where(post_media.c.post_id == post.id)))
    if known - shown:
        await db.execute(
            delete(post_media).where(post_media.c.post_id == post.id, post_media.c.media_id.in_(known - shown))
        )
    if shown - known:
        await db.execute(insert(post_media), [{"post_id": post.id, "media_id": media_id} for media_id in shown - known])
