"""Take a file for posts to show: find out what it is, clean it, name it, keep it.

What a file is follows from its content, never from its name or from what the sender says of it. Nothing is kept that
a browser could run: vector pictures come only from the operator's own imports, and without their scripts.
"""

import asyncio
import os
import re
import secrets
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import cast
from xml.etree import ElementTree
from xml.parsers import expat

from PIL import Image, ImageOps, JpegImagePlugin
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write
from blog.models import Media, User
from blog.queries import media as files
from blog.queries.upsert import insert

LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""The most pixels of one picture: 50 megapixels are 200 MB while they are decoded."""
MOST_PIXELS_MOVING = 300_000_000
"""The most pixels of all frames of a moving picture together."""
LONGEST_SIDE = 20_000
JPEG_QUALITY = 90
NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}")

PNG = b"\x89PNG\r\n\x1a\n"
PNG_SHOWN = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split())
WEBP_METADATA = {b"EXIF": 0x08, b"XMP ": 0x04}
EXIF_ORIENTATION = 0x0112

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE = "http://www.w3.org/1999/xlink"
SVG_RUNS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener"})
SVG_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
SVG_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg(\s+(PUBLIC\s+\"[^\"<>\[]*\"|SYSTEM)\s+\"[^\"<>\[]*\")?\s*>")
SVG_LENGTH = re.compile(r"\s*\+?(\d{1,6}(?:\.\d*)?|\.\d+)\s*(px|pt|pc|in|cm|mm)?\s*")

_pictures = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")


class MediaRefused(ValueError):
    """A file that is not kept; the text says why, for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file as it will be kept: its bytes, what they are, and its size in pixels where that is known."""

    content: bytes
    content_type: str
    extension: str
    width: int | None
    height: int | None


async def keep_file(
    db: AsyncSession,
    folder: Path,
    content: bytes,
    original_name: str,
    *,
    now: datetime,
    by: User | None,
    trusted: bool = False,
) -> Media:
    """Keep a picture and give its row; the same content is kept once. Raise MediaRefused when it cannot be taken.

    The file is on the disk before its row is in the database, so a row never points to nothing. What a visitor sent
    loses its metadata (where a photograph was taken, by whom); an operator's import (`trusted`) keeps its bytes,
    unless they are a JPEG with EXIF, and may hold SVG.
    """
    loop = asyncio.get_running_loop()
    picture = await loop.run_in_executor(_pictures, look_at, content, trusted)
    digest = sha256(picture.content).hexdigest()
    await begin_write(db)
    if known := await files.by_sha256(db, digest):
        if not path_of(folder, known).exists():
            await loop.run_in_executor(_pictures, _write, folder, known.name, picture.content)
        return known
    name = f"{secrets.token_hex(16)}.{picture.extension}"
    await loop.run_in_executor(_pictures, _write, folder, name, picture.content)
    row = {
        "name": name,
        "original_name": _plain_name(original_name),
        "content_type": picture.content_type,
        "size": len(picture.content),
        "width": picture.width,
        "height": picture.height,
        "sha256": digest,
        "alt": "",
        "uploaded_by_id": by.id if by else None,
        "created_at": now,
    }
    await db.execute(insert(db, Media).values(**row).on_conflict_do_nothing(index_elements=["sha256"]))
    media = await files.by_sha256(db, digest)
    if media is None:
        raise MediaRefused("The file was deleted while it was being kept; send it again.")
    if media.name != name:
        # Somebody kept the same content in the same moment and was first.
        path_of(folder, media).with_name(name).unlink(missing_ok=True)
    return media


def path_of(folder: Path, media: Media) -> Path:
    """Tell where a file lies; its name is one that we made."""
    if not NAME.fullmatch(media.name):
        raise ValueError(f"{media.name!r} is not the name of a stored file")
    return folder / media.name


def look_at(content: bytes, trusted: bool) -> Picture:
    """Find out what the bytes are and clean them; raise MediaRefused when they are not a picture that we take."""
    if not content:
        raise MediaRefused("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise MediaRefused(
            f"The file has {len(content) / 1024 / 1024:.1f} MB; at most {LARGEST_FILE // 1024 // 1024} MB fit here."
        )
    if content.startswith(PNG):
        width, height = _measure(content, "PNG")
        return Picture(content if trusted else _shown_of_png(content), "image/png", "png", width, height)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content, trusted)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Picture(content, "image/gif", "gif", *_measure(content, "GIF"))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        width, height = _measure(content, "WEBP")
        return Picture(content if trusted else _shown_of_webp(content), "image/webp", "webp", width, height)
    if b"<svg" in content[:4096] or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!DOCTYPE svg")):
        if not trusted:
            raise MediaRefused("SVG pictures are not taken, because they can hold programs; send it as PNG.")
        return _svg(content)
    raise MediaRefused("This is not a picture that can be shown; PNG, JPEG, GIF and WebP can.")


def _measure(content: bytes, kind: str) -> tuple[int, int]:
    """Check that the whole picture can be decoded within bounds; give its size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=[kind]) as image:
                width, height = image.size
                _bound(width, height, 1)
                _bound(width, height, getattr(image, "n_frames", 1))
                image.verify()
            with Image.open(BytesIO(content), formats=[kind]) as image:
                image.load()
                turned = image.getexif().get(EXIF_ORIENTATION, 1) in {5, 6, 7, 8} if kind == "JPEG" else False
    except MediaRefused:
        raise
    except Image.DecompressionBombError as error:
        raise MediaRefused(f"The picture is too large; at most {MOST_PIXELS // 1_000_000} megapixels fit.") from error
    except Exception as error:  # a broken file can make a decoder raise nearly anything
        raise MediaRefused(f"The {kind} picture is broken and cannot be read.") from error
    return (height, width) if turned else (width, height)


