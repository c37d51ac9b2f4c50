"""Take a file for posts to show: find out what it is, clean it, name it, keep it.

What a file is follows from its content, never from its name or from what the sender says of it. Nothing is kept that
a browser could run.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content import documents, drawings, pictures
from blog.content.copies import copies
from blog.content.files import Content, File, MediaRefused
from blog.content.finish import Shown
from blog.content.icons import icon
from blog.content.portraits import portrait
from blog.content.recordings import AVIF_BRANDS, recording
from blog.content.text import clean_text
from blog.database import begin_write
from blog.languages import gettext as _
from blog.languages import number
from blog.models import Media, User
from blog.models.media import copy_name
from blog.queries import media as files
from blog.queries.upsert import insert
from blog.storage import Storage, StorageAway, new_name

LARGEST_PICTURE = 10 * 1024 * 1024
LARGEST_DOCUMENT = 20 * 1024 * 1024
LARGEST_RECORDING = 100 * 1024 * 1024
COPIED = frozenset({"png", "jpg", "webp", "gif", "avif"})
LONGEST_NAME = 255

Result = TypeVar("Result")
_pictures = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
log = logging.getLogger("blog")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the storage, by the name that it has there; its row in the database comes next."""

    file: File
    name: str
    fingerprint: str
    is_new: bool


async def examine(content: Content, *, trusted: bool = False) -> File:
    """Find out, away from the event loop, what a file is, and clean it; raise MediaRefused when it cannot be taken.

    A picture stands upright, loses its metadata (where a photograph was taken, by whom) and comes with smaller copies
    of itself. An operator's import (`trusted`) keeps the bytes of a JPEG that has none, and its own drawings.
    """
    return await _aside(lambda: _with_copies(look_at(content, trusted)))


async def examine_portrait(content: Content) -> File:
    """Examine the picture of a person and cut it to a small square."""
    return await _aside(lambda: _cut(look_at(content, False)))


async def examine_icon(content: Content) -> File:
    """Examine the icon of the site and make the sizes of it."""
    return await _aside(lambda: _icon(look_at(content, False)))


async def examine_kept(content: Content, *, is_whole: bool = False, is_icon: bool = False) -> File:
    """Examine a file that a blog has kept before: it is cleaned as any import is, and its copies are made anew.

    `is_whole` is for the picture of a person, which was cut to its size and has no copies; `is_icon` for that of a site.
    """
    return await _aside(lambda: _again(look_at(content, True), is_whole, is_icon))


async def store(db: AsyncSession, storage: Storage, file: File, *, by: User | None) -> Stored:
    """Put a file and its copies into the storage, before its row is in the database: a row never points to nothing.

    This may take long, so nothing may be locked; the transaction that looked whether the file is known is ended.
    """
    # The same file from two people is kept twice: each finds and manages their own.
    fingerprint = await _aside(lambda: _fingerprint(file.content, by))
    known = await files.by_fingerprint(db, fingerprint)
    await db.commit()
    stored = Stored(file, known.stored if known else new_name(file.extension), fingerprint, is_new=known is None)
    if known is None or not await storage.has(known.stored):
        await put(storage, stored)
    return stored


async def put(storage: Storage, stored: Stored) -> None:
    """Write the copies first: when the file itself is there, all of it is."""
    smaller = {copy_name(stored.name, copy.width, copy.kind): copy.content for copy in stored.file.copies}
    await storage.put({**smaller, stored.name: stored.file.content})


async def surely(storage: Storage, stored: Stored) -> Stored:
    """Give a stored file that no row points to; where one did when we looked, its bytes may be going with it."""
    if not stored.is_new:
        stored = replace(stored, name=new_name(stored.file.extension), is_new=True)
        await put(storage, stored)
    return stored


async def keep(
    db: AsyncSession, storage: Storage, stored: Stored, original_name: str, *, now: datetime, by: User | None
) -> Media:
    """Give a stored file its row; the same content from one person has one. The caller commits."""
    await begin_write(db)
    media = await files.by_fingerprint(db, stored.fingerprint)
    if media is None:
        stored = await surely(storage, stored)
        row = _facts(stored) | {
            "name": stored.name,
            "original_name": plain_name(original_name),
            "alt": "",
            "uploaded_by_id": by.id if by else None,
            "created_at": now,
        }
        await db.execute(insert(db, Media).values(**row).on_conflict_do_nothing(index_elements=["fingerprint"]))
        media = await files.by_fingerprint(db, stored.fingerprint)
    assert media is not None  # noqa: S101 - it was put in just now, if it was not there
    if media.stored != stored.name:
        # Somebody kept the same content in the same moment and was first.
        await discard(storage, names_of_stored(stored))
    return media


