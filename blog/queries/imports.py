"""What an import asks: which of its posts are here already, who its authors are, which addresses are taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import tag_key
from blog.models import Post, Redirect, Tag, User

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A post that an earlier import made."""

    id: int
    source: str
    source_hash: str | None
    title: str
    slug: str
    created_at: datetime


async def known(db: AsyncSession, prefix: str) -> dict[str, Known]:
    """List the posts whose source begins with this, by source."""
    query = select(Post.id, Post.source, Post.source_hash, Post.title, Post.slug, Post.created_at)
    rows = await db.execute(query.where(Post.source.startswith(prefix, autoescape=True)))
    return {
        source: Known(id_, source, digest, title, slug, created_at)
        for id_, source, digest, title, slug, created_at in rows
        if source is not None
    }


async def taken_slugs(db: AsyncSession) -> set[str]:
    """List every slug that a post has or that an old address of this site uses."""
    old = select(Redirect.path).where(Redirect.path.startswith("/posts/", autoescape=True))
    return set(await db.scalars(select(Post.slug))) | {path.removeprefix("/posts/") for path in await db.scalars(old)}


async def taken_among(db: AsyncSession, slugs: Iterable[str]) -> set[str]:
    """Tell which of these slugs a post has, or an old address of this site uses."""
    wanted = list(slugs)
    old = select(Redirect.path).where(Redirect.path.in_([f"/posts/{slug}" for slug in wanted]))
    return set(await db.scalars(select(Post.slug).where(Post.slug.in_(wanted)))) | {
        path.removeprefix("/posts/") for path in await db.scalars(old)
    }


async def leads_to(db: AsyncSession, paths: Iterable[str]) -> dict[str, int | None]:
    """Tell which of these paths redirect already and to which post; 0 stands for a tag."""
    leads = case((Redirect.tag_id.is_not(None), 0), else_=Redirect.post_id)
    rows = await db.execute(select(Redirect.path, leads).where(Redirect.path.in_(list(paths))))
    return {path: post_id for path, post_id in rows}  # noqa: C416 - rows are not pairs to dict()


async def people(db: AsyncSession, names: Iterable[str], email_keys: Iterable[str] = ()) -> list[User]:
    """Fetch everybody who goes by one of these words, as name or as username, or by the key of an e-mail address, the
    first made first."""
    wanted = list(names)
    query = select(User).where(
        or_(User.name.in_(wanted), User.username.in_(wanted), User.email_key.in_(list(email_keys)))
    )
    return list(await db.scalars(query.order_by(User.id)))


async def usernames_like(db: AsyncSession, stems: Iterable[str]) -> set[str]:
    """List the usernames that begin like one of these."""
    alike = [User.username.startswith(stem[:70], autoescape=True) for stem in stems]
    return set(await db.scalars(select(User.username).where(or_(*alike))))


async def tag_keys(db: AsyncSession, keys: Iterable[str]) -> set[str]:
    """Tell which of these tags exist."""
    return set(await db.scalars(select(Tag.key).where(Tag.key.in_(list(keys)))))


async def tags_at(db: AsyncSession, names: Mapping[str, str]) -> dict[str, int]:
    """Give the ids of the tags that paths stand for by the names of these, where there is such a tag."""
    keys = {path: tag_key(name) for path, name in names.items()}
    found: dict[str, int] = {}
    wanted = sorted(set(keys.values()))
    for begin in range(0, len(wanted), AT_ONCE):
        rows = await db.execute(select(Tag.key, Tag.id).where(Tag.key.in_(wanted[begin : begin + AT_ONCE])))
        found |= {key: tag_id for key, tag_id in rows}  # noqa: C416 - rows are not pairs to dict()
    return {path: found[key] for path, key in keys.items() if key in found}
