"""What bringing an archive in asks: what is here already, and who."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Media, Post, Redirect, Tag, TagAlias, User


async def is_empty(db: AsyncSession) -> bool:
    """Tell whether nothing was made here yet; people do not count, for somebody must be there to import."""
    found = [await db.scalar(select(model.id).limit(1)) for model in (Post, Media, Tag, Redirect)]
    return not any(found)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who is here: enough to tell whether an archive means the same person."""

    id: int
    username: str
    email_key: str | None


async def accounts(db: AsyncSession) -> list[Account]:
    """List everybody, the first made first."""
    rows = await db.execute(select(User.id, User.username, User.email_key).order_by(User.id))
    return [Account(*row) for row in rows]


async def users_by_id(db: AsyncSession, ids: Iterable[int]) -> dict[int, User]:
    """Fetch some people by their ids."""
    return {user.id: user for user in await db.scalars(select(User).where(User.id.in_(set(ids))))}


async def ids_by_source(db: AsyncSession, sources: Iterable[str]) -> dict[str, int]:
    """Tell which posts an import made from these sources."""
    rows = await db.execute(select(Post.source, Post.id).where(Post.source.in_(list(sources))))
    return {source: id_ for source, id_ in rows if source is not None}


async def made_at(db: AsyncSession, moments: Iterable[datetime]) -> list[tuple[int, str, datetime]]:
    """List the posts that were written here at these moments: id, slug and the moment."""
    query = select(Post.id, Post.slug, Post.created_at)
    query = query.where(Post.created_at.in_(set(moments)), Post.source.is_(None)).order_by(Post.id)
    return [(id_, slug, moment) for id_, slug, moment in await db.execute(query)]


async def tag_slugs(db: AsyncSession) -> dict[str, str]:
    """Give the address of every tag by its key."""
    return {key: slug for key, slug in await db.execute(select(Tag.key, Tag.slug))}  # noqa: C416 - rows are not pairs to dict()


async def files_by_name(db: AsyncSession, names: Iterable[str]) -> dict[str, Media]:
    """Fetch the files that have these names."""
    return {media.name: media for media in await db.scalars(select(Media).where(Media.name.in_(list(names))))}


async def tag_ids(db: AsyncSession) -> dict[str, int]:
    """Give the id of every tag by its key."""
    return {key: id_ for key, id_ in await db.execute(select(Tag.key, Tag.id))}  # noqa: C416 - rows are not pairs to dict()


async def former_names(db: AsyncSession) -> set[str]:
    """List the names that tags had before, as keys."""
    return set(await db.scalars(select(TagAlias.key)))
