"""Old addresses: where they lead and how they are remembered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.content.hops import path_of
from blog.database import plan_for_values
from blog.models import Kind, Post, Redirect, Status, Tag, User
from blog.models.redirect import GONE
from blog.queries import posts, tags, users
from blog.queries.page import Page, fetch_page
from blog.queries.upsert import insert

FEED_FILES = ("feed.xml", "rss.xml", "feed.json")
"""What a tag's feeds are called, below its own address."""


PAGE_SIZE = 50
KINDS = ("hand", "kept")
AT_ONCE = 500
MOST_HOPS = 10
"""Redirects by hand that are followed for a reader, who is then sent to the last of them at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say of an old address: `location` is where to go, None means that it is gone (410).

    It is a path, or with `is_exact` an address as it goes out. `by` is the redirect that says so.
    """

    location: str | None
    by: int | None = None
    code: int = 301
    is_exact: bool = False


async def answer_for(db: AsyncSession, path: str, now: datetime) -> Answer | None:
    """Look an address up that nothing answers; None when it never showed anything that anybody may know of.

    What an admin said of an address comes first. What ended at its time is gone on purpose, which is what 410 says:
    RFC 9110, section 15.5.11, names "limited-time, promotional services". So search engines drop it soon. What
    somebody withdrew may come back and answers 404.
    """
    page, feed = _with_feeds(path)
    at = select(Redirect).where(Redirect.path.in_({path, page}))
    found = {row.path: row for row in await db.scalars(at.options(*(joinedload(way) for way in _WAYS)))}
    if path in found and found[path].is_by_hand:
        return await _answer_by_hand(db, found[path], now)
    post, redirect = await _post_once_at(db, path, now), found.get(page)
    if post is None:
        if redirect is None or redirect.is_by_hand:
            return None
        if redirect.tag is not None:
            return await _answer_for_tag(db, redirect, redirect.tag, page, feed, now)
        if redirect.user is not None:
            return await _answer_for_author(db, redirect, redirect.user, page, feed, now)
        post = redirect.post
    if feed and post is not None:
        return None
    by = redirect.id if redirect else None
    if post is None or (post.was_public(now) and (post.status == Status.TRASHED or post.is_ended(now))):
        return Answer(None, by)
    return Answer(post.path, by) if policy.may_open(None, post, now) and post.path != path else None


async def remember(db: AsyncSession, path: str, post: Post, now: datetime) -> None:
    """Let an old path lead to a post from now on, wherever it led before."""
    await _lead(db, path, now, post_id=post.id)


async def remember_all(db: AsyncSession, posts: Sequence[Post], now: datetime) -> None:
    """Let the paths of some posts lead to them from now on, wherever they led before."""
    if posts:
        values = [{"path": post.path, "post_id": post.id, "created_at": now} | _DEFAULTS for post in posts]
        statement = insert(db, Redirect).values(values)
        where = _NOWHERE | {"post_id": statement.excluded.post_id}
        await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=where))


async def remember_tag(db: AsyncSession, path: str, tag: Tag | None, now: datetime) -> None:
    """Let an old path, and the feeds below it, lead to a tag from now on; without a tag it is gone."""
    await _lead(db, path, now, tag_id=tag.id if tag else None)


async def remember_author(db: AsyncSession, path: str, author: User, now: datetime) -> None:
    """Let an old path, and the feeds below it, lead to an author from now on."""
    await _lead(db, path, now, user_id=author.id)


async def pass_on(db: AsyncSession, old: Sequence[Tag], new: Tag) -> None:
    """Let all that led to some tags lead to another one, in one hop."""
    ids = [tag.id for tag in old]
    statement = update(Redirect).where(Redirect.tag_id.in_(ids)).values(tag_id=new.id)
    await db.execute(statement.execution_options(synchronize_session=False))


async def forget(db: AsyncSession, path: str) -> None:
    """Stop redirecting a path, because a post or an author has it now; what an admin said of it waits behind that."""
    await db.execute(delete(Redirect).where(Redirect.path == path, Redirect.code == 0))


async def forget_posts(db: AsyncSession, posts: Sequence[Post]) -> None:
    """Drop all that led to posts that readers have never seen."""
    if posts:
        await db.execute(delete(Redirect).where(Redirect.post_id.in_([post.id for post in posts])))


async def page(db: AsyncSession, number: int, q: str, kind: str) -> Page[Redirect] | None:
    """Fetch a page of old addresses with what they lead to, the last made first."""
    await plan_for_values(db)
    query = select(Redirect).order_by(Redirect.id.desc())
    if q:
        query = query.where(or_(*(said.icontains(q, autoescape=True) for said in (Redirect.path, Redirect.target))))
    if kind in KINDS:
        query = query.where(Redirect.code != 0 if kind == "hand" else Redirect.code == 0)
    return await fetch_page(db, query.options(*(joinedload(way) for way in _WAYS)), number, PAGE_SIZE)


async def by_id(db: AsyncSession, redirect_id: int) -> Redirect | None:
    """Fetch an old address with what it leads to."""
    query = select(Redirect).where(Redirect.id == redirect_id)
    return await db.scalar(query.options(*(joinedload(way) for way in _WAYS)))


async def at(db: AsyncSession, path: str) -> Redirect | None:
    """Fetch what is said of a path."""
    return await db.scalar(select(Redirect).where(Redirect.path == path))


async def ways(db: AsyncSession) -> dict[str, str]:
    """Give where each path leads by hand; elsewhere is nowhere."""
    rows = await db.execute(select(Redirect.path, Redirect.target).where(Redirect.code != 0))
    return {path: path_of(target) for path, target in rows}


