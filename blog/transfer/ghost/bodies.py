"""The text of a post as Ghost keeps it - lexical, mobiledoc, HTML or Markdown - in parts of HTML and of Markdown."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from blog.transfer.ghost.cards import card_html
from blog.transfer.ghost.tables import words

Tell = Callable[[str], None]

DEEPEST = 60
"""How deep parts of a text may stand in each other."""
FORMATS = ((16, "code"), (1, "strong"), (2, "em"), (4, "s"), (8, "u"), (32, "sub"), (64, "sup"), (128, "mark"))
"""The bits of a text's format in lexical, the innermost element first."""
_MARKDOWN = frozenset({"markdown", "card-markdown"})
_ALONE = frozenset({"html", "embed", "call-to-action"})
"""Cards with HTML that a writer made, which need not be whole: nothing after it may fall into it."""
_NOT_WORDS = frozenset({"zwnj", "at-link-search"})
_TEXTS = frozenset({"text", "extended-text", "tk", "code-highlight"})
_BLOCK_TAGS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol"})
_INLINE_TAGS = frozenset({"a", "strong", "b", "em", "i", "code", "s", "del", "u", "sub", "sup", "mark"})
_GATED = re.compile(r"<!--kg-gated-block:begin(?P<rules>[^<>]*)-->.*?<!--kg-gated-block:end-->", re.DOTALL)


class Broken(ValueError):
    """A text that is not what Ghost writes."""


@dataclass(slots=True)
class Parts:
    """The parts of a text in their order; HTML goes on in the last part, unless that was closed."""

    parts: list[tuple[Literal["html", "markdown"], str]] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)

    def html(self, html: str) -> None:
        self._pieces.append(html)

    def alone(self, html: str) -> None:
        self.close()
        self.html(html)
        self.close()

    def markdown(self, text: str) -> None:
        self.close()
        self.parts.append(("markdown", text))

    def close(self) -> None:
        if html := "".join(self._pieces):
            self.parts.append(("html", html))
        self._pieces = []

    def card(self, name: str, card: dict[str, Any], tell: Tell) -> None:
        """Take a card in, which one post's editor or another named and filled in."""
        if name in _MARKDOWN:
            self.markdown(words(card.get("markdown")))
        elif name in _ALONE:
            self.alone(card_html(name, card, tell))
        else:
            self.html(card_html(name, card, tell))


def parts_of_row(row: dict[str, Any], tell: Tell) -> list[tuple[Literal["html", "markdown"], str]]:
    """Give the text of a post's row; of what cannot be read, the HTML that Ghost made of it."""
    for name, read in (("lexical", _lexical), ("mobiledoc", _mobiledoc)):
        written = words(row.get(name))
        if not written.strip():
            continue
        parts = Parts()
        try:
            read(written, parts, tell)
        except (Broken, RecursionError):
            tell(f"Its text ({name}) is broken; the HTML that Ghost made of it stands there.")
            break
        parts.close()
        return parts.parts
    html, markdown = words(row.get("html")), words(row.get("markdown"))
    if markdown.strip():
        return [("markdown", markdown)]
    return [("html", _GATED.sub(lambda match: _ungated(match, tell), html))] if html.strip() else []


def _ungated(match: re.Match[str], tell: Tell) -> str:
    if "nonMember:true" in match["rules"].replace(" ", ""):
        return match[0]
    tell("A part that only members saw was left out.")
    return ""


def _lexical(written: str, parts: Parts, tell: Tell) -> None:
    try:
        document = json.loads(written)
    except ValueError as error:
        raise Broken from error
    root = document.get("root") if isinstance(document, dict) else None
    if not isinstance(root, dict):
        raise Broken
    for node in _children(root):
        _lexical_block(node, parts, tell)


def _lexical_block(node: dict[str, Any], parts: Parts, tell: Tell) -> None:
    kind = words(node.get("type"))
    if kind == "list":
        parts.html(_lexical_list(node, 0))
    elif kind in {"paragraph", "heading", "extended-heading", "quote", "extended-quote", "aside"}:
        tag = "p"
        if "heading" in kind:
            tag = words(node.get("tag"))
            tag = tag if tag in _BLOCK_TAGS else "h2"
        elif kind != "paragraph":
            tag = "blockquote"
        parts.html(f"<{tag}>{_lexical_line(_children(node), 0)}</{tag}>")
    elif kind in _TEXTS or kind in {"link", "autolink", "linebreak", "tab"}:
        parts.html(_lexical_line([node], 0))
    elif kind not in _NOT_WORDS:
        if "children" in node:
            for child in _children(node):
                _lexical_block(child, parts, tell)
        else:
            parts.card(kind, node, tell)


