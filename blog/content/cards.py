"""The picture that stands for a post where it is shared: its title, set as on a title page.

The letters come from a font that is installed with the blog, and covers Latin, Greek and Cyrillic. What it cannot draw
is left out rather than shown as empty boxes.
"""

import unicodedata
from bisect import bisect_right
from functools import lru_cache
from io import BytesIO
from typing import Any

from font_source_serif_pro import (  # type: ignore[import-untyped]  # it has no types
    SourceSerifPro,
    SourceSerifProSemibold,
)
from PIL import Image, ImageColor, ImageDraw, ImageFont

SIZE = (1200, 630)
"""Pixels, in the proportions that social networks show."""
MARGIN = 84
BAND = 20
PAPER, INK, SOFT, LINE = "#fdfcf8", "#211d18", "#5d554b", "#e2dbcf"
TITLE_SIZES = (132, 112, 92, 78, 66, 56, 48)
MOST_LINES = 4
LEADING = 1.16
SMALL = 34
SHADES = 16
"""The steps from paper to each other colour, which soften the edges of letters."""
DISC = 300
_SMOOTH = 4  # circles are drawn so many times larger, since Pillow draws them without soft edges

Font = ImageFont.FreeTypeFont


def card(title: str, site: str, byline: str, accent: str, direction: str = "ltr") -> bytes:
    """Draw the card as a PNG; `accent` is a colour that can be read on paper, such as #8a2c18.

    With the direction "rtl" everything begins on the right.
    """
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    title, site, byline = _plain(title), _plain(site), _plain(byline)
    width = SIZE[0] - 2 * MARGIN
    begin, end = ((MARGIN, "la"), (SIZE[0] - MARGIN, "ra"))
    if direction == "rtl":
        begin, end = end, begin
        draw.rectangle((SIZE[0] - BAND, 0, *SIZE), fill=accent)
    else:
        draw.rectangle((0, 0, BAND - 1, SIZE[1]), fill=accent)
    if title and _can_draw(title):
        font, lines = _fitted(title, width)
        for number, line in enumerate(lines):
            top = MARGIN - 16 + number * font.size * LEADING
            draw.text((begin[0], top), line, font=font, fill=INK, anchor=begin[1])
    else:
        _ornament(image, accent, direction)
    foot = SIZE[1] - MARGIN - SMALL
    if site and _can_draw(site):
        bold = _font(SourceSerifProSemibold, SMALL)
        draw.text((begin[0], foot), _cut(site, bold, width // 2), font=bold, fill=accent, anchor=begin[1])
    if byline and _can_draw(byline):
        small = _font(SourceSerifPro, SMALL)
        draw.text((end[0], foot), _cut(byline, small, width // 2 - MARGIN), font=small, fill=SOFT, anchor=end[1])
    saved = BytesIO()
    image.quantize(palette=_palette(accent), dither=Image.Dither.NONE).save(saved, "PNG")
    return saved.getvalue()


def _plain(text: str) -> str:
    """Compose letters and their marks, and leave out what only tells where a line may break or which way it runs."""
    composed = unicodedata.normalize("NFC", text).replace("\N{NON-BREAKING HYPHEN}", "-")
    return " ".join("".join(letter for letter in composed if unicodedata.category(letter) != "Cf").split())


def _fitted(title: str, width: int) -> tuple[Font, list[str]]:
    """Choose the largest size in which a title fits, and break it into lines of about the same length."""
    words = title.split()
    for size in TITLE_SIZES:
        font = _font(SourceSerifProSemibold, size)
        if max(font.getlength(word) for word in words) > width:
            continue
        count = len(_lines(words, font, width))
        if count <= min(MOST_LINES, (SIZE[1] - 2 * MARGIN - 3 * SMALL) / (size * LEADING)):
            return font, _balanced(words, font, width, count)
    font = _font(SourceSerifProSemibold, TITLE_SIZES[-1])
    lines = _lines([piece for word in words for piece in _pieces(word, font, width)], font, width)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], _with_ellipsis(lines[MOST_LINES - 1], font, width)]
    return font, lines


def _balanced(words: list[str], font: Font, width: int, count: int) -> list[str]:
    narrow, wide = int(max(font.getlength(word) for word in words)), width
    while wide - narrow > 8:
        middle = (narrow + wide) // 2
        if len(_lines(words, font, middle)) > count:
            narrow = middle
        else:
            wide = middle
    return _lines(words, font, wide)


def _lines(words: list[str], font: Font, width: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(word: str, font: Font, width: int) -> list[str]:
    """Cut a word that no line holds."""
    pieces = []
    while word:
        length = max(1, _fitting(word, font, width))
        pieces.append(word[:length])
        word = word[length:]
    return pieces


def _fitting(text: str, font: Font, width: float) -> int:
    """Tell how many letters of a text fit."""
    return bisect_right(range(1, len(text) + 1), width, key=lambda length: font.getlength(text[:length]))


def _cut(text: str, font: Font, width: int) -> str:
    return text if font.getlength(text) <= width else _with_ellipsis(text, font, width)


def _with_ellipsis(text: str, font: Font, width: int) -> str:
    return text[: _fitting(text, font, width - font.getlength("…"))].rstrip(" ,;:–—") + "…"


def _ornament(image: Image.Image, accent: str, direction: str) -> None:
    """Draw a moon before another, for a title that the font does not know."""
    disc = _disc()
    for place, colour in ((DISC * 5 // 9, LINE), (0, accent)):
        left = MARGIN + place if direction == "ltr" else SIZE[0] - MARGIN - DISC - place
        image.paste(colour, (left, MARGIN), disc)


@lru_cache
def _disc() -> Image.Image:
    large = Image.new("L", (DISC * _SMOOTH, DISC * _SMOOTH))
    ImageDraw.Draw(large).ellipse((0, 0, DISC * _SMOOTH - 1, DISC * _SMOOTH - 1), fill=255)
    return large.reduce(_SMOOTH)


def _palette(accent: str) -> Image.Image:
    """Give the few colours of a card: paper, and its way to each colour on it."""
    paper: Any = ImageColor.getrgb(PAPER)
    colours: list[int] = []
    for colour in (INK, SOFT, LINE, accent):
        for step in range(SHADES):
            part = step / (SHADES - 1)
            colours += [round(a + (b - a) * part) for a, b in zip(paper, ImageColor.getrgb(colour), strict=True)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    return palette


@lru_cache(20)
def _font(path: str, size: int) -> Font:
    # The plain layout needs no library that a server may lack; scripts that need shaping are not in the font anyway.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _can_draw(text: str) -> bool:
    return text.isprintable() and all(_is_known(letter) for letter in set(text) - {" "})


@lru_cache(5000)
def _is_known(letter: str) -> bool:
    # A mark that no composed letter holds needs shaping to stand above its letter rather than beside it.
    font = _font(SourceSerifProSemibold, SMALL)
    return not unicodedata.category(letter).startswith("M") and bytes(font.getmask(letter)) != _unknown()


@lru_cache
def _unknown() -> bytes:
    return bytes(_font(SourceSerifProSemibold, SMALL).getmask("\U0010ffff"))