def _bound(width: int, height: int, frames: int) -> None:
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE) or width * height > MOST_PIXELS:
        raise MediaRefused(
            f"The picture is too large: {width} × {height}; "
            f"at most {LONGEST_SIDE} a side and {MOST_PIXELS // 1_000_000} megapixels fit."
        )
    if width * height * frames > MOST_PIXELS_MOVING:
        raise MediaRefused(f"The moving picture is too large: {frames} frames of {width} × {height}.")


def _jpeg(content: bytes, trusted: bool) -> Picture:
    """Turn a photograph the way it was held and drop its metadata, by saving it anew."""
    width, height = _measure(content, "JPEG")
    with Image.open(BytesIO(content), formats=["JPEG"]) as image:
        if trusted and not image.getexif():
            return Picture(content, "image/jpeg", "jpg", width, height)
        upright = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
        saved = BytesIO()
        if upright.size == image.size and image.format == "JPEG" and image.getexif().get(EXIF_ORIENTATION, 1) == 1:
            # Its own quantisation tables: not one pixel gets worse.
            same = cast(JpegImagePlugin.JpegImageFile, image)
            same.info.pop("comment", None)
            same.save(saved, "JPEG", quality="keep", exif=b"", icc_profile=profile, optimize=True)
        else:
            if upright.mode not in {"L", "RGB", "CMYK"}:
                upright = upright.convert("RGB")
            upright.info.pop("comment", None)
            upright.save(saved, "JPEG", quality=JPEG_QUALITY, exif=b"", icc_profile=profile, optimize=True)
    return Picture(saved.getvalue(), "image/jpeg", "jpg", width, height)


def _shown_of_png(content: bytes) -> bytes:
    """Keep only the chunks that decide what a PNG looks like; nothing is decoded, so nothing gets worse."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4])
        kind = content[at + 4 : at + 8]
        if kind in PNG_SHOWN:
            kept.append(content[at:end])
        if kind == b"IEND":
            break
        at = end
    return b"".join(kept)


def _shown_of_webp(content: bytes) -> bytes:
    """Drop the metadata chunks of a WebP and what follows its end, and say so in its flags."""
    kept, at, end = [], 12, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at + 8 <= end:
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        chunk = content[at : min(end, at + 8 + size + size % 2)]
        if chunk[:4] == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~sum(WEBP_METADATA.values())]) + chunk[9:]
        if chunk[:4] not in WEBP_METADATA:
            kept.append(chunk)
        at += 8 + size + size % 2
    inner = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(inner).to_bytes(4, "little") + inner


def _svg(content: bytes) -> Picture:
    """Read an SVG without following anything it declares; take out what could run."""
    content = SVG_DOCTYPE.sub(b"", content, count=1)
    try:
        content.decode("utf-8")
        _refuse_declarations(content)
        root = ElementTree.fromstring(content)  # noqa: S314 - declarations, and so entities, were refused above
        if _disarm(root):
            ElementTree.register_namespace("", SVG_NAMESPACE)
            ElementTree.register_namespace("xlink", XLINK_NAMESPACE)
            content = ElementTree.tostring(root, encoding="utf-8")
    except MediaRefused:
        raise
    except (UnicodeDecodeError, ElementTree.ParseError, expat.ExpatError, ValueError, RecursionError) as error:
        raise MediaRefused(f"The SVG picture is broken and cannot be read: {error}.") from error
    if root.tag != f"{{{SVG_NAMESPACE}}}svg":
        raise MediaRefused("This XML file is not an SVG picture.")
    return Picture(content, "image/svg+xml", "svg", *_svg_size(root))


def _refuse_declarations(content: bytes) -> None:
    def refuse(*_: object) -> None:
        raise MediaRefused("The SVG picture declares entities or a document type, which is how XML is made to explode.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(content, True)


def _disarm(element: ElementTree.Element) -> bool:
    """Take scripts, handlers and foreign documents out of an element and all within; tell whether there were any."""
    found = False
    for inner in [element, *element.iter()]:
        for name, value in list(inner.attrib.items()):
            local = name.rpartition("}")[2].lower()
            reference = re.sub(r"[\x00-\x20]", "", value).lower()
            if local.startswith("on") or (local in {"href", "src", "to", "from", "values"} and "script:" in reference):
                del inner.attrib[name]
                found = True
        for child in [child for child in inner if _runs(child)]:
            inner.remove(child)
            found = True
    return found


def _runs(element: ElementTree.Element) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2].lower() in SVG_RUNS


def _svg_size(root: ElementTree.Element) -> tuple[int | None, int | None]:
    width, height = _length(root.get("width", "")), _length(root.get("height", ""))
    if width and height:
        return width, height
    box = [_length(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    if len(box) == 4 and box[2] and box[3]:
        return box[2], box[3]
    return None, None


def _length(text: str) -> int | None:
    match = SVG_LENGTH.fullmatch(text)
    if match is None:
        return None
    pixels = round(float(match[1]) * SVG_UNITS[match[2] or ""])
    return pixels if 0 < pixels <= LONGEST_SIDE * 5 else None


def _plain_name(name: str) -> str:
    """Keep the last part of a name for people to recognise; it is never used as a path."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-255:] or "picture"


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file so that it is whole or not there, even across a power cut."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
