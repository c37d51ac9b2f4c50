"""Everything that an archive holds, in the order of its names and a few rows at a time."""

from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload, undefer

from blog.models import CoAuthor, Media, Post, Redirect, Revision, Tag, TagAlias, User

AT_ONCE = 100
"""Rows that are in memory at a time; a text has up to 900,000 letters."""


@dataclass(frozen=True, slots=True)
class AnyRedirect:
    """An address that leads where an admin said, or to nothing any more."""

    path: str
    target: str
    code: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A post with the addresses that lead to it, and its words that readers do not see yet."""

    post: Post
    aliases: Sequence[str]
    unpublished: Revision | None


async def posts(db: AsyncSession) -> AsyncIterator[Exported]:
    """Give every post and page, whatever its state, by slug."""
    async for ids in _in_parts(db, select(Post.id, Post.slug)):
        found = await posts_by_id(db, ids)
        for one in ids:
            yield found[one]
        db.expunge_all()


async def posts_by_id(db: AsyncSession, ids: Sequence[int]) -> dict[int, Exported]:
    """Fetch some posts with all that an archive tells of them."""
    query = (
        select(Post)
        .where(Post.id.in_(ids))
        .options(
            joinedload(Post.owner, innerjoin=True),
            joinedload(Post.cover),
            selectinload(Post.co_authors).joinedload(CoAuthor.user, innerjoin=True),
            selectinload(Post.tags),
            undefer(Post.body),
        )
    )
    found = (await db.scalars(query)).all()
    aliases: dict[int, list[str]] = {one: [] for one in ids}
    leading = select(Redirect.post_id, Redirect.path).where(Redirect.post_id.in_(ids), Redirect.code == 0)
    for post_id, path in await db.execute(leading):
        aliases[post_id or 0].append(path)
    working: dict[int, Revision] = {}
    if changed := [post for post in found if post.has_working_copy]:
        newest = select(Revision).join(Post, Post.id == Revision.post_id)
        newest = newest.where(Post.id.in_([post.id for post in changed]), Revision.number == Post.revision_number)
        working = {revision.post_id: revision for revision in await db.scalars(newest)}
    return {post.id: Exported(post, aliases[post.id], working.get(post.id)) for post in found}


async def people(db: AsyncSession) -> AsyncIterator[tuple[User, Sequence[str]]]:
    """Give everybody with their old addresses, by username."""
    async for ids in _in_parts(db, select(User.id, User.username)):
        found = await db.scalars(select(User).where(User.id.in_(ids)).options(joinedload(User.picture)))
        by_id = {user.id: user for user in found}
        aliases: dict[int, list[str]] = {one: [] for one in ids}
        leading = select(Redirect.user_id, Redirect.path).where(Redirect.user_id.in_(ids), Redirect.code == 0)
        for user_id, path in await db.execute(leading):
            aliases[user_id or 0].append(path)
        for one in ids:
            yield by_id[one], aliases[one]
        db.expunge_all()


async def usernames(db: AsyncSession) -> dict[int, str]:
    """Give everybody's username by id."""
    rows = await db.execute(select(User.id, User.username))
    return {id_: username for id_, username in rows}  # noqa: C416 - rows are not pairs to dict()


async def tags(db: AsyncSession) -> AsyncIterator[tuple[Tag, Sequence[str], Sequence[str]]]:
    """Give every tag with the names that it had and its old addresses, by slug."""
    async for ids in _in_parts(db, select(Tag.id, Tag.slug)):
        by_id = {tag.id: tag for tag in await db.scalars(select(Tag).where(Tag.id.in_(ids)))}
        names: dict[int, list[str]] = {one: [] for one in ids}
        for meant, key in await db.execute(select(TagAlias.tag_id, TagAlias.key).where(TagAlias.tag_id.in_(ids))):
            names[meant].append(key)
        aliases: dict[int, list[str]] = {one: [] for one in ids}
        leading = select(Redirect.tag_id, Redirect.path).where(Redirect.tag_id.in_(ids), Redirect.code == 0)
        for tag_id, path in await db.execute(leading):
            aliases[tag_id or 0].append(path)
        for one in ids:
            yield by_id[one], names[one], aliases[one]
        db.expunge_all()


async def redirects(db: AsyncSession) -> AsyncIterator[AnyRedirect]:
    """Give the addresses that lead where an admin said, and those that are gone, by path."""
    kept = (Redirect.post_id.is_not(None), Redirect.tag_id.is_not(None), Redirect.user_id.is_not(None))
    leads_nowhere = ~(kept[0] | kept[1] | kept[2])
    async for ids in _in_parts(db, select(Redirect.id, Redirect.path).where((Redirect.code != 0) | leads_nowhere)):
        rows = await db.execute(
            select(Redirect.id, Redirect.path, Redirect.target, Redirect.code).where(Redirect.id.in_(ids))
        )
        by_id = {id_: AnyRedirect(path, target, code) for id_, path, target, code in rows}
        for one in ids:
            yield by_id[one]


async def media(db: AsyncSession) -> AsyncIterator[Media]:
    """Give what is known of every file, by name."""
    async for ids in _in_parts(db, select(Media.id, Media.name)):
        query = select(Media).where(Media.id.in_(ids)).options(joinedload(Media.uploaded_by))
        by_id = {row.id: row for row in await db.scalars(query)}
        for one in ids:
            yield by_id[one]
        db.expunge_all()


async def _in_parts(db: AsyncSession, pairs: Select[int, str]) -> AsyncIterator[list[int]]:
    """Give the ids of rows in the order of their names, which both databases sort in ways of their own."""
    ordered = sorted((await db.execute(pairs)).all(), key=lambda row: row[1])
    ids = array("q", [row[0] for row in ordered])
    del ordered
    for begin in range(0, len(ids), AT_ONCE):
        yield list(ids[begin : begin + AT_ONCE])
