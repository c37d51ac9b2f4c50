"""The XML of a WordPress export (WXR 1.0 to 1.2), item by item, whoever wrote it.

Nothing in the file can make the reader fetch anything or grow: entities and document types are refused before they
mean anything, and an item may be only so large, so deep and of so many parts. At most one item is in memory.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from blog.transfer.terms import ImportRefused

LARGEST_ITEM = 32 * 1024 * 1024
DEEPEST = 16
MOST_PARTS = 400_000
MOST_ATTRIBUTES = 50
XINCLUDE = "{http://www.w3.org/2001/XInclude}"
# What XML 1.0 does not allow at all and exports hold all the same, written by editors of long ago.
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")

Part = Literal["link", "title", "author", "category", "tag", "term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A category, tag or other word that an item stands under."""

    domain: str
    slug: str
    name: str


@dataclass(slots=True)
class Item:
    """One item of an export: a post, a page, a file, an entry of a menu; `facts` are its texts by name."""

    facts: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    comments: list[dict[str, object]] = field(default_factory=list)

    def fact(self, name: str) -> str:
        return self.facts.get(name, "")

    def first_meta(self, *names: str) -> str:
        """Give the first of these that is there and says something."""
        return next((value for name in names for value in self.meta.get(name, ()) if value.strip()), "")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is said of the whole blog: one text, or the texts of one author or term by name."""

    name: str
    text: str
    parts: dict[str, str]


def read_export(file: Path) -> Iterator[Item | Fact]:
    """Read an export from its beginning to its end; raise ImportRefused with the line where it cannot be read."""
    try:
        with file.open("rb") as opened:
            yield from _read(_Bounded(opened))
    except OSError as error:
        raise ImportRefused(f"The file {file} cannot be read: {error.strerror}.") from error


def _read(stream: "_Bounded") -> Iterator[Item | Fact]:
    events = iterparse(stream, events=("start", "end"), forbid_dtd=True)
    depth = parts = 0
    channel: Element | None = None
    try:
        for event, element in events:
            if event == "start":
                depth += 1
                parts += 1
                _check(element, depth, parts, stream)
                if depth == 1 and element.tag != "rss":
                    raise ImportRefused("This is no export of WordPress: the file does not begin with <rss>.")
                if depth == 2:
                    channel = element
                continue
            if depth == 3:
                yield _item(element) if element.tag == "item" else _fact(element)
                if channel is not None:
                    channel.clear()
                parts = 0
                stream.begin_item()
            depth -= 1
    except DefusedXmlException as error:
        raise ImportRefused(
            "The file declares a document type or entities. No export of WordPress does; it is not read."
        ) from error
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        raise ImportRefused(
            f"The file is not whole XML: line {line:,}, column {column + 1:,}: {reason}. "
            "Export it anew, or mend that place; nothing was imported."
        ) from error
    except (UnicodeError, ValueError, LookupError) as error:
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused(f"The file is in no encoding that is known: {error}.") from error


def _check(element: Element, depth: int, parts: int, stream: "_Bounded") -> None:
    if depth > DEEPEST:
        raise ImportRefused(f"Elements are nested more than {DEEPEST} deep near line {stream.line:,}.")
    if parts > MOST_PARTS:
        raise ImportRefused(f"One item has more than {MOST_PARTS:,} parts near line {stream.line:,}.")
    if len(element.attrib) > MOST_ATTRIBUTES:
        raise ImportRefused(f"An element has more than {MOST_ATTRIBUTES} attributes near line {stream.line:,}.")
    if element.tag.startswith(XINCLUDE):
        raise ImportRefused(f"The file wants another file to be included near line {stream.line:,}; it is not read.")


def _fact(element: Element) -> Fact:
    return Fact(_name(element), element.text or "", {_name(part): part.text or "" for part in element})


def _item(element: Element) -> Item:
    item = Item()
    for part in element:
        name, text = _name(part), part.text or ""
        if name == "category":
            item.terms.append(Term(part.get("domain", ""), part.get("nicename", ""), text))
        elif name == "postmeta":
            said = {_name(one): one.text or "" for one in part}
            item.meta.setdefault(said.get("meta_key", ""), []).append(said.get("meta_value", ""))
        elif name == "comment":
            item.comments.append(_comment(part))
        else:
            # The same name twice: the first one says it.
            item.facts.setdefault(name, text)
    return item


def _comment(element: Element) -> dict[str, object]:
    said: dict[str, object] = {}
    meta: dict[str, str] = {}
    for part in element:
        name = _name(part).removeprefix("comment_")
        if name == "commentmeta" or _name(part) == "commentmeta":
            pair = {_name(one): one.text or "" for one in part}
            meta[pair.get("meta_key", "")] = pair.get("meta_value", "")
        else:
            said[name] = part.text or ""
    return said | ({"meta": meta} if meta else {})


def _name(element: Element) -> str:
    """Give the name of an element without its namespace, which is another one in each version of the format."""
    space, _, name = element.tag.rpartition("}")
    if name == "encoded":
        return "excerpt" if space.endswith("/excerpt/") else "content"
    return name


class _Bounded(io.RawIOBase):
    """The bytes of a file without control characters and without white space before its beginning.

    Refuses an item that is too large before it is in memory.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.line = 1
        self.of_item = 0
        self.has_begun = False
        self.is_wide = False

    def begin_item(self) -> None:
        self.of_item = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self.file.read(size if size > 0 else 64 * 1024)
        if not self.has_begun and content:
            self.has_begun = True
            self.is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
            content = content if self.is_wide else content.lstrip()
        self.line += content.count(b"\n")
        self.of_item += len(content)
        if self.of_item > LARGEST_ITEM:
            megabytes = LARGEST_ITEM // 1024**2
            raise ImportRefused(f"One item has more than {megabytes} MB, near line {self.line:,}.")
        if self.is_wide or not content:
            return content
        # A piece that was nothing else would look like the end of the file.
        return content.translate(None, _CONTROL) or b" "
