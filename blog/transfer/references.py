"""The links and pictures in a Markdown text, with where they stand: inline, as definitions and in HTML."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blog.transfer.prose import Parts

Kind = Literal["link", "picture", "definition", "img", "a"]
FARTHEST = 4000
"""How long the address and title of one link may be; it bounds the work on a text that is all beginnings."""

_DESTINATION = re.compile(r"\](?=\()\(\s{0,20}(?:<([^<>\n]*)>|([^\s<()][^\s()]*(?:\([^\s()]*\)[^\s()]*)*))")
_AFTER = re.compile(
    r"""(?:\s{1,20}(?:"(?P<a>(?:[^"\\]|\\.)*)"|'(?P<b>(?:[^'\\]|\\.)*)'|\((?P<c>(?:[^()\\]|\\.)*)\)))?\s{0,20}\)""",
    re.DOTALL,
)
_DEFINITION = re.compile(
    r"^[ ]{0,3}(?:>[ ]?)*\[(?!\^)((?:[^\[\]\\\n]|\\.){1,999})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S+))", re.MULTILINE
)
_ELEMENT = re.compile(
    r"<(img|a|iframe|video|audio|object|embed|script|form|svg)\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_BRACKETS = re.compile(r"\\.|\n[ \t]*(?=\n)|[\[\]]", re.DOTALL)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
DROPPED = frozenset({"iframe", "object", "embed", "script", "form", "svg", "video", "audio"})


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of an address: the whole of it, where the address itself stands, and the words that go with it.

    `label` is that of a definition; `text` the alternative text of a picture as it stands in the Markdown or HTML.
    """

    kind: Kind
    start: int
    end: int
    at: tuple[int, int]
    address: str
    text: str = ""
    label: str = ""
    title: str = ""


def references_in(text: str, parts: Parts) -> Iterator[Reference]:
    """Find the references of a text outside its code."""
    pairs = _bracket_pairs(text, parts)
    for match in _DESTINATION.finditer(text):
        if reference := _inline(text, parts, match, pairs):
            yield reference
    for match in _DEFINITION.finditer(text):
        place = match.start(1)
        if not (parts.code_at(place) or parts.html_at(place) or parts.in_paragraph(place)):
            group = 2 if match[2] is not None else 3
            at = (match.start(2) - 1, match.end(2) + 1) if group == 2 else match.span(3)
            yield Reference(
                "definition", match.start(), match.end(), at, _plain(match[group]), label=label_key(match[1])
            )
    for match in _ELEMENT.finditer(text):
        name = match[1].lower()
        if name in {"img", "a"} and not parts.code_at(match.start()):
            yield from _element(match, name)


def dropped_elements(text: str, parts: Parts) -> Iterator[tuple[int, str]]:
    """Find the HTML elements that pages do not show, by position and name."""
    for match in _ELEMENT.finditer(text):
        if match[1].lower() in DROPPED and not parts.code_at(match.start()):
            yield match.start(), match[1].lower()


def picture_uses(text: str, parts: Parts, labels: frozenset[str]) -> Iterator[tuple[int, int, str, str]]:
    """Find the pictures that use one of these definitions: start, end, alternative text, label."""
    for match in re.finditer(r"!\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\](?:\[([^\[\]]*)\])?(?!\()", text):
        label = label_key(match[2] or match[1])
        if label in labels and not parts.code_at(match.start()):
            yield match.start(), match.end(), match[1], label


def label_key(label: str) -> str:
    """Give the form of a label under which definitions and uses meet (CommonMark, section 6.3)."""
    return " ".join(label.split()).casefold()


def _inline(text: str, parts: Parts, match: re.Match[str], pairs: dict[int, int]) -> Reference | None:
    place = match.start()
    opening = pairs.get(place)
    if opening is None or parts.html_at(place):
        return None
    after = _AFTER.match(text, match.end(), match.end() + FARTHEST)
    if after is None:
        return None
    group = 1 if match[1] is not None else 2
    at = (match.start(1) - 1, match.end(1) + 1) if group == 1 else match.span(2)
    is_picture = opening > 0 and text[opening - 1] == "!" and not _escaped(text, opening - 1)
    return Reference(
        "picture" if is_picture else "link",
        opening - is_picture,
        after.end(),
        at,
        _plain(match[group]),
        text[opening + 1 : place],
        title=after["a"] or after["b"] or after["c"] or "",
    )


def _bracket_pairs(text: str, parts: Parts) -> dict[int, int]:
    """Find for each closing bracket the one that it belongs to, within its paragraph."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for match in _BRACKETS.finditer(text):
        if match[0] == "[" or match[0] == "]":
            if parts.code_at(match.start()):
                continue
            if match[0] == "[":
                waiting.append(match.start())
            elif waiting:
                pairs[match.start()] = waiting.pop()
        elif match[0][0] == "\n":
            waiting.clear()
    return pairs


def _element(match: re.Match[str], name: str) -> Iterator[Reference]:
    found = {one[1].lower(): one for one in reversed(list(_ATTRIBUTE.finditer(match[2])))}
    attribute = found.get("src" if name == "img" else "href")
    if attribute is None:
        return
    group = next(number for number in (2, 3, 4) if attribute[number] is not None)
    offset = match.start(2)
    at = (offset + attribute.start(group), offset + attribute.end(group))

    def value(key: str) -> str:
        one = found.get(key)
        return " ".join(html.unescape(one[2] or one[3] or one[4] or "").split()) if one else ""

    kind: Kind = "img" if name == "img" else "a"
    address = html.unescape(attribute[group]).strip()
    yield Reference(kind, match.start(), match.end(), at, address, value("alt"), title=value("title"))


def _escaped(text: str, at: int) -> bool:
    slashes = 0
    while at - slashes > 0 and text[at - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _plain(address: str) -> str:
    return html.unescape(_ESCAPE.sub(r"\1", address)).strip()
