"""Take a file for posts to show: find out what it is, clean it, name it, keep it.

What a file is follows from its content, never from its name or from what the sender says of it. Nothing is kept that
a browser could run: vector pictures come only from the operator's own imports, and without their scripts.
"""

import asyncio
import os
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content import drawings, pictures
from blog.content.copies import copies
from blog.content.finish import Shown
from blog.content.pictures import MediaRefused, Picture
from blog.content.portraits import portrait
from blog.database import begin_write
from blog.languages import gettext as _
from blog.languages import number
from blog.models import Media, User
from blog.models.media import copy_name
from blog.queries import media as files
from blog.queries.upsert import insert

LARGEST_FILE = 10 * 1024 * 1024
COPIED = frozenset({"png", "jpg", "webp", "gif"})
NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}")

_pictures = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")


async def examine(content: bytes, *, trusted: bool = False) -> Picture:
    """Find out, away from the event loop, what a file is, and clean it; raise MediaRefused when it cannot be taken.

    It stands upright and loses its metadata (where a photograph was taken, by whom); an operator's import (`trusted`)
    keeps the bytes of a JPEG that has none, and may hold SVG. A picture comes with smaller copies of itself.
    """
    # The context says in which language a refusal is worded.
    loop, context = asyncio.get_running_loop(), copy_context()
    return await loop.run_in_executor(_pictures, lambda: _with_copies(context.run(look_at, content, trusted)))


async def examine_portrait(content: bytes) -> Picture:
    """Examine the picture of a person and cut it to a small square."""
    loop, context = asyncio.get_running_loop(), copy_context()
    return await loop.run_in_executor(_pictures, lambda: portrait(context.run(look_at, content, False)))


async def keep(
    db: AsyncSession, folder: Path, picture: Picture, original_name: str, *, now: datetime, by: User | None
) -> Media:
    """Keep a picture and give its row; the same content from one person is kept once. The caller commits.

    The file is on the disk before its row is in the database, so a row never points to nothing.
    """
    loop = asyncio.get_running_loop()
    # The same file from two people is kept twice: each finds and manages their own.
    fingerprint = sha256(f"{by.id if by else ''}:".encode() + picture.content).hexdigest()
    await begin_write(db)
    if known := await files.by_fingerprint(db, fingerprint):
        if not path_of(folder, known).exists():
            await loop.run_in_executor(_pictures, _write_all, folder, known.name, picture)
        return known
    name = f"{secrets.token_hex(16)}.{picture.extension}"
    await loop.run_in_executor(_pictures, _write_all, folder, name, picture)
    row = {
        "name": name,
        "original_name": _plain_name(original_name),
        "content_type": picture.content_type,
        "size": len(picture.content),
        "width": picture.width,
        "height": picture.height,
        "fingerprint": fingerprint,
        "variants": [[copy.width, copy.kind] for copy in picture.copies],
        "colour": picture.colour,
        "alt": "",
        "uploaded_by_id": by.id if by else None,
        "created_at": now,
    }
    await db.execute(insert(db, Media).values(**row).on_conflict_do_nothing(index_elements=["fingerprint"]))
    media = await files.by_fingerprint(db, fingerprint)
    assert media is not None  # noqa: S101 - it was put in just now, if it was not there
    if media.name != name:
        # Somebody kept the same content in the same moment and was first.
        for unused in (name, *(copy_name(name, copy.width, copy.kind) for copy in picture.copies)):
            (folder / unused).unlink(missing_ok=True)
    return media


def path_of(folder: Path, media: Media, copy: tuple[int, str] | None = None) -> Path:
    """Tell where a file lies, or a smaller copy of it; its name is one that we made."""
    if not NAME.fullmatch(media.name):
        raise ValueError(f"{media.name!r} is not the name of a stored file")
    return folder / (copy_name(media.name, *copy) if copy else media.name)


def shown(media: Media) -> Shown:
    """Tell what a post's HTML needs to know of a picture."""
    return Shown(media.width, media.height, media.colour, [(width, kind) for width, kind in media.variants])


def look_at(content: bytes, trusted: bool) -> Picture:
    """Find out what the bytes are and clean them; raise MediaRefused when they are not a picture that we take."""
    if not content:
        raise MediaRefused(_("The file is empty."))
    if len(content) > LARGEST_FILE:
        sentence = _("The file has %(size)s MB; at most %(most)s MB fit here.")
        raise MediaRefused(sentence % {"size": number(len(content) / 2**20), "most": LARGEST_FILE // 2**20})
    if content.startswith(pictures.PNG):
        return pictures.png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return pictures.jpeg(content, trusted=trusted)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return pictures.gif(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return pictures.webp(content)
    if drawings.looks_like_svg(content):
        if not trusted:
            raise MediaRefused(_("SVG pictures are not taken, because they can hold programs; send it as PNG."))
        return drawings.svg(content)
    raise MediaRefused(_("This is not a picture that can be shown; PNG, JPEG, GIF and WebP can."))


def _plain_name(name: str) -> str:
    """Keep the last part of a name for people to recognise; it is never used as a path."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-255:] or "picture"


def _with_copies(picture: Picture) -> Picture:
    if picture.extension not in COPIED:
        return picture
    made, colour = copies(picture.content)
    return replace(picture, copies=made, colour=colour)


def _write_all(folder: Path, name: str, picture: Picture) -> None:
    """Write the copies first: when the picture itself is there, all of it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for copy in picture.copies:
        _write(folder, copy_name(name, copy.width, copy.kind), copy.content)
    _write(folder, name, picture.content)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)  # once: the caller waits with the database locked
    finally:
        os.close(handle)


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file so that it is whole or not there, even across a power cut."""
    part = folder / f".{name}.{secrets.token_hex(4)}.part"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
    finally:
        with suppress(OSError):
            part.unlink()