def exchange(media: Media, stored: Stored) -> list[str]:
    """Let a row show another file at its old address; give the names of what it leaves behind in the storage."""
    before = names_of(media)
    for fact, value in _facts(stored).items():
        setattr(media, fact, value)
    return [name for name in before if name not in names_of(media)]


async def discard(storage: Storage, names: list[str]) -> None:
    """Delete files that no row points to any longer; when that fails they only take up space."""
    try:
        await storage.delete(names)
    except StorageAway:
        log.warning("these files are not needed any longer and could not be deleted: %s", ", ".join(names))


def names_of(media: Media) -> list[str]:
    """Name all that lies in the storage for a file: itself and its copies."""
    return stored_names(media.stored, [(width, kind) for width, kind in media.variants])


def names_of_stored(stored: Stored) -> list[str]:
    """Name all that lies in the storage for a file that has no row."""
    return stored_names(stored.name, [(copy.width, copy.kind) for copy in stored.file.copies])


def stored_names(name: str, smaller: list[tuple[int, str]]) -> list[str]:
    return [name, *(copy_name(name, width, kind) for width, kind in smaller)]


def shown(media: Media) -> Shown:
    """Tell what a post's HTML needs to know of a picture."""
    return Shown(media.width, media.height, media.colour, [(width, kind) for width, kind in media.variants])


def look_at(content: Content, trusted: bool) -> File:
    """Find out what the bytes are and clean them; raise MediaRefused when they are nothing that we take."""
    if not len(content):
        raise MediaRefused(_("The file is empty."))
    found = recording(content)
    if found is not None:
        _bound(content, LARGEST_RECORDING)
        return found
    if documents.looks_like_pdf(content[:8]):
        _bound(content, LARGEST_DOCUMENT)
        return documents.pdf(content[:])
    _bound(content, LARGEST_PICTURE)
    return _picture(content[:], trusted)


def plain_name(name: str) -> str:
    """Keep the last part of a name for people to recognise; it is never used as a path."""
    last = re.split(r"[/\\]", clean_text(name))[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-LONGEST_NAME:] or "file"


def _picture(content: bytes, trusted: bool) -> File:
    if content.startswith(pictures.PNG):
        return pictures.png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return pictures.jpeg(content, trusted=trusted)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return pictures.gif(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return pictures.webp(content)
    if content[4:8] == b"ftyp" and content[8:12] in AVIF_BRANDS:
        return pictures.avif(content)
    if drawings.looks_like_svg(content):
        return drawings.svg(content) if trusted else drawings.sanitised(content)
    raise MediaRefused(
        _("This is no file that can be shown. Pictures: PNG, JPEG, GIF, WebP, AVIF, SVG; sound: MP3, M4A, Ogg, WAV, FLAC; "
          "film: MP4, WebM; documents: PDF.")
    )  # fmt: skip


def _bound(content: Content, most: int) -> None:
    if len(content) > most:
        sentence = _("The file has %(size)s MB; at most %(most)s MB fit here.")
        raise MediaRefused(sentence % {"size": number(len(content) / 2**20), "most": most // 2**20})


def _fingerprint(content: Content, by: User | None) -> str:
    made = sha256(f"{by.id if by else ''}:".encode())
    made.update(content)
    return made.hexdigest()


def _facts(stored: Stored) -> dict[str, object]:
    """Tell what a row says of the very bytes of its file."""
    file = stored.file
    return {
        "stored": stored.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "width": file.width,
        "height": file.height,
        "fingerprint": stored.fingerprint,
        "variants": [[copy.width, copy.kind] for copy in file.copies],
        "colour": file.colour,
    }


def _cut(file: File) -> File:
    return portrait(_pointed(file))


def _icon(file: File) -> File:
    return icon(_pointed(file))


def _again(file: File, is_whole: bool, is_icon: bool) -> File:
    if is_icon and file.extension in COPIED:
        return replace(file, copies=icon(file).copies)
    return file if is_whole else _with_copies(file)


def _pointed(file: File) -> File:
    """Insist on a picture made of points, which can be cut."""
    if file.extension not in COPIED:
        raise MediaRefused(_("This is not a picture that can be shown; PNG, JPEG, GIF, WebP and AVIF can."))
    return file


def _with_copies(file: File) -> File:
    if file.extension not in COPIED:
        return file
    made, colour = copies(bytes(file.content))
    return replace(file, copies=made, colour=colour)


async def _aside(work: Callable[[], Result]) -> Result:
    """Work on a file in a thread; the context says in which language a refusal is worded."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(_pictures, context.run, work)
