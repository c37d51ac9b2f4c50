"""The parts of a finished text, and how a remark on one of them finds it again when the text has changed.

A part is whatever stands at the top level of a post's HTML: a paragraph, a heading, a list, a table, a picture.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from markupsafe import Markup

from blog.content.tree import VOID, words

LONGEST_QUOTE = 2000
"""Of a longer part only so many characters are remembered and compared."""
NEAR = 40
"""How many parts before and after its old place a part that was changed is looked for."""
ALIKE = 0.5
"""The share of words, from 0 to 1, that a changed part must have in common with what it was."""
_TAG = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*>""")
_SHOWN = [re.compile(rf"""\s{name}="([^"]+)\"""") for name in ("alt", "src")]
_APART = words("br caption dd div dt figcaption h1 h2 h3 h4 h5 h6 li p summary td th")
"""Elements between which and their neighbours words end."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]|\w+")


@dataclass(frozen=True)
class Paragraph:
    """A part of a text: its number from 1 and its HTML."""

    number: int
    html: Markup

    @cached_property
    def text(self) -> str:
        """Its words, or for a picture what it shows; empty for a mere line."""
        apart = _TAG.sub(lambda tag: " " if tag[2] in _APART else "", self.html)
        shown = (" ".join(pattern.findall(self.html)) for pattern in _SHOWN)
        text = next(filter(str.strip, (apart, *shown)), "")
        return " ".join(unescape(text).split())[:LONGEST_QUOTE]

    @cached_property
    def key(self) -> str:
        """A short name of its text, by which a form can say which paragraph somebody saw."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @cached_property
    def counted(self) -> "Counter[str]":
        return _words(self.text)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a remembered text is now, and whether it still says the same."""

    number: int
    is_same: bool


def split(html: Markup) -> list[Paragraph]:
    """Cut a finished text into its parts; nothing but white space between them is lost."""
    parts: list[Markup] = []
    start = depth = 0
    for tag in _TAG.finditer(html):
        if depth == 0:
            parts.append(html[start : tag.start()])  # words without any element around them
            start = tag.start()
        if tag[2] not in VOID:
            depth += -1 if tag[1] else 1
        if depth <= 0:
            parts.append(html[start : tag.end()])
            start, depth = tag.end(), 0
    parts.append(html[start:])
    return [Paragraph(number, part) for number, part in enumerate(filter(str.strip, parts), 1)]


def find(paragraphs: Sequence[Paragraph], quote: str, place: int) -> Found | None:
    """Find the part that once said `quote` and was number `place`; None when nothing there is much like it."""
    same = [one.number for one in paragraphs if one.text == quote]
    if same:
        return Found(min(same, key=lambda number: abs(number - place)), is_same=True)
    wanted = _words(quote)
    near = [one for one in paragraphs if abs(one.number - place) <= NEAR]
    likest = max(near, key=lambda one: (_alike(wanted, one.counted), -abs(one.number - place)), default=None)
    if likest is None or _alike(wanted, likest.counted) < ALIKE:
        return None
    return Found(likest.number, is_same=False)


def _words(text: str) -> "Counter[str]":
    return Counter(_WORD.findall(text.casefold()))


def _alike(one: "Counter[str]", other: "Counter[str]") -> float:
    """Tell how many of all their words two texts have in common (the Dice coefficient)."""
    return 2 * (one & other).total() / ((one.total() + other.total()) or 1)
