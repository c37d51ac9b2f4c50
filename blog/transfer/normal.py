"""HTML of other systems in one form: what looks the same to readers is written the same.

A box that says nothing of itself goes, and what is in it stands by itself; words that stand in no paragraph get one;
bold is strong and slanted is emphasis; spaces stand outside of emphasis, and at no edge; a picture alone is a paragraph.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from blog.content.allowed import BLOCKS, HEADINGS, PARTS
from blog.content.repair import repair
from blog.content.text import clean_text
from blog.content.tree import Element

Nodes = list[Element | str]

_SPACE = re.compile(r"[ \t\n\r\f]+")
_EDGE = " \t\n\r\f"
_SAME = {"b": "strong", "i": "em", "del": "s"}
MARKED = frozenset({"strong", "em", "s"})
_TRIMMED = MARKED | {"a", "code"}
_MEANS_NOTHING_EMPTY = MARKED | {
    "code",
    "a",
    "span",
    "small",
    "sub",
    "sup",
    "u",
    "mark",
    "q",
    "cite",
    "kbd",
    "samp",
    "ins",
}
_WRAPS = frozenset({"body", "blockquote", "div", "section"})
"""In these, words that stand in no paragraph get one."""
_WORDS = frozenset({"p", "summary", "dt"}) | HEADINGS
_STAND_ALONE = (BLOCKS | PARTS) - {"rt", "rp", "source"}


def normal(root: Element) -> Element:
    """Make a tree that was just read valid, and give it that form."""
    repair(root)
    root.children = _flow(root.children, wraps=True)
    return root


def is_inline(node: Element | str) -> bool:
    """Tell whether a node of a normal tree belongs into a line of text."""
    return isinstance(node, str) or not (node.tag in _STAND_ALONE or node.mixed)


def _flow(children: Iterable[Element | str], *, wraps: bool) -> Nodes:
    """Give blocks and the lines between them; with `wraps`, each run of lines as a paragraph."""
    blocks: Nodes = []
    run: Nodes = []

    def end_run() -> None:
        words = line(run)
        run.clear()
        if _says_something(words):
            blocks.extend([Element("p", {}, words)] if wraps else words)

    for child in children:
        if is_inline(child):
            run.append(child)
            continue
        end_run()
        assert isinstance(child, Element)  # noqa: S101 - text is inline
        blocks += _block(child)
    end_run()
    return blocks


def _block(element: Element) -> Nodes:
    tag, children, attributes = element.tag, element.children, element.attributes
    if tag == "pre":
        return [_code(element)]
    if tag in _WORDS:
        if tag in HEADINGS:
            attributes.pop("id", None)
        element.children = line(children)
        return [element] if _says_something(element.children) or tag in PARTS else []
    if tag in {"div", "section"} and not attributes:
        return _flow(children, wraps=True)
    if tag == "figure":
        return _figure(element)
    if tag in {"ul", "ol"}:
        _numbers(attributes)
        element.children = [_item(item) for item in children if isinstance(item, Element)]
        return [element]
    if tag == "table":
        _table(element)
        return [element]
    element.children = _flow(children, wraps=tag in _WRAPS)
    return [element] if element.children or tag in {"hr", "dd"} else []


def _item(item: Element) -> Element:
    """An item that is one box is what is in the box."""
    children = [child for child in item.children if not isinstance(child, str) or child.strip()]
    only = children[0] if len(children) == 1 else None
    if isinstance(only, Element) and only.tag == "div" and not only.attributes:
        return _item(Element(item.tag, item.attributes, only.children))
    item.children = _flow(item.children, wraps=False)
    return item


def _numbers(attributes: dict[str, str]) -> None:
    if attributes.get("start") == "1":
        del attributes["start"]
    if attributes.get("type") == "1":
        del attributes["type"]


def _figure(figure: Element) -> Nodes:
    """A frame without words of its own around one thing is that thing."""
    figure.children = [
        Element("figcaption", child.attributes, _caption(child))
        if isinstance(child, Element) and child.tag == "figcaption"
        else child
        for child in _flow(figure.children, wraps=False)
    ]
    caption = any(isinstance(child, Element) and child.tag == "figcaption" for child in figure.children)
    if figure.attributes or caption or len(figure.children) != 1:
        return [figure]
    only = figure.children[0]
    return [Element("p", {}, [only]) if is_inline(only) else only]


def _caption(caption: Element) -> Nodes:
    """Words of a caption stand in it as a line, though some systems put them into one paragraph."""
    children = _flow(caption.children, wraps=False)
    only = children[0] if len(children) == 1 else None
    return only.children if isinstance(only, Element) and only.tag == "p" and not only.attributes else children


def _table(table: Element) -> None:
    for part in table.children:
        if not isinstance(part, Element):
            continue
        if part.tag == "caption":
            part.children = line(part.children)
            continue
        for row in part.children:
            for cell in row.children if isinstance(row, Element) else ():
                if isinstance(cell, Element):
                    _item(cell)
                    if part.tag == "thead" and cell.attributes.get("scope") == "col":
                        del cell.attributes["scope"]
                    if len(cell.children) == 1 and isinstance(only := cell.children[0], Element) and only.tag == "p":
                        cell.children = cell.children if only.attributes else only.children


def _code(pre: Element) -> Element:
    """Code is its text alone, with its language on the element that says it is code, and a line end at its end."""
    inner = pre.children[0] if len(pre.children) == 1 else None
    if not isinstance(inner, Element) or inner.tag != "code" or not _is_text(inner.children):
        if _is_text(pre.children):
            pre.children = [_plain(pre.children)]
        return pre
    language = next((one for one in (inner, pre) if "language-" in one.attributes.get("class", "")), inner)
    name = next((one for one in language.attributes.get("class", "").split() if one.startswith("language-")), "")
    for one in (inner, pre):
        one.attributes.pop("class", None)
    if name:
        inner.attributes["class"] = name
    text = _plain(inner.children)
    inner.children = [text if text.endswith("\n") or not text else text + "\n"]
    return pre


def _is_text(children: Iterable[Element | str]) -> bool:
    return all(
        isinstance(child, str)
        or child.tag == "br"
        or (child.tag == "span" and not child.attributes and _is_text(child.children))
        for child in children
    )


def _plain(children: Iterable[Element | str]) -> str:
    return "".join(
        clean_text(child) if isinstance(child, str) else "\n" if child.tag == "br" else _plain(child.children)
        for child in children
    )


def line(children: Iterable[Element | str]) -> Nodes:
    """Give a run of text in normal form: no spaces at its ends or around line breaks, no break at its end."""
    nodes = _joined(_inline(children, frozenset()))
    while nodes and (_is_break(nodes[-1]) or _is_blank(nodes[-1])):
        nodes.pop()
    for position, node in enumerate(nodes):
        if isinstance(node, str):
            if position == 0 or _is_break(nodes[position - 1]):
                node = node.lstrip(_EDGE)
            if position == len(nodes) - 1 or _is_break(nodes[position + 1]):
                node = node.rstrip(_EDGE)
            nodes[position] = node
    return [node for node in nodes if node != ""]


def _inline(children: Iterable[Element | str], within: frozenset[str]) -> Nodes:
    nodes: Nodes = []
    for child in children:
        if isinstance(child, str):
            nodes.append(_SPACE.sub(" ", clean_text(child)))
        else:
            nodes += _phrase(child, within)
    return nodes


def _phrase(element: Element, within: frozenset[str]) -> Nodes:
    attributes = element.attributes
    if element.tag == "img":
        attributes.setdefault("alt", "")
    for name in ("alt", "title"):
        if name in attributes:
            attributes[name] = " ".join(clean_text(attributes[name]).split())
            if name == "title" and not attributes[name]:
                del attributes[name]
    tag = element.tag if attributes else _SAME.get(element.tag, element.tag)
    if (tag == "span" and not attributes) or (tag in within and not attributes):
        return _inline(element.children, within)
    inside = _joined(_inline(element.children, within | {tag} if tag in MARKED else within))
    if not inside and tag in _MEANS_NOTHING_EMPTY and "id" not in attributes:
        return []
    before, inside, after = _without_edges(inside, is_trimmed=tag in _TRIMMED)
    if not inside and tag in _MEANS_NOTHING_EMPTY and "id" not in attributes:
        return [*before, *after]
    if tag == "strong" and not attributes and len(inside) == 1 and _is_mark(inside[0], "em"):
        # Which of two around the same words is the outer one, nobody sees.
        inner = inside[0]
        assert isinstance(inner, Element)  # noqa: S101 - text is no mark
        tag, inside = "em", [Element("strong", {}, inner.children)]
    return [*before, Element(tag, attributes, inside), *after]


def _without_edges(nodes: Nodes, *, is_trimmed: bool) -> tuple[Nodes, Nodes, Nodes]:
    """Take line breaks off the ends of what an element holds, and spaces where they would be in the way."""
    start, end = 0, len(nodes)
    while start < end and _may_leave(nodes[start], is_trimmed):
        start += 1
    while end > start and _may_leave(nodes[end - 1], is_trimmed):
        end -= 1
    before, inside, after = nodes[:start], nodes[start:end], nodes[end:]
    if is_trimmed and inside and isinstance(first := inside[0], str) and first[0] in _EDGE:
        before, inside[0] = [*before, " "], first.lstrip(_EDGE)
    if is_trimmed and inside and isinstance(last := inside[-1], str) and last[-1] in _EDGE:
        after, inside[-1] = [" ", *after], last.rstrip(_EDGE)
    return before, inside, after


def _may_leave(node: Element | str, is_trimmed: bool) -> bool:
    return (is_trimmed and _is_blank(node)) or (_is_break(node) and not getattr(node, "attributes", {}))


def _joined(nodes: Nodes) -> Nodes:
    """Join neighbours that are text, and neighbours that are the same mark."""
    joined: Nodes = []
    for kind, group in groupby((node for node in nodes if node != ""), _kind):
        if kind == "text":
            texts = [node for node in group if isinstance(node, str)]
            # One alone has its spaces in order already.
            joined.append(texts[0] if len(texts) == 1 else _SPACE.sub(" ", "".join(texts)))
        elif kind == "other":
            joined += group
        else:
            marks = [node for node in group if isinstance(node, Element)]
            if len(marks) > 1:
                marks[0].children = _joined([child for mark in marks for child in mark.children])
            joined.append(marks[0])
    return joined


def _kind(node: Element | str) -> str:
    if isinstance(node, str):
        return "text"
    return node.tag if node.tag in MARKED and not node.attributes else "other"


def _says_something(nodes: Nodes) -> bool:
    """Tell whether there is anything but spaces of any kind."""
    return any(isinstance(node, Element) or node.strip() for node in nodes)


def _is_mark(node: Element | str, tag: str) -> bool:
    return isinstance(node, Element) and node.tag == tag and not node.attributes


def _is_break(node: Element | str) -> bool:
    return isinstance(node, Element) and node.tag == "br"


def _is_blank(node: Element | str) -> bool:
    return isinstance(node, str) and not node.strip(_EDGE)


def signature(nodes: Iterable[Element | str]) -> str:
    """Write nodes of a normal tree so that two that readers cannot tell apart are the same words."""
    parts: list[str] = []
    _sign(nodes, parts)
    return "".join(parts)


def _sign(nodes: Iterable[Element | str], parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node.replace("<", "&lt;"))
            continue
        parts.append(f"<{node.tag}")
        parts += (f" {name}={value!r}" for name, value in sorted(node.attributes.items()))
        parts.append(">")
        _sign(node.children, parts)
        parts.append("</>")
