"""Old addresses: where they lead and how they are remembered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Kind, Post, Redirect, Status
from blog.queries.upsert import insert


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say of an old address: `location` is the path to go to, None means that it is gone for good (410)."""

    location: str | None


async def answer_for(db: AsyncSession, path: str, now: datetime) -> Answer | None:
    """Look an address up that nothing answers; None when it never showed anything that anybody may know of."""
    post = await _post_once_at(db, path)
    if post is None:
        redirect = await db.scalar(select(Redirect).where(Redirect.path == path).options(joinedload(Redirect.post)))
        if redirect is None:
            return None
        post = redirect.post
    if post is None or (post.status == Status.TRASHED and post.was_public(now)):
        return Answer(None)
    return Answer(post.path) if policy.may_open(None, post, now) and post.path != path else None


async def remember(db: AsyncSession, path: str, post: Post, now: datetime) -> None:
    """Let an old path lead to a post from now on, wherever it led before."""
    values = {"path": path, "post_id": post.id, "created_at": now}
    statement = insert(db, Redirect).values(**values)
    await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_={"post_id": post.id}))


async def forget(db: AsyncSession, path: str) -> None:
    """Stop redirecting a path, because a post has it now."""
    await db.execute(delete(Redirect).where(Redirect.path == path))


async def forget_post(db: AsyncSession, post: Post) -> None:
    """Drop all that led to a post that readers have never seen."""
    await db.execute(delete(Redirect).where(Redirect.post_id == post.id))


async def paths_of(db: AsyncSession, post: Post) -> set[str]:
    """List the old paths that lead to a post."""
    return set(await db.scalars(select(Redirect.path).where(Redirect.post_id == post.id)))


async def _post_once_at(db: AsyncSession, path: str) -> Post | None:
    prefix, _, slug = path.rpartition("/")
    kind = {"/posts": Kind.POST, "": Kind.PAGE}.get(prefix)
    if kind is None:
        return None
    return await db.scalar(select(Post).where(Post.slug == slug, Post.kind == kind, Post.status == Status.TRASHED))
