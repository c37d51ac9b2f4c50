"""The picture that stands for a post where it is shared: its title, set as on a title page.

The letters come from a font that is installed with the blog, and covers Latin, Greek and Cyrillic. What it cannot draw
is left out rather than shown as empty boxes.
"""

from functools import lru_cache
from io import BytesIO

from font_source_serif_pro import (  # type: ignore[import-untyped]  # it has no types
    SourceSerifPro,
    SourceSerifProSemibold,
)
from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
"""Pixels, in the proportions that social networks show."""
MARGIN = 84
BAND = 20
PAPER, INK, SOFT = "#fdfcf8", "#211d18", "#5d554b"
TITLE_SIZES = (92, 78, 66, 56, 48)
MOST_LINES = 4
LEADING = 1.16
SMALL = 34
COLOURS = 48

Font = ImageFont.FreeTypeFont


def card(title: str, site: str, byline: str, accent: str) -> bytes:
    """Draw the card as a PNG; `accent` is a colour that can be read on paper, such as #8a2c18."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, BAND, SIZE[1]), fill=accent)
    width = SIZE[0] - 2 * MARGIN
    title, site, byline = (" ".join(text.split()) for text in (title, site, byline))
    if title and _can_draw(title):
        font, lines = _fitted(title, width)
        for number, line in enumerate(lines):
            draw.text((MARGIN, MARGIN - 16 + number * font.size * LEADING), line, font=font, fill=INK)
    else:
        _ornament(draw, accent)
    small = _font(SourceSerifPro, SMALL)
    foot = SIZE[1] - MARGIN - SMALL
    if _can_draw(site):
        draw.text((MARGIN, foot), _cut(site, small, width // 2), font=_font(SourceSerifProSemibold, SMALL), fill=accent)
    if byline and _can_draw(byline):
        text = _cut(byline, small, width // 2 - MARGIN)
        draw.text((SIZE[0] - MARGIN, foot), text, font=small, fill=SOFT, anchor="ra")
    saved = BytesIO()
    image.quantize(COLOURS).save(saved, "PNG", optimize=True)
    return saved.getvalue()


def _fitted(title: str, width: int) -> tuple[Font, list[str]]:
    """Choose the largest size in which a title fits, and break it into lines of about the same length."""
    for size in TITLE_SIZES:
        font = _font(SourceSerifProSemibold, size)
        lines = _lines(title, font, width)
        if len(lines) <= min(MOST_LINES, (SIZE[1] - 2 * MARGIN - 2 * SMALL) / (size * LEADING)):
            return font, _balanced(title, font, width, len(lines))
    font = _font(SourceSerifProSemibold, TITLE_SIZES[-1])
    lines = _lines(title, font, width)[:MOST_LINES]
    lines[-1] = _with_ellipsis(lines[-1], font, width)
    return font, lines


def _balanced(title: str, font: Font, width: int, count: int) -> list[str]:
    narrow, wide = width // 3, width
    while wide - narrow > 8:
        middle = (narrow + wide) // 2
        if len(_lines(title, font, middle)) > count:
            narrow = middle
        else:
            wide = middle
    return _lines(title, font, wide)


def _lines(title: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in title.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width:
            length = max(1, next(n for n in range(len(word), 0, -1) if n == 1 or font.getlength(word[:n]) <= width))
            lines.append(word[:length])
            word = word[length:]
        line = word
    return [*lines, line] if line else lines


def _cut(text: str, font: Font, width: int) -> str:
    return text if font.getlength(text) <= width else _with_ellipsis(text, font, width)


def _with_ellipsis(text: str, font: Font, width: int) -> str:
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _ornament(draw: ImageDraw.ImageDraw, accent: str) -> None:
    """Draw three lines of type without letters, for a title that the font does not know."""
    for number, length in enumerate((0.82, 0.64, 0.4)):
        top = MARGIN + 30 + number * 96
        draw.rounded_rectangle(
            (MARGIN, top, MARGIN + (SIZE[0] - 2 * MARGIN) * length, top + 34),
            17,
            fill=accent if number == 2 else "#e2dbcf",
        )


@lru_cache(20)
def _font(path: str, size: int) -> Font:
    # The plain layout needs no library that a server may lack; scripts that need shaping are not in the font anyway.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _can_draw(text: str) -> bool:
    return text.isprintable() and all(_is_known(letter) for letter in set(text) - {" "})


@lru_cache(5000)
def _is_known(letter: str) -> bool:
    font = _font(SourceSerifProSemibold, SMALL)
    return bytes(font.getmask(letter)) != _unknown()


@lru_cache
def _unknown() -> bytes:
    return bytes(_font(SourceSerifProSemibold, SMALL).getmask("\U0010ffff"))
