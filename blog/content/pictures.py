"""Pictures made of points: whether they can be decoded within bounds, and their bytes without metadata."""

import warnings
from contextlib import suppress
from io import BytesIO
from typing import cast

from PIL import Image, ImageOps, JpegImagePlugin

from blog.content.files import File, MediaRefused
from blog.languages import gettext as _

MOST_PIXELS = 50_000_000
"""The most pixels of one picture: 50 megapixels are 200 MB while they are decoded."""
MOST_PIXELS_MOVING = 300_000_000
"""The most pixels of all frames of a moving picture together."""
LONGEST_SIDE = 20_000
JPEG_QUALITY = 90
WEBP_QUALITY = 90
AVIF_QUALITY, AVIF_SPEED = 85, 8

PNG = b"\x89PNG\r\n\x1a\n"
PNG_SHOWN = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split())
WEBP_METADATA = {b"EXIF": 0x08, b"XMP ": 0x04}
AVIF_METADATA = frozenset({"exif", "xmp"})
JPEG_METADATA = frozenset({"comment", "exif", "photoshop", "xmp"})
EXIF_ORIENTATION = 0x0112
TURNED = range(2, 9)
SIDEWAYS = range(5, 9)


def png(content: bytes) -> File:
    """Take a PNG without its metadata."""
    width, height, way = _measure(content, "PNG")
    if way in TURNED:
        content = _upright(content, "PNG")
    return File(_shown_of_png(content), "image/png", "png", width, height)


def gif(content: bytes) -> File:
    """Take a GIF."""
    width, height, _ = _measure(content, "GIF")
    return File(content, "image/gif", "gif", width, height)


def webp(content: bytes) -> File:
    """Take a WebP without its metadata."""
    width, height, way = _measure(content, "WEBP")
    if way in TURNED:
        content = _upright(content, "WEBP", quality=WEBP_QUALITY)
    return File(_shown_of_webp(content), "image/webp", "webp", width, height)


def avif(content: bytes) -> File:
    """Take an AVIF; one that was held sideways or has metadata is saved anew, upright and without."""
    width, height, way = _measure(content, "AVIF")
    with Image.open(BytesIO(content), formats=["AVIF"]) as image:
        if way in TURNED or AVIF_METADATA & image.info.keys():
            saved = BytesIO()
            moves = getattr(image, "n_frames", 1) > 1
            upright = image if moves else ImageOps.exif_transpose(image)
            profile = image.info.get("icc_profile")
            options = {"quality": AVIF_QUALITY, "speed": AVIF_SPEED, "exif": b"", "xmp": b"", "icc_profile": profile}
            upright.save(saved, "AVIF", save_all=moves, **options)
            content = saved.getvalue()
    return File(content, "image/avif", "avif", width, height)


def jpeg(content: bytes, *, trusted: bool) -> File:
    """Turn a photograph the way it was held and drop its metadata, by saving it anew."""
    width, height, way = _measure(content, "JPEG")
    with Image.open(BytesIO(content), formats=["JPEG"]) as image:
        # A camera can put several pictures into one file (MPO); only the first is kept.
        is_single = image.format == "JPEG"
        if trusted and is_single and not JPEG_METADATA & image.info.keys():
            return File(content, "image/jpeg", "jpg", width, height)
        profile = image.info.get("icc_profile")
        saved = BytesIO()
        if is_single and way not in TURNED:
            # Its own quantisation tables: not one pixel gets worse.
            same = cast(JpegImagePlugin.JpegImageFile, image)
            same.info.pop("comment", None)
            same.save(saved, "JPEG", quality="keep", exif=b"", icc_profile=profile, optimize=True)
        else:
            upright = ImageOps.exif_transpose(image)
            if upright.mode not in {"L", "RGB", "CMYK"}:
                upright = upright.convert("RGB")
            upright.info.pop("comment", None)
            upright.save(saved, "JPEG", quality=JPEG_QUALITY, exif=b"", icc_profile=profile, optimize=True)
    return File(saved.getvalue(), "image/jpeg", "jpg", width, height)


def _measure(content: bytes, kind: str) -> tuple[int, int, int]:
    """Check that the whole picture can be decoded within bounds; give its size upright, and its EXIF orientation."""
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
                way = _way(image) if kind == "JPEG" or getattr(image, "n_frames", 1) == 1 else 1
    except MediaRefused:
        raise
    except Image.DecompressionBombError as error:
        sentence = _("The picture is too large; at most %(most)s megapixels fit.")
        raise MediaRefused(sentence % {"most": MOST_PIXELS // 1_000_000}) from error
    except Exception as error:  # a broken file can make a decoder raise nearly anything
        raise MediaRefused(_("The %(kind)s picture is broken and cannot be read.") % {"kind": kind}) from error
    return (height, width, way) if way in SIDEWAYS else (width, height, way)


def _way(image: Image.Image) -> int:
    """Tell which way a picture was held, as EXIF numbers it; 1, upright, if it does not say."""
    way = 1
    with suppress(Exception):  # EXIF that is no EXIF can make its reader raise nearly anything
        way = image.getexif().get(EXIF_ORIENTATION, 1)
    return way if isinstance(way, int) else 1


def _upright(content: bytes, kind: str, **options: int) -> bytes:
    saved = BytesIO()
    with Image.open(BytesIO(content), formats=[kind]) as image:
        ImageOps.exif_transpose(image).save(saved, kind, icc_profile=image.info.get("icc_profile"), **options)
    return saved.getvalue()


def _bound(width: int, height: int, frames: int) -> None:
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE) or width * height > MOST_PIXELS:
        sentence = _(
            "The picture is too large: %(width)s × %(height)s; at most %(longest)s a side and %(most)s megapixels fit."
        )
        most = {"longest": LONGEST_SIDE, "most": MOST_PIXELS // 1_000_000}
        raise MediaRefused(sentence % {"width": width, "height": height, **most})
    if width * height * frames > MOST_PIXELS_MOVING:
        sentence = _("The moving picture is too large: %(frames)s frames of %(width)s × %(height)s.")
        raise MediaRefused(sentence % {"frames": frames, "width": width, "height": height})


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
