"""Files, and which of them a viewer may fetch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, exists, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer

from blog import policy
from blog.models import Media, MediaKind, Post, Site, User
from blog.models.media import TYPES, post_media
from blog.queries.page import Page, fetch_page

GRID_SIZE = 30
MOST_LISTED = 100
"""Posts that are named one by one where a file is used."""
_IS_USED = or_(
    exists(select(post_media.c.post_id).where(post_media.c.media_id == Media.id).correlate(Media)),
    exists(select(Post.id).where(Post.cover_id == Media.id).correlate(Media)),
    exists(select(User.id).where(User.picture_id == Media.id).correlate(Media)),
    exists(select(Site.id).where(or_(Site.logo_id == Media.id, Site.icon_id == Media.id)).correlate(Media)),
)


class MediaOrder(StrEnum):
    NEWEST = ""
    OLDEST = "oldest"
    NAME = "name"
    SIZE = "size"


_ORDERS = {
    MediaOrder.NEWEST: (Media.created_at.desc(), Media.id.desc()),
    MediaOrder.OLDEST: (Media.created_at, Media.id),
    MediaOrder.NAME: (func.lower(Media.original_name), Media.id),
    MediaOrder.SIZE: (Media.size.desc(), Media.id.desc()),
}


@dataclass(frozen=True, slots=True)
class MediaFilter:
    """What a writer asks of the library; an empty part asks nothing, and without an order the newest come first."""

    q: str = ""
    kind: str = ""
    use: str = ""
    by: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a file is used: posts by name, how many more, people whose picture it is, and the site as logo or icon."""

    posts: Sequence[Post]
    more: int
    people: Sequence[User]
    is_of_site: bool

    @property
    def any(self) -> bool:
        return bool(self.posts or self.more or self.people or self.is_of_site)


async def viewable(db: AsyncSession, names: Iterable[str], viewer: User | None, now: datetime) -> Media | None:
    """Fetch a file by its stored name, or the one of several that there is, if this viewer may have it."""
    return await db.scalar(select(Media).where(Media.name.in_(names), policy.file_viewable_by(viewer, now)))


async def by_fingerprint(db: AsyncSession, fingerprint: str) -> Media | None:
    """Fetch the file with this content from this person."""
    return await db.scalar(select(Media).where(Media.fingerprint == fingerprint))


async def at_urls(db: AsyncSession, urls: Iterable[str]) -> dict[str, Media]:
    """Find the files that these addresses point to, by address."""
    # A link may lead to a place within a document, such as #page=2.
    names = {url.removeprefix("/media/").partition("#")[0] for url in urls if url.startswith("/media/")}
    if not names:
        return {}
    return {media.url: media for media in await db.scalars(select(Media).where(Media.name.in_(names)))}


async def desk_page(db: AsyncSession, viewer: User, wanted: MediaFilter, number: int) -> Page[Media] | None:
    """Fetch a page of the files that the viewer manages."""
    order = MediaOrder(wanted.order) if wanted.order in {*MediaOrder} else MediaOrder.NEWEST
    query = select(Media).where(policy.manageable_by(viewer)).order_by(*_ORDERS[order])
    if wanted.kind in {*MediaKind}:
        query = query.where(Media.content_type.startswith(TYPES[MediaKind(wanted.kind)]))
    if wanted.use in {"used", "unused"}:
        query = query.where(_IS_USED if wanted.use == "used" else not_(_IS_USED))
    if wanted.by:
        query = query.where(Media.uploaded_by_id.in_(select(User.id).where(User.username == wanted.by)))
    if wanted.q:
        words = [column.icontains(wanted.q, autoescape=True) for column in (Media.original_name, Media.alt)]
        query = query.where(or_(*words))
    return await fetch_page(db, query, number, GRID_SIZE)


async def picture_at(db: AsyncSession, url: str, viewer: User) -> Media | None:
    """Fetch the picture at an address that the viewer finds in the library."""
    is_picture = Media.content_type.startswith(TYPES[MediaKind.PICTURE])
    query = select(Media).where(Media.name == url.removeprefix("/media/"), is_picture, policy.manageable_by(viewer))
    return await db.scalar(query)


async def for_desk(db: AsyncSession, media_id: int, viewer: User) -> Media | None:
    """Fetch a file that the viewer manages, as it is now, with who sent it."""
    query = select(Media).where(Media.id == media_id, policy.manageable_by(viewer))
    return await db.scalar(query.options(joinedload(Media.uploaded_by)).execution_options(populate_existing=True))


async def uses(db: AsyncSession, media: Media, viewer: User) -> Uses:
    """Tell where a file is used; of posts that the viewer may not know only how many there are."""
    in_text = select(post_media.c.post_id).where(post_media.c.media_id == media.id)
    using = or_(Post.id.in_(in_text), Post.cover_id == media.id)
    total = await db.scalar(select(func.count(Post.id)).where(using)) or 0
    newest = select(Post).where(using, policy.seen_by(viewer)).order_by(Post.saved_at.desc(), Post.id.desc())
    posts = (await db.scalars(newest.limit(MOST_LISTED))).all()
    people = (await db.scalars(select(User).where(User.picture_id == media.id).order_by(User.name))).all()
    of_site = select(Site.id).where(or_(Site.logo_id == media.id, Site.icon_id == media.id))
    return Uses(posts, total - len(posts), people, await db.scalar(of_site) is not None)


async def uploaders(db: AsyncSession) -> Sequence[User]:
    """List who has sent files."""
    sent = select(Media.uploaded_by_id).where(Media.uploaded_by_id.is_not(None))
    return (await db.scalars(select(User).where(User.id.in_(sent)).order_by(User.name))).all()


async def shown_with(db: AsyncSession, post: Post) -> dict[str, Media]:
    """Find all the files that a post uses, by address."""
    query = select(Media).join(post_media, post_media.c.media_id == Media.id).where(post_media.c.post_id == post.id)
    return {media.url: media for media in await db.scalars(query)}


async def texts_with(db: AsyncSession, media: Media, most: int) -> Sequence[Post]:
    """Fetch the last changed of the posts whose text shows a file, with their text."""
    using = select(post_media.c.post_id).where(post_media.c.media_id == media.id)
    query = select(Post).where(Post.id.in_(using)).order_by(Post.saved_at.desc(), Post.id.desc()).limit(most)
    return (await db.scalars(query.options(undefer(Post.body)))).all()


async def put_html(db: AsyncSession, post: Post, html: str) -> None:
    """Put the HTML of the same text anew, unless the text has changed since the post was read."""
    same = (Post.id == post.id, Post.revision_number == post.revision_number)
    await db.execute(update(Post).where(*same).values(html=html).execution_options(synchronize_session=False))


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
