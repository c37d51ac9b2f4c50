"""What may stand in what: a tree of allowed elements becomes one that HTML's content model accepts.

Content moves as little as possible and words are never lost: an element that may not stand where it stands goes, what
is in it stays. A valid tree reads back as the same tree, so a browser cannot see other elements than we did.
"""

from collections.abc import Callable, Iterator

from blog.content.allowed import BLOCKS, PARTS
from blog.content.tables import repaired_table
from blog.content.tree import Element, descendants, text_of
from blog.languages import gettext as _

Nodes = list[Element | str]


def repair(root: Element) -> None:
    """Make the children of the root valid where blocks and text may stand."""
    root.children = _flow(root.children)


def _flow(children: Nodes) -> Nodes:
    """Give valid content for where blocks and text may stand."""
    return [valid for child in children for valid in _flow_node(child)]


def _flow_node(node: Element | str) -> Nodes:
    if isinstance(node, str):
        return [node]
    if node.tag in _BLOCK_REPAIRS:
        return _BLOCK_REPAIRS[node.tag](node)
    if node.tag in BLOCKS or node.tag in PARTS:
        return _plain_block(node)
    if not node.mixed:
        return _phrasing_node(node)
    if node.tag in {"a", "ins", "del"} and _may_stay(node) and node.tag != "span":
        node.children = _flow(node.children)
        return [node]
    return _flow(node.children)


def _phrasing(children: Nodes) -> Nodes:
    """Give valid content for where only text and what belongs into a line may stand."""
    return [valid for child in children for valid in _phrasing_node(child)]


def _phrasing_node(node: Element | str) -> Nodes:
    if isinstance(node, str):
        return [node]
    if node.tag in {"hr", "input", "source"}:
        return []
    if node.tag in BLOCKS or node.tag in PARTS:
        return [" ", *_phrasing(node.children), " "]
    if node.tag in _PHRASING_REPAIRS:
        return _PHRASING_REPAIRS[node.tag](node)
    node.children = _phrasing(node.children)
    return [node] if _may_stay(node) else node.children


def _may_stay(node: Element) -> bool:
    if node.tag == "a":
        if "href" not in node.attributes:
            node.tag = "span"
            return "id" in node.attributes
        return not node.busy
    return _NEEDED.get(node.tag, "") in {"", *node.attributes}


def _plain_block(node: Element) -> Nodes:
    """Deal with any block without rules of its own; a part outside its whole becomes a plain block."""
    if node.tag in {"rt", "rp", "source"}:
        return _flow(node.children)
    if node.tag in PARTS or (node.tag == "section" and "footnotes" not in node.attributes.get("class", "")):
        node.tag = "div"
        node.attributes.pop("value", None)
    node.children = _flow(node.children)
    return [node]


def _text_block(node: Element) -> Nodes:
    node.children = _phrasing(node.children)
    return [node] if _holds_something(node) else node.children


def _paragraph(node: Element) -> Nodes:
    """A paragraph that is one picture with a title becomes a figure, with the title as its caption."""
    paragraph = _text_block(node)
    if paragraph != [node]:
        return paragraph
    picture = inner = _only_child(node)
    if isinstance(inner, Element) and inner.tag == "a":
        picture = _only_child(inner)
    if inner is None or picture is None or picture.tag != "img" or "title" not in picture.attributes:
        return paragraph
    caption = Element("figcaption", {}, [picture.attributes.pop("title")])
    return [Element("figure", node.attributes, [inner, caption])]


def _heading(node: Element) -> Nodes:
    node.children = _phrasing(node.children)
    return [node] if text_of(node) or any(_named_pictures(node)) else node.children


def _list(node: Element) -> Nodes:
    """Let a list hold items only; whatever else is in it becomes an item."""
    node.attributes.pop("class", None)
    items: Nodes = []
    stray: Nodes = []
    for child in [*node.children, None]:
        if child is None or (isinstance(child, Element) and child.tag == "li"):
            if any(not isinstance(one, str) or one.strip() for one in stray):
                items.append(Element("li", {}, _flow(stray)))
            stray = []
        if isinstance(child, Element) and child.tag == "li":
            if node.tag == "ul":
                child.attributes.pop("value", None)
            box = _task(child)
            child.children = _flow(child.children)
            if box is not None:
                child.children = _put_first(box, child.children)
                node.attributes["class"] = "task-list"
            items.append(child)
        elif child is not None:
            stray.append(child)
    node.children = items
    return [node] if items else []


def _task(item: Element) -> Element | None:
    """Take the checkbox out of an item of a task list and give one in its place; any other is no content of posts."""
    marked = item.attributes.get("class") == "task-list-item"
    item.attributes.pop("class", None)
    first = next((child for child in item.children if isinstance(child, Element) or child.strip()), None)
    if not marked or not isinstance(first, Element) or first.tag != "input":
        return None
    item.attributes["class"] = "task-list-item"
    box = {"type": "checkbox", "disabled": "", "aria-label": _("To do")}
    if "checked" in first.attributes:
        box |= {"checked": "", "aria-label": _("Done")}
    return Element("input", box)


