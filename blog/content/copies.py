"""Smaller copies of a picture for narrow screens, and the colour that it has from afar.

WebP and AVIF say the same in far fewer bytes; the file itself stays for what knows neither.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, features

WIDTHS = (480, 960, 1440, 1920)
"""Pixels; a picture as wide as a page column on a sharp screen needs no more than the last."""
NEARLY = 0.85
"""A copy that is this close to the next in width saves too little to be made."""
KINDS: dict[str, dict[str, Any]] = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 78, "method": 2}}
OPAQUE = 230
"""The mean opacity, of 255, below which what lies behind a picture shows more than its colour."""


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
        upright = _in_srgb(ImageOps.exif_transpose(image))
    made: list[Copy] = []
    smaller = upright
    for width in sorted(_widths(upright.width), reverse=True):
        # Each from the next larger one: a twelve-megapixel photograph is gone through once.
        smaller = smaller if width == smaller.width else _narrowed(smaller, width)
        made += [copy for copy in _encoded(smaller) if len(copy.content) < len(content)]
    return tuple(reversed(made)), _colour(smaller)


def _widths(width: int) -> Iterator[int]:
    largest = min(width, WIDTHS[-1])
    yield from (step for step in WIDTHS if step < largest * NEARLY)
    if largest > WIDTHS[0] * NEARLY:
        yield largest


def _encoded(image: Image.Image) -> Iterator[Copy]:
    for kind, options in KINDS.items():
        if features.check(kind):
            saved = BytesIO()
            image.save(saved, kind.upper(), **options)
            yield Copy(image.width, kind, saved.getvalue())


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Give the picture without metadata, in the colours that screens take for granted."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    profile = image.info.get("icc_profile")
    mode = "RGBA" if has_alpha else "RGB"
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = converted or image
    plain = image.convert(mode)
    plain.info.clear()
    return plain


def _colour(image: Image.Image) -> str:
    """Mix all the picture's colours; a picture through which much shows has none."""
    if image.mode == "RGBA" and image.getchannel("A").resize((1, 1), Image.Resampling.BOX).tobytes()[0] < OPAQUE:
        return ""
    red, green, blue = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{red:02x}{green:02x}{blue:02x}"