def _lexical_list(node: dict[str, Any], depth: int) -> str:
    if depth > DEEPEST:
        raise Broken
    tag = "ol" if words(node.get("listType")) == "number" or words(node.get("tag")) == "ol" else "ul"
    start = node.get("start")
    begins = f' start="{start}"' if tag == "ol" and isinstance(start, int) and start != 1 else ""
    items: list[str] = []
    for item in _children(node):
        children = _children(item)
        inner = [child for child in children if words(child.get("type")) == "list"]
        line = _lexical_line([child for child in children if words(child.get("type")) != "list"], depth + 1)
        below = "".join(_lexical_list(child, depth + 1) for child in inner)
        if inner and not line and items:
            items[-1] += below  # lexical keeps a list within an item as the next item
        else:
            items.append(line + below)
    return f"<{tag}{begins}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _lexical_line(nodes: Sequence[dict[str, Any]], depth: int) -> str:
    if depth > DEEPEST:
        raise Broken
    written: list[str] = []
    for node in nodes:
        kind = words(node.get("type"))
        if kind in _TEXTS:
            text = escape(words(node.get("text")), quote=False)
            formats = node.get("format")
            marks = formats if isinstance(formats, int) else 0
            for bit, tag in FORMATS:
                if marks & bit:
                    text = f"<{tag}>{text}</{tag}>"
            written.append(text)
        elif kind == "linebreak":
            written.append("<br>")
        elif kind == "tab":
            written.append(" ")
        elif kind in {"link", "autolink", "at-link"}:
            title = words(node.get("title"))
            titled = f' title="{escape(title)}"' if title else ""
            inside = _lexical_line(_children(node), depth + 1)
            written.append(f'<a href="{escape(words(node.get("url")))}"{titled}>{inside}</a>')
        elif kind not in _NOT_WORDS:
            written.append(_lexical_line(_children(node), depth + 1))
    return "".join(written)


def _children(node: dict[str, Any]) -> list[dict[str, Any]]:
    children = node.get("children")
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def _mobiledoc(written: str, parts: Parts, tell: Tell) -> None:
    """Read mobiledoc 0.3: sections of markers, which open and close markups by number."""
    try:
        document = json.loads(written)
        if not isinstance(document, dict) or not isinstance(document["sections"], list):
            raise Broken
        reader = _Mobiledoc(document, parts, tell)
        for section in document["sections"]:
            reader.section(section)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Broken from error


class _Mobiledoc:
    def __init__(self, document: dict[str, Any], parts: Parts, tell: Tell) -> None:
        self.markups: list[Any] = document.get("markups", [])
        self.atoms: list[Any] = document.get("atoms", [])
        self.cards: list[Any] = document.get("cards", [])
        self.parts = parts
        self.tell = tell

    def section(self, section: list[Any]) -> None:
        kind = section[0]
        if kind == 1:
            tag = str(section[1]).lower()
            tag = "blockquote" if tag in {"aside", "pull-quote"} else tag if tag in _BLOCK_TAGS else "p"
            self.parts.html(f"<{tag}>{self.line(section[2])}</{tag}>")
        elif kind == 2:
            self.parts.html(f'<figure><img src="{escape(words(section[1]))}" alt=""></figure>')
        elif kind == 3:
            tag = "ol" if str(section[1]).lower() == "ol" else "ul"
            items = "".join(f"<li>{self.line(item)}</li>" for item in section[2])
            self.parts.html(f"<{tag}>{items}</{tag}>")
        elif kind == 10:
            name, card = self.cards[section[1]][:2]
            self.parts.card(str(name), card if isinstance(card, dict) else {}, self.tell)

    def line(self, markers: list[Any]) -> str:
        written: list[str] = []
        is_open: list[str] = []
        for kind, opened, closed, value in markers:
            for number in opened:
                start, tag = self._markup(self.markups[number])
                written.append(start)
                is_open.append(tag)
            written.append(escape(words(value), quote=False) if kind == 0 else self._atom(value))
            for _ in range(min(closed, len(is_open))):
                tag = is_open.pop()
                written.append(f"</{tag}>" if tag else "")
        return "".join(written)

    def _markup(self, markup: list[Any]) -> tuple[str, str]:
        tag = str(markup[0]).lower()
        if tag not in _INLINE_TAGS:
            return "", ""
        pairs = markup[1] if len(markup) > 1 and isinstance(markup[1], list) else []
        attributes = dict(zip(pairs[::2], pairs[1::2], strict=False))
        kept = "".join(
            f' {name}="{escape(words(attributes.get(name)))}"' for name in ("href", "title") if attributes.get(name)
        )
        return f"<{tag}{kept if tag == 'a' else ''}>", tag

    def _atom(self, number: int) -> str:
        name, text = self.atoms[number][:2]
        return "<br>" if name == "soft-return" else escape(words(text), quote=False)
