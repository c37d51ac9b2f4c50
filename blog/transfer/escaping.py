"""Words as Markdown that means nothing but these words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category

EDGE = "\n"
"""Stands for what is before and after a paragraph."""

_SPECIAL = re.compile(r"[\\`*\[]|<(?=[A-Za-z/!?])|&(?=#?\w{1,40};)|~(?=~)|(?<=~)~|(?<![^\W_])_+|_+(?![^\W_])|!(?=\[)")
_MAY_MEAN = re.compile(r"[\\`*\[\]<&~_!:]")
"""What all of these begin with or hold: most texts have none of it."""
_ADDRESS = re.compile(r"(?i)(https?|mailto)(?=:)")
_CLOSES = re.compile(r"\]")
_BEGINS = re.compile(
    r"""(?P<one>\#{1,6}(?=\s|\Z)|[-+](?=\s|\Z)|>|=+[ \t]*\Z|-+[ \t]*\Z|[|:-][|:\- \t]*\Z)|(?P<number>\d{1,9})(?P<stop>[.)])(?=\s|\Z)"""
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Emphasis: the mark, what stands in it, and the element that it stands for."""

    mark: str
    inside: str
    tag: str


Piece = str | Mark


def as_words(text: str, *, in_link: bool) -> str:
    """Escape what would mean something in the middle of a line; within a link also what would end it."""
    if not _MAY_MEAN.search(text):
        return text
    text = _SPECIAL.sub(_escaped, text)
    return _CLOSES.sub(r"\\]", text) if in_link else _ADDRESS.sub(r"\1\\", text)


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    return "&amp;" if found == "&" else "".join("\\" + one for one in found)


def assembled(pieces: Sequence[Piece], edge: str) -> str:
    """Put pieces together; emphasis that would not be seen between its neighbours is written as HTML.

    `edge` is what stands before and after all of them.
    """
    parts: list[str] = []
    before = edge
    for position, piece in enumerate(pieces):
        following = pieces[position + 1] if position + 1 < len(pieces) else edge
        if isinstance(piece, str) and piece.endswith("!") and isinstance(following, str) and following.startswith("["):
            piece = piece[:-1] + "\\!"  # or the link would be a picture
        if isinstance(piece, Mark):
            after = "*" if isinstance(following, Mark) else following[:1] or edge
            is_seen = _opens(before, piece.inside[:1]) and _opens(after, piece.inside[-1:])
            start, end = (piece.mark, piece.mark) if is_seen else (f"<{piece.tag}>", f"</{piece.tag}>")
            piece = f"{start}{piece.inside}{end}"
        parts.append(piece)
        before = piece[-1:] or before
    return "".join(parts)


def _opens(outside: str, inside: str) -> bool:
    """Tell whether a mark between these characters is one (CommonMark, section 6.2: flanking)."""
    if not inside or inside.isspace():
        return False
    return not _is_punctuation(inside) or outside.isspace() or _is_punctuation(outside)


def _is_punctuation(character: str) -> bool:
    return category(character)[0] in "PS"


def as_line(text: str) -> str:
    """Escape what would mean something at the beginning of each line, and keep odd spaces at its ends."""
    return "\n".join(_line(one) for one in text.split("\n"))


def _line(text: str) -> str:
    match = _BEGINS.match(text)
    if match:
        text = f"{match['number']}\\{text[match.start('stop') :]}" if match["number"] else "\\" + text
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if start == 0 and end == len(text):
        return text
    return _named(text[:start]) + text[start:end] + _named(text[max(end, start) :])


def _named(spaces: str) -> str:
    return "".join("&nbsp;" if one == "\xa0" else f"&#{ord(one)};" for one in spaces)


def address(url: str) -> str:
    """Write the address of a link or picture."""
    url = re.sub(r"&(?=#?\w{1,40};)", "&amp;", url.replace("\\", "\\\\"))
    if not url or re.search(r"[\s<>]", url):
        return f"<{url}>"
    depth = 0
    for character in re.findall(r"[()]", url):
        depth += 1 if character == "(" else -1
        if depth < 0:
            break
    return url if depth == 0 else re.sub(r"([()])", r"\\\1", url)


def quoted(title: str) -> str:
    """Write the title of a link or picture."""
    return '"' + re.sub(r"&(?=#?\w{1,40};)", "&amp;", title.replace("\\", "\\\\").replace('"', '\\"')) + '"'
