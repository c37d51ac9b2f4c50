"""Old addresses: where they lead and how they are remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Kind, Post, Redirect, Status, Tag
from blog.queries import tags
from blog.queries.upsert import insert

FEED_FILES = ("feed.xml", "rss.xml", "feed.json")
"""What a tag's feeds are called, below its own address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say of an old address: `location` is the path to go to, None means that it is gone (410)."""

    location: str | None


async def answer_for(db: AsyncSession, path: str, now: datetime) -> Answer | None:
    """Look an address up that nothing answers; None when it never showed anything that anybody may know of.

    What ended at its time is gone on purpose, which is what 410 says: RFC 9110, section 15.5.11, names "limited-time,
    promotional services". So search engines drop it soon. What somebody withdrew may come back and answers 404.
    """
    page, feed = _of_tag(path)
    post = await _post_once_at(db, path, now)
    if post is None:
        query = select(Redirect).where(Redirect.path == page)
        redirect = await db.scalar(query.options(joinedload(Redirect.post), joinedload(Redirect.tag)))
        if redirect is None:
            return None
        if redirect.tag is not None:
            return await _answer_for_tag(db, redirect.tag, page, feed, now)
        post = redirect.post
    if feed and post is not None:
        return None
    if post is None or (post.was_public(now) and (post.status == Status.TRASHED or post.is_ended(now))):
        return Answer(None)
    return Answer(post.path) if policy.may_open(None, post, now) and post.path != path else None


async def remember(db: AsyncSession, path: str, post: Post, now: datetime) -> None:
    """Let an old path lead to a post from now on, wherever it led before."""
    values = {"path": path, "post_id": post.id, "created_at": now}
    statement = insert(db, Redirect).values(**values)
    where = {"post_id": post.id, "tag_id": None}
    await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=where))


async def remember_all(db: AsyncSession, posts: Sequence[Post], now: datetime) -> None:
    """Let the paths of some posts lead to them from now on, wherever they led before."""
    if posts:
        values = [{"path": post.path, "post_id": post.id, "created_at": now} for post in posts]
        statement = insert(db, Redirect).values(values)
        where = {"post_id": statement.excluded.post_id, "tag_id": None}
        await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=where))


async def remember_tag(db: AsyncSession, path: str, tag: Tag | None, now: datetime) -> None:
    """Let an old path, and the feeds below it, lead to a tag from now on; without a tag it is gone."""
    where = {"post_id": None, "tag_id": tag.id if tag else None}
    statement = insert(db, Redirect).values(path=path, created_at=now, **where)
    await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=where))


async def pass_on(db: AsyncSession, old: Sequence[Tag], new: Tag) -> None:
    """Let all that led to some tags lead to another one, in one hop."""
    ids = [tag.id for tag in old]
    statement = update(Redirect).where(Redirect.tag_id.in_(ids)).values(tag_id=new.id)
    await db.execute(statement.execution_options(synchronize_session=False))


async def forget(db: AsyncSession, path: str) -> None:
    """Stop redirecting a path, because a post has it now."""
    await db.execute(delete(Redirect).where(Redirect.path == path))


async def forget_post(db: AsyncSession, post: Post) -> None:
    """Drop all that led to a post that readers have never seen."""
    await forget_posts(db, [post])


async def forget_posts(db: AsyncSession, posts: Sequence[Post]) -> None:
    """Drop all that led to posts that readers have never seen."""
    await db.execute(delete(Redirect).where(Redirect.post_id.in_([post.id for post in posts])))


async def paths_of(db: AsyncSession, post: Post) -> set[str]:
    """List the old paths that lead to a post."""
    return set(await db.scalars(select(Redirect.path).where(Redirect.post_id == post.id)))


async def _post_once_at(db: AsyncSession, path: str, now: datetime) -> Post | None:
    prefix, _, slug = path.rpartition("/")
    kind = {"/posts": Kind.POST, "": Kind.PAGE}.get(prefix)
    if kind is None:
        return None
    is_gone = or_(Post.status == Status.TRASHED, policy.ended(now))
    return await db.scalar(select(Post).where(Post.slug == slug, Post.kind == kind, is_gone))


def _of_tag(path: str) -> tuple[str, str]:
    """Part the path of a tag's feed into that of the tag and the rest; any other path is whole."""
    page, slash, file = path.rpartition("/")
    return (page, slash + file) if page.startswith("/tags/") and file in FEED_FILES else (path, "")


async def _answer_for_tag(db: AsyncSession, tag: Tag, page: str, feed: str, now: datetime) -> Answer | None:
    """Lead to a tag that readers find, unless another one has the old address by now."""
    if page == tag.path or await tags.by_slug(db, page.rpartition("/")[2], now) is not None:
        return None
    return Answer(tag.path + feed) if await tags.by_slug(db, tag.slug, now) is not None else None
