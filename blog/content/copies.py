"""Smaller copies of a picture for narrow screens, and the colour that it has from afar.

WebP and AVIF say the same in far fewer bytes; the file itself stays for what knows neither.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, features

WIDTHS = (480, 960, 1440, 1920)
"""Pixels; a picture as wide as a page column on a sharp screen needs no more than the last."""
NEARLY = 0.85
"""A copy that is this close to the next in width saves too little to be made."""
KINDS: dict[str, dict[str, Any]] = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 78, "method": 2}}
"""A megapixel takes some 150 ms as AVIF and 30 ms as WebP. At speed 9 AVIF takes 45, but gains little on flat pictures."""
MOST_PIXELS = 8_000_000
"""The most pixels of one copy. A picture as long as a scroll has none: they would take too long to make."""
HIGHEST = 16_383
"""The most rows that a WebP can have."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A smaller copy: its width in pixels, its format, its bytes."""

    width: int
    kind: str
    content: bytes


def copies(content: bytes) -> tuple[tuple[Copy, ...], str]:
    """Give the copies of a picture that was examined, and its colour as #rrggbb; of a moving one neither."""
    with Image.open(BytesIO(content)) as image:
        if getattr(image, "n_frames", 1) > 1:
            return (), ""
        # A photograph is decoded no finer than its largest copy needs; other kinds of pictures cannot be.
        image.draft(image.mode, (WIDTHS[-1], 1))
        smaller = _in_srgb(image)
    steps: list[Image.Image] = []
    for width in sorted(_widths(smaller.width), reverse=True):
        # Each from the next larger one: a twelve-megapixel photograph is gone through once.
        smaller = smaller if width == smaller.width else _narrowed(smaller, width)
        steps.append(smaller)
    if steps and (steps[0].width * steps[0].height > MOST_PIXELS or steps[0].height > HIGHEST):
        steps = []
    made = [copy for kind in KINDS for copy in reversed(_encoded(steps, kind, len(content)))]
    return tuple(made), _colour(smaller)


def _widths(width: int) -> Iterator[int]:
    largest = min(width, WIDTHS[-1])
    yield from (step for step in WIDTHS if step < largest * NEARLY)
    if largest > WIDTHS[0] * NEARLY:
        yield largest


def _encoded(steps: list[Image.Image], kind: str, size: int) -> list[Copy]:
    """Give the copies in one format, the widest first, each smaller in bytes than the one before and than the file.

    When the widest is not, there are none: wide screens would be offered a narrow one, and blow it up.
    """
    made: list[Copy] = []
    for image in steps if features.check(kind) else []:
        saved = BytesIO()
        image.save(saved, kind.upper(), **KINDS[kind])
        if saved.tell() >= size:
            break
        size = saved.tell()
        made.append(Copy(image.width, kind, saved.getvalue()))
    return made


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Give the picture without metadata, in the colours that screens take for granted."""
    profile = image.info.get("icc_profile")
    image = _in_bytes(image)
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    plain = image.convert("RGB" if mode == "RGBA" and _is_opaque(image) else mode)
    plain.info.clear()
    return plain


def _in_bytes(image: Image.Image) -> Image.Image:
    """Give the picture with a byte for each colour of a point, in colours that a profile can be about."""
    if image.mode.startswith("I"):
        # Grey in 16 bits, of which Pillow would keep the lower eight.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _is_opaque(image: Image.Image) -> bool:
    return image.getchannel("A").getextrema() == (255, 255)


def _colour(image: Image.Image) -> str:
    """Mix all the picture's colours; one through which anything shows has none, for it would show for ever."""
    if image.mode == "RGBA":
        return ""
    red, green, blue = image.resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{red:02x}{green:02x}{blue:02x}"
