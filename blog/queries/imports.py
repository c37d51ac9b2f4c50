"""What an import asks: which of its posts are here already, who its authors are, which addresses are taken."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import candidates, tag_key
from blog.models import Post, Redirect, Tag, User

AT_ONCE = 500
NUMBERED = 8


@dataclass(frozen=True, slots=True)
class Known:
    """A post that an earlier import made."""

    id: int
    source: str
    source_hash: str | None
    title: str
    slug: str
    created_at: datetime


async def known(db: AsyncSession, sources: Iterable[str]) -> dict[str, Known]:
    """Fetch the posts that have these sources, by source."""
    query = select(Post.id, Post.source, Post.source_hash, Post.title, Post.slug, Post.created_at)
    found: dict[str, Known] = {}
    for some in _a_few(sources):
        for id_, source, digest, title, slug, created_at in await db.execute(query.where(Post.source.in_(some))):
            if source is not None:
                found[source] = Known(id_, source, digest, title, slug, created_at)
    return found


async def taken_among(db: AsyncSession, slugs: Iterable[str]) -> set[str]:
    """Tell which of these slugs a post has, or an old address of this site uses."""
    taken: set[str] = set()
    for some in _a_few(slugs):
        old = select(Redirect.path).where(Redirect.path.in_([f"/posts/{slug}" for slug in some]))
        taken |= set(await db.scalars(select(Post.slug).where(Post.slug.in_(some))))
        taken |= {path.removeprefix("/posts/") for path in await db.scalars(old)}
    return taken


async def taken_around(db: AsyncSession, wished: Mapping[str, int]) -> set[str]:
    """Tell which slugs are taken among those wished for, each so often, and the numbered ones that may stand in."""
    taken = await taken_among(db, wished)
    for slug, times in wished.items():
        numbered = candidates(slug)
        free = 0 if slug in taken or times > 1 else times
        while free < times:
            some = list(islice(numbered, NUMBERED + times))
            found = await taken_among(db, some)
            taken |= found
            free += len(some) - len(found)
    return taken


async def leads_to(db: AsyncSession, paths: Iterable[str]) -> dict[str, int | None]:
    """Tell which of these paths redirect already and to which post; 0 stands for a tag."""
    leads = case((Redirect.tag_id.is_not(None), 0), else_=Redirect.post_id)
    found: dict[str, int | None] = {}
    for some in _a_few(paths):
        rows = await db.execute(select(Redirect.path, leads).where(Redirect.path.in_(some)))
        found |= {path: post_id for path, post_id in rows}  # noqa: C416 - rows are not pairs to dict()
    return found


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
    for some in _a_few(set(keys.values())):
        rows = await db.execute(select(Tag.key, Tag.id).where(Tag.key.in_(some)))
        found |= {key: tag_id for key, tag_id in rows}  # noqa: C416 - rows are not pairs to dict()
    return {path: found[key] for path, key in keys.items() if key in found}


def _a_few(wanted: Iterable[str]) -> Iterator[list[str]]:
    """Give a few at a time: both databases bound how many values a statement takes."""
    left = iter(wanted)
    while some := list(islice(left, AT_ONCE)):
        yield some