def _put_first(box: Element, children: Nodes) -> Nodes:
    first = next((child for child in children if isinstance(child, Element) or child.strip()), None)
    if isinstance(first, Element) and first.tag == "p":
        first.children[:0] = [box, " "]
        return children
    return [box, *children]


def _definitions(node: Element) -> Nodes:
    """Let a list of definitions hold terms, each with a definition; any other becomes a plain list."""
    items = [child for child in _without_groups(node.children) if isinstance(child, Element) or child.strip()]
    tags = [child.tag if isinstance(child, Element) else "" for child in items]
    if not items or set(tags) != {"dt", "dd"} or tags[0] != "dt" or tags[-1] != "dd":
        node.tag = "ul"
        for child in items:
            if isinstance(child, Element) and child.tag in {"dt", "dd"}:
                child.tag = "li"
        node.children = items
        return _list(node)
    for child in items:
        if isinstance(child, Element):
            child.children = (_phrasing if child.tag == "dt" else _flow)(child.children)
    node.children = items
    return [node]


def _without_groups(children: Nodes) -> Iterator[Element | str]:
    for child in children:
        if isinstance(child, Element) and child.tag == "div":
            yield from _without_groups(child.children)
        else:
            yield child


def _details(node: Element) -> Nodes:
    """Let the summary come first; without one a browser would show a word of its own."""
    summary = next((child for child in node.children if isinstance(child, Element) and child.tag == "summary"), None)
    rest = _flow([child for child in node.children if child is not summary])
    summary = summary or Element("summary")
    summary.children = _phrasing(summary.children)
    if not text_of(summary):
        summary.children.append("Details")
    node.children = [summary, *rest]
    return [node]


def _figure(node: Element) -> Nodes:
    """Let the caption come first or last."""
    caption = next((child for child in node.children if isinstance(child, Element) and child.tag == "figcaption"), None)
    rest = [child for child in node.children if child is not caption]
    is_first = caption is not None and _is_first(node.children, caption)
    children = _flow(rest)
    if caption is not None:
        caption.children = _flow(caption.children)
        if _holds_something(caption):
            children = [caption, *children] if is_first else [*children, caption]
    node.children = children
    return [node] if _holds_something(node) else []


def _is_first(children: Nodes, wanted: Element) -> bool:
    return next((child for child in children if isinstance(child, Element) or child.strip()), None) is wanted


def _table(node: Element) -> Nodes:
    return repaired_table(node, _flow, _phrasing)


def _alone(node: Element) -> Nodes:
    node.children = []
    return [node]


def _picture(node: Element) -> Nodes:
    if "src" in node.attributes:
        return [node]
    return [node.attributes["alt"]] if node.attributes.get("alt") else []


def _player(node: Element) -> Nodes:
    """A film or a sound keeps its sources, and words for browsers that cannot play it."""
    sources: Nodes = [
        child
        for child in node.children
        if isinstance(child, Element) and child.tag == "source" and "src" in child.attributes
    ]
    words = text_of(node)
    if "src" in node.attributes:
        sources = []
    elif not sources:
        return [words] if words else []
    node.attributes["controls"] = ""
    node.children = [*sources, words] if words else sources
    return [node]


def _ruby(node: Element) -> Nodes:
    """Keep each text with its reading after it."""
    children: Nodes = []
    expects_reading = False
    for child in node.children:
        if isinstance(child, Element) and child.tag == "rt" and expects_reading:
            child.children = _phrasing(child.children)
            children.append(child)
            expects_reading = False
        elif not (isinstance(child, Element) and child.tag == "rp"):
            base = _phrasing_node(child)
            children += base
            expects_reading = expects_reading or any(not isinstance(one, str) or one.strip() for one in base)
    readings = [child for child in children if isinstance(child, Element) and child.tag == "rt"]
    if not readings or expects_reading:
        return _phrasing([Element("span", {}, children)])
    node.children = children
    return [node]


def _definition_term(node: Element) -> Nodes:
    node.children = _phrasing(node.children)
    return node.children if any(child.tag == "dfn" for child in descendants(node)) else [node]


def _named_pictures(node: Element) -> Iterator[str]:
    return (one.attributes["alt"] for one in descendants(node) if one.tag == "img" and one.attributes.get("alt"))


def _only_child(node: Element) -> Element | None:
    children = [child for child in node.children if isinstance(child, Element) or child.strip()]
    only = children[0] if len(children) == 1 else None
    return only if isinstance(only, Element) else None


def _holds_something(node: Element) -> bool:
    return any(isinstance(child, Element) or child.strip() for child in node.children)


# What an element means nothing without.
_NEEDED = {"bdo": "dir", "time": "datetime"}
_BLOCK_REPAIRS: dict[str, Callable[[Element], Nodes]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    "p": _paragraph,
    "pre": _text_block,
    "ul": _list,
    "ol": _list,
    "dl": _definitions,
    "details": _details,
    "figure": _figure,
    "table": _table,
    "hr": _alone,
}
_PHRASING_REPAIRS: dict[str, Callable[[Element], Nodes]] = {
    "img": _picture,
    "audio": _player,
    "video": _player,
    "ruby": _ruby,
    "dfn": _definition_term,
}
