"""The files of an archive one after the other, as they are now: all that the database says is of one moment."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import Sessions, begin_snapshot
from blog.models import Kind, Media, Post
from blog.queries import export
from blog.queries import site as sites
from blog.storage import PIECE, Storage
from blog.transfer.archive import names, records
from blog.transfer.archive.yaml import listed, written
from blog.transfer.terms import Progress

FORMAT = 1
"""Grows when an older blog could not read the archive any more."""
PIECE_OF_LIST = 64 * 1024
ABOUT = """\
# Everything that was made on a blog: texts in Markdown, the rest in YAML. Made by `blog export`; an empty blog takes it
# in again with `blog import markdown FOLDER`. Passwords, earlier versions and comments are only in a backup.
"""


@dataclass(slots=True)
class Exported:
    """How much an archive holds. `missing` are files that the storage does not have any more."""

    posts: int = 0
    pages: int = 0
    unpublished: int = 0
    media: int = 0
    people: int = 0
    tags: int = 0
    redirects: int = 0
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path within the archive, and its bytes piece by piece."""

    path: str
    pieces: AsyncIterator[bytes]


def marker(told: Exported | None) -> bytes:
    """Write the file by which an archive is known; without figures it says that the archive is not whole."""
    record: dict[str, object] = {"format": FORMAT}
    if told is None:
        return (ABOUT + written(record | {"unfinished": True})).encode()
    counts = ("posts", "pages", "unpublished", "media", "people", "tags", "redirects")
    return (ABOUT + written(record | {name: getattr(told, name) for name in counts})).encode()


async def entries(
    sessions: Sessions, storage: Storage, told: Exported, *, now: datetime, progress: Progress
) -> AsyncIterator[Entry]:
    """Give every file but the marker; `told` is filled meanwhile. Each must be read before the next is asked for."""
    files: list[tuple[str, str]] = []
    async with sessions() as db:
        await begin_snapshot(db)
        done, total = 0, await _count(db)
        progress(done, total)
        yield Entry(names.SITE, _once(written(records.site(await sites.current(db))).encode()))
        yield Entry(names.PEOPLE, _in_pieces(_people(db, told)))
        yield Entry(names.TAGS, _in_pieces(_tags(db, told)))
        yield Entry(names.REDIRECTS, _in_pieces(_redirects(db, told)))
        people = await export.usernames(db)
        async for one in export.posts(db):
            for entry in _texts(one, people, told):
                yield entry
            done += 1
            progress(done, total)
        yield Entry(names.MEDIA, _in_pieces(_media(db, storage, files, told)))
    for name, stored in files:
        yield Entry(f"{names.FILES}/{name}", _content(storage, stored))
        done += 1
        progress(done, total)
    progress(total, total)


def _texts(one: export.Exported, people: Mapping[int, str], told: Exported) -> list[Entry]:
    post = one.post
    told.pages += post.kind == Kind.PAGE
    told.posts += post.kind == Kind.POST
    made = [Entry(names.file_of(post), _once(records.post_file(post, one.aliases).encode()))]
    if one.unpublished is not None:
        told.unpublished += 1
        words = records.unpublished_file(post, one.unpublished, people)
        made.append(Entry(names.unpublished_file_of(post), _once(words.encode())))
    return made


async def _people(db: AsyncSession, told: Exported) -> AsyncIterator[str]:
    async for user, aliases in export.people(db):
        told.people += 1
        yield listed(records.person(user, aliases))


async def _tags(db: AsyncSession, told: Exported) -> AsyncIterator[str]:
    async for tag, former, aliases in export.tags(db):
        told.tags += 1
        yield listed(records.tag(tag, former, aliases))


async def _redirects(db: AsyncSession, told: Exported) -> AsyncIterator[str]:
    async for row in export.redirects(db):
        told.redirects += 1
        yield listed(records.redirect(row))


async def _media(
    db: AsyncSession, storage: Storage, files: list[tuple[str, str]], told: Exported
) -> AsyncIterator[str]:
    """Tell of every file whose bytes are there, and note where those are: they are read after the database's moment."""
    async for row in export.media(db):
        if not await storage.has(row.stored):
            told.missing.append(row.name)
            continue
        told.media += 1
        files.append((row.name, row.stored))
        yield listed(records.media(row))


async def _content(storage: Storage, stored: str) -> AsyncIterator[bytes]:
    first, size = 0, 1
    while first < size:
        piece = await storage.read(stored, first, first + PIECE - 1)
        if piece is None:
            raise VanishedError(stored)
        size = piece.size
        first += len(piece.content)
        yield piece.content


class VanishedError(Exception):
    """A file was deleted or replaced while the archive was made; it is told as a reason to begin again."""

    def __init__(self, stored: str) -> None:
        super().__init__(
            f"The file {stored} was deleted or replaced meanwhile; the same command makes the export anew."
        )


async def _in_pieces(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """Put the items of a list together; an empty list is an empty file."""
    waiting: list[str] = []
    size = 0
    async for line in lines:
        waiting.append(line)
        size += len(line)
        if size > PIECE_OF_LIST:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _count(db: AsyncSession) -> int:
    """Count what takes time: posts and files."""
    counts = [await db.scalar(select(func.count()).select_from(model)) or 0 for model in (Post, Media)]
    return sum(counts)
