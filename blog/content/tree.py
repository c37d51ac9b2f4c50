"""A tree of HTML elements, and how it is written."""

from collections.abc import Iterable, Iterator
from html import escape

from markupsafe import Markup

VOID = frozenset({"br", "hr", "img", "input", "source", "wbr"})


def words(*lines: str) -> frozenset[str]:
    """Give the set of the words in these lines."""
    return frozenset(" ".join(lines).split())


class Element:
    """An element with its children: elements, plain text, or Markup that is written as it is."""

    __slots__ = ("attributes", "busy", "children", "mixed", "tag")

    def __init__(
        self, tag: str, attributes: dict[str, str] | None = None, children: "Iterable[Element | str]" = ()
    ) -> None:
        self.tag = tag
        self.attributes = {} if attributes is None else attributes
        self.children: list[Element | str] = list(children)
        self.mixed = False  # phrasing that holds a block
        self.busy = False  # holds something that can be operated: a link, a control, a scrolling region


def descendants(element: Element) -> Iterator[Element]:
    """Give the elements below this one, in the order of the text."""
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from descendants(child)


def text_of(element: Element | str, *, without: frozenset[str] = frozenset()) -> str:
    """Give the words of an element, white space collapsed, leaving out elements with these tags."""
    parts: list[str] = []
    _collect(element, without, parts)
    return " ".join("".join(parts).split())


def write(element: Element) -> str:
    """Write the children of an element as HTML."""
    parts: list[str] = []
    _write(element.children, parts)
    return "".join(parts)


def _collect(node: Element | str, without: frozenset[str], parts: list[str]) -> None:
    if isinstance(node, Markup):
        parts.append(node.striptags())
    elif isinstance(node, str):
        parts.append(node)
    elif node.tag not in without:
        apart = node.tag not in _WITHIN_WORDS
        if apart:
            parts.append(" ")
        for child in node.children:
            _collect(child, without, parts)
        if apart:
            parts.append(" ")


def _write(children: list[Element | str], parts: list[str]) -> None:
    for child in children:
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(child, quote=False))
        else:
            parts.append(f"<{child.tag}")
            for name, value in child.attributes.items():
                parts.append(f' {name}="{escape(value)}"')
            parts.append(">")
            if child.tag in VOID:
                continue
            if child.tag == "pre" and _begins_with_line_feed(child):
                parts.append("\n")  # parsers drop the first line feed of a pre
            _write(child.children, parts)
            parts.append(f"</{child.tag}>")


def _begins_with_line_feed(element: Element) -> bool:
    first = element.children[0] if element.children else ""
    return first.startswith("\n") if isinstance(first, str) else False


# Between these and their neighbours words do not end.
_WITHIN_WORDS = words(
    "a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u var wbr"
)
