"""Tags as readers meet them and writers name them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.slugs import numbered, slugify, tag_key
from blog.database import plan_for_values
from blog.models import Post, Tag, User
from blog.models.post import post_tags
from blog.queries import aliases, counts, own
from blog.queries.page import Page, fetch_page
from blog.queries.upsert import insert

DESK_SIZE = 50


@dataclass(frozen=True, slots=True)
class Counted:
    """A tag and how many posts have it."""

    tag: Tag
    posts: int


async def with_counts(db: AsyncSession, now: datetime) -> Sequence[tuple[Tag, int]]:
    """List the tags that have posts for readers, with how many, by name."""
    query = select(Tag, counts.under_tag(Tag.id, now)).order_by(Tag.key)
    return [(tag, number) for tag, number in await db.execute(query) if number]


async def desk_page(db: AsyncSession, number: int, q: str = "", *, most_first: bool = False) -> Page[Counted] | None:
    """Fetch a page of the tags with how many posts have each, whatever their state; by name, or the most used first.

    Every word of `q` must occur in the name.
    """
    query = select(Tag)
    for word in tag_key(q).split():
        query = query.where(Tag.key.contains(word, autoescape=True))
    if not most_first:
        found = await fetch_page(db, query.order_by(Tag.key), number, DESK_SIZE)
        if found is None:
            return None
        used_by = await counts_of(db, found.items)
        return Page([Counted(tag, used_by[tag.id]) for tag in found.items], number, found.pages, found.total)
    total = await db.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    pages = max(1, -(-total // DESK_SIZE))
    if number > pages:
        return None
    used = select(post_tags.c.tag_id, func.count().label("posts")).group_by(post_tags.c.tag_id).subquery()
    posts = func.coalesce(used.c.posts, 0)
    ranked = query.add_columns(posts).outerjoin(used, used.c.tag_id == Tag.id).order_by(posts.desc(), Tag.key)
    rows = (await db.execute(ranked.limit(DESK_SIZE).offset((number - 1) * DESK_SIZE))).all()
    return Page([Counted(tag, count) for tag, count in rows], number, pages, total)


async def counts_of(db: AsyncSession, found: Sequence[Tag]) -> dict[int, int]:
    """Count the posts, whatever their state, of each of these tags by its id."""
    ids = [tag.id for tag in found]
    query = select(post_tags.c.tag_id, func.count()).where(post_tags.c.tag_id.in_(ids)).group_by(post_tags.c.tag_id)
    return dict.fromkeys(ids, 0) | {tag_id: count for tag_id, count in await db.execute(query)}  # noqa: C416 - rows are not pairs to dict()


async def by_id(db: AsyncSession, tag_id: int) -> Tag | None:
    return await db.get(Tag, tag_id)


async def by_ids(db: AsyncSession, ids: Iterable[int]) -> Sequence[Tag]:
    """Fetch some tags, by name."""
    return (await db.scalars(select(Tag).where(Tag.id.in_(list(ids))).order_by(Tag.key))).all()


async def by_name(db: AsyncSession, name: str) -> Tag | None:
    """Fetch the tag of this name, however it is spelled."""
    return await db.scalar(select(Tag).where(Tag.key == tag_key(name)))


async def has_key(db: AsyncSession, key: str, *, but: Tag) -> bool:
    """Tell whether another tag is spelled like this."""
    return await db.scalar(select(Tag.id).where(Tag.key == key, Tag.id != but.id)) is not None


async def has_slug(db: AsyncSession, slug: str, *, but: Tag) -> bool:
    """Tell whether another tag is at this address."""
    return await db.scalar(select(Tag.id).where(Tag.slug == slug, Tag.id != but.id)) is not None


async def public_among(db: AsyncSession, found: Sequence[Tag], now: datetime) -> list[Tag]:
    """Choose the tags that readers can find a post under."""
    query = select(Tag.id).where(Tag.id.in_([tag.id for tag in found]), shows_posts(now))
    ids = set(await db.scalars(query))
    return [tag for tag in found if tag.id in ids]


async def by_slug(db: AsyncSession, slug: str, now: datetime) -> Tag | None:
    """Fetch a tag that readers can find a post under."""
    return await db.scalar(select(Tag).where(Tag.slug == slug, shows_posts(now)))


async def on_desk_of(db: AsyncSession, viewer: User, most: int | None = None) -> Sequence[Tag]:
    """List the tags of the posts that the viewer works on; the tags of others' drafts are not theirs to know."""
    await plan_for_values(db)
    if policy.may(viewer, policy.Action.EDIT_ALL):
        used = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id).correlate(Tag)
        query = select(Tag).where(used.exists())
    else:
        # A writer's own posts are few beside all that have a tag.
        theirs = select(post_tags.c.tag_id).join(Post, Post.id == post_tags.c.post_id).where(own.on_desk_of(viewer))
        query = select(Tag).where(Tag.id.in_(theirs))
    return (await db.scalars(query.order_by(Tag.key).limit(most))).all()


async def named(db: AsyncSession, names: Iterable[str]) -> list[Tag]:
    """Find the tags with these names and make those that are missing; "Python" and "python" are one tag.

    Missing ones are inserted in the order of their keys, so that two saves at the same moment cannot block each other.
    """
    wanted: dict[str, str] = {}
    for name in names:
        if key := tag_key(name):
            wanted.setdefault(key, " ".join(name.split()))
    found = await _by_key(db, wanted)
    missing = sorted(key for key in wanted if key not in found)
    if missing:
        await aliases.forget(db, missing)
    while missing:
        for key in missing:
            slug = await _free_slug(db, wanted[key])
            values = {"name": wanted[key], "key": key, "slug": slug, "description": ""}
            await db.execute(insert(db, Tag).values(**values).on_conflict_do_nothing())
        found = await _by_key(db, wanted)
        # What is still missing lost its slug to another name in the same moment: it gets the next one.
        missing = [key for key in missing if key not in found]
    return [found[key] for key in wanted]


def shows_posts(now: datetime) -> ColumnElement[bool]:
    used = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id, policy.listed_under_tags(now))
    return used.correlate(Tag).exists()


async def _by_key(db: AsyncSession, keys: Iterable[str]) -> dict[str, Tag]:
    return {tag.key: tag for tag in await db.scalars(select(Tag).where(Tag.key.in_(list(keys))))}


async def _free_slug(db: AsyncSession, name: str) -> str:
    wanted = slugify(name) or "tag"
    taken = set(await db.scalars(select(Tag.slug).where(Tag.slug.startswith(wanted[:70], autoescape=True))))
    return numbered(wanted, taken)