async def put_all(db: AsyncSession, rows: Sequence[tuple[str, str, int]], now: datetime) -> None:
    """Let many paths lead where an admin says, wherever they led before."""
    for begin in range(0, len(rows), AT_ONCE):
        values = [
            {"path": path, "target": target, "code": code, "hits": 0, "created_at": now}
            for path, target, code in rows[begin : begin + AT_ONCE]
        ]
        statement = insert(db, Redirect).values(values)
        where = _NOWHERE | {"target": statement.excluded.target, "code": statement.excluded.code}
        await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=where))


async def leading(db: AsyncSession, paths: Iterable[str]) -> set[str]:
    """Tell which of these paths lead anywhere."""
    return set(await db.scalars(select(Redirect.path).where(Redirect.path.in_(list(paths)))))


async def put_new(db: AsyncSession, ways: Mapping[str, str], now: datetime) -> int:
    """Let paths that lead nowhere yet lead to addresses of this site for good; give how many did."""
    return await _put_new(db, {path: {"target": target, "code": 301} for path, target in ways.items()}, now)


async def put_new_tags(db: AsyncSession, ways: Mapping[str, int], now: datetime) -> int:
    """Let paths that lead nowhere yet, and the feeds below them, lead to tags by their ids; give how many did."""
    return await _put_new(db, {path: {"tag_id": tag_id} for path, tag_id in ways.items()}, now)


async def _put_new(db: AsyncSession, ways: Mapping[str, dict[str, object]], now: datetime) -> int:
    made, paths = 0, list(ways)
    for begin in range(0, len(paths), AT_ONCE):
        known = await leading(db, paths[begin : begin + AT_ONCE])
        values = [
            _DEFAULTS | {"path": path, "created_at": now} | ways[path]
            for path in paths[begin : begin + AT_ONCE]
            if path not in known
        ]
        if values:
            await db.execute(insert(db, Redirect).values(values).on_conflict_do_nothing(index_elements=["path"]))
        made += len(values)
    return made


async def paths_of(db: AsyncSession, post: Post) -> set[str]:
    """List the old paths that lead to a post."""
    return set(await db.scalars(select(Redirect.path).where(Redirect.post_id == post.id)))


async def has_page(db: AsyncSession, path: str, now: datetime) -> bool:
    """Tell whether readers find a post, a page, a tag or an author at a path."""
    prefix, _, slug = path.rpartition("/")
    match prefix:
        case "/posts":
            return await posts.by_slug(db, slug, None, now) is not None
        case "":
            return await posts.by_slug(db, slug, None, now, kind=Kind.PAGE) is not None
        case "/tags":
            return await tags.by_slug(db, slug, now) is not None
        case "/authors":
            return await users.author(db, slug, now) is not None
    return False


async def _post_once_at(db: AsyncSession, path: str, now: datetime) -> Post | None:
    prefix, _, slug = path.rpartition("/")
    kind = {"/posts": Kind.POST, "": Kind.PAGE}.get(prefix)
    if kind is None:
        return None
    is_gone = or_(Post.status == Status.TRASHED, policy.ended(now))
    return await db.scalar(select(Post).where(Post.slug == slug, Post.kind == kind, is_gone))


def _with_feeds(path: str) -> tuple[str, str]:
    """Part the path of a tag's or an author's feed into that of the page and the rest; any other path is whole."""
    page, slash, file = path.rpartition("/")
    return (page, slash + file) if page.startswith(("/tags/", "/authors/")) and file in FEED_FILES else (path, "")


async def _answer_for_tag(
    db: AsyncSession, by: Redirect, tag: Tag, page: str, feed: str, now: datetime
) -> Answer | None:
    """Lead to a tag that readers find, unless another one has the old address by now."""
    if page == tag.path or await tags.by_slug(db, page.rpartition("/")[2], now) is not None:
        return None
    return Answer(tag.path + feed, by.id) if await tags.by_slug(db, tag.slug, now) is not None else None


async def _answer_for_author(
    db: AsyncSession, by: Redirect, author: User, page: str, feed: str, now: datetime
) -> Answer | None:
    """Lead to an author whom readers find, unless another one has the old address by now."""
    own = f"/authors/{author.username}"
    if page == own or await users.author(db, page.rpartition("/")[2], now) is not None:
        return None
    return Answer(own + feed, by.id) if await users.author(db, author.username, now) is not None else None


async def _answer_by_hand(db: AsyncSession, redirect: Redirect, now: datetime) -> Answer | None:
    """Follow what admins said, as far as nothing answers on the way; None where it goes in a circle."""
    first, passed = redirect, {redirect.path}
    while redirect.code != GONE and (path := path_of(redirect.target)):
        following = await db.scalar(select(Redirect).where(Redirect.path == path, Redirect.code != 0))
        if following is None or await has_page(db, path, now):
            break
        if following.path in passed:
            return None
        if len(passed) >= MOST_HOPS:
            break
        redirect = following
        passed.add(redirect.path)
    if redirect.code == GONE:
        return Answer(None, first.id)
    return Answer(redirect.target, first.id, first.code, is_exact=True)


async def _lead(db: AsyncSession, path: str, now: datetime, **where: int | None) -> None:
    statement = insert(db, Redirect).values(path=path, created_at=now, **(_DEFAULTS | where))
    await db.execute(statement.on_conflict_do_update(index_elements=["path"], set_=_NOWHERE | where))


_WAYS = (Redirect.post, Redirect.tag, Redirect.user)
_DEFAULTS = {"target": "", "code": 0, "hits": 0}
_NOWHERE: dict[str, Any] = {"post_id": None, "tag_id": None, "user_id": None, "target": "", "code": 0}
