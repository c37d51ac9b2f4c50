"""A tree of HTML in normal form as Markdown. What Markdown has no words for is written as HTML.

Nothing here promises that the Markdown means the same: `markup` reads it back and compares.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

from blog.content.tree import VOID, Element
from blog.content.tree import write as write_html
from blog.transfer.escaping import EDGE, Mark, Piece, address, as_line, as_words, assembled, quoted
from blog.transfer.normal import is_inline

Nodes = Sequence[Element | str]

DEEPEST = 8
"""Lists and quotes within each other; deeper ones stay HTML, for each level indents all lines within."""
MARKS = {"em": "*", "strong": "**", "s": "~~"}
_TICKS = re.compile(r"`+")
_BLANK = re.compile(r"\n(?=[ \t]*\n)")
_FIRST_LINE = re.compile(r"(<pre[^<>]*>)\n\n")
"""How a tree writes a line feed that begins a pre, for readers of HTML drop the first."""
_BREAKS_INSIDE = frozenset(
    {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "div", "blockquote", "details", "figure"}
)
_ALIGNMENTS = {"": "---", "align-left": ":--", "align-center": ":-:", "align-right": "--:"}
_ALERT = "markdown-alert"


class NotMarkdown(Exception):
    """A part that Markdown cannot say."""


class Writer:
    """Writes blocks. With `tags`, emphasis is written as HTML: for words where Markdown would not see it."""

    def __init__(self, *, tags: bool = False) -> None:
        self.tags = tags

    def block(self, node: Element, depth: int = 0, *, after: str = "") -> str:
        """Write a block; `after` is the Markdown before it, for two lists in a row must not become one."""
        writes = _BLOCKS.get(node.tag)
        try:
            if writes is None or depth > DEEPEST:
                raise NotMarkdown
            return writes(self, node, depth, after)
        except NotMarkdown:
            return as_html(node)

    def blocks(self, nodes: Nodes, depth: int) -> list[str]:
        """Write the blocks within another; a run of text among them is one of them."""
        written: list[str] = []
        run: list[Element | str] = []
        for node in [*nodes, None]:
            if node is not None and is_inline(node):
                run.append(node)
                continue
            if run:
                written.append(self.line(run))
                run = []
            if isinstance(node, Element):
                written.append(self.block(node, depth, after=written[-1] if written else ""))
        return written

    def line(self, nodes: Nodes) -> str:
        return as_line(assembled(self.inline(nodes), EDGE))

    def one_line(self, nodes: Nodes) -> str:
        """Write text where no line may end."""
        return assembled(self.inline(nodes, line_break="<br>"), EDGE).replace("\n", " ")

    def paragraph(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        return self.line(node.children)

    def heading(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        words = self.one_line(node.children)
        if words.endswith("#"):
            words = words[:-1] + "\\#"
        return f"{'#' * int(node.tag[1])} {words}"

    def rule(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        return "---"

    def quote(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        return _prefixed("\n\n".join(self.blocks(node.children, depth + 1)))

    def alert(self, node: Element, depth: int, after: str) -> str:
        kind = node.attributes.get("class", "").removeprefix(f"{_ALERT} {_ALERT}-")
        title, *rest = node.children or [""]
        if set(node.attributes) != {"class"} or not isinstance(title, Element) or title.children != [kind.capitalize()]:
            raise NotMarkdown
        return _prefixed("\n\n".join([f"[!{kind.upper()}]\n" + "\n\n".join(self.blocks(rest, depth + 1))]))

    def listed(self, node: Element, depth: int, after: str) -> str:
        if set(node.attributes) - {"start", "class"}:
            raise NotMarkdown
        number = int(node.attributes.get("start", "1"))
        if number < 0:
            raise NotMarkdown
        bullet = "*" if after.startswith("- ") else "-"
        stop = ")" if re.match(r"\d+\. ", after) else "."
        items: list[str] = []
        is_loose = False
        for item in node.children:
            if not isinstance(item, Element) or set(item.attributes) - {"class"}:
                raise NotMarkdown
            mark = f"{number}{stop} " if node.tag == "ol" else f"{bullet} "
            parts = self.blocks(_without_box(item), depth + 1)
            is_loose = is_loose or any(isinstance(child, Element) and child.tag == "p" for child in item.children)
            words = ("\n\n" if is_loose else "\n").join(parts)
            items.append(f"{mark}{_box(item)}{_indented(words, len(mark))}".rstrip(" "))
            number += 1
        return ("\n\n" if is_loose else "\n").join(items)

    def code(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        inner = node.children[0] if node.children else ""
        if not isinstance(inner, Element) or len(node.children) > 1 or set(inner.attributes) - {"class"}:
            raise NotMarkdown
        text = "".join(_only_text(inner))
        language = inner.attributes.get("class", "").removeprefix("language-")
        longest = max((len(run) for run in _TICKS.findall(text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{language}\n{text}{fence}"

    def figure(self, node: Element, depth: int, after: str) -> str:
        """A picture whose caption is plain words is a picture with a title."""
        _plain(node)
        if len(node.children) != 2:
            raise NotMarkdown
        picture, caption = node.children
        if not isinstance(picture, Element) or not isinstance(caption, Element) or caption.tag != "figcaption":
            raise NotMarkdown
        _plain(caption)
        title = "".join(_only_text(caption))
        link = picture if picture.tag == "a" else None
        if link is not None:
            picture = link.children[0] if len(link.children) == 1 and isinstance(link.children[0], Element) else link
        if picture.tag != "img" or set(picture.attributes) - {"src", "alt"} or not title or "\n" in title:
            raise NotMarkdown
        shown = self._picture(Element("img", picture.attributes | {"title": title}))
        return f"[{shown}]({_target(link)})" if link is not None else shown

    def table(self, node: Element, depth: int, after: str) -> str:
        _plain(node)
        groups = [group for group in node.children if isinstance(group, Element)]
        if (
            len(groups) != len(node.children)
            or not groups
            or [group.tag for group in groups[1:]] not in ([], ["tbody"])
        ):
            raise NotMarkdown
        if groups[0].tag != "thead" or len(groups[0].children) != 1:
            raise NotMarkdown
        rows = [row for group in groups for row in group.children if isinstance(row, Element)]
        looks = [cell.attributes.get("class", "") for cell in rows[0].children if isinstance(cell, Element)]
        lines = [self._row(row) for row in rows]
        if any(look not in _ALIGNMENTS for look in looks):
            raise NotMarkdown
        lines.insert(1, "| " + " | ".join(_ALIGNMENTS[look] for look in looks) + " |")
        return "\n".join(lines)

    def _row(self, row: Element) -> str:
        _plain(row)
        cells = []
        for cell in row.children:
            if (
                not isinstance(cell, Element)
                or set(cell.attributes) - {"class"}
                or not all(map(is_inline, cell.children))
            ):
                raise NotMarkdown
            cells.append(self.one_line(cell.children).replace("|", "\\|"))
        return "| " + " | ".join(cells) + " |"

    def inline(self, nodes: Nodes, *, line_break: str = "\\\n", in_link: bool = False) -> list[Piece]:
        """Write a run of text in pieces, for whether emphasis is seen depends on what stands beside it."""
        pieces: list[Piece] = []
        for node in nodes:
            if isinstance(node, str):
                pieces.append(as_words(node, in_link=in_link))
            elif node.tag == "br" and not node.attributes:
                pieces.append(line_break)
            elif node.tag in MARKS and not node.attributes:
                inside = assembled(self.inline(node.children, line_break=line_break, in_link=in_link), "*")
                pieces.append(_tagged(node, inside) if self.tags else Mark(MARKS[node.tag], inside, node.tag))
            elif node.tag == "code" and not node.attributes and all(isinstance(one, str) for one in node.children):
                pieces.append(_code_span("".join(_only_text(node))))
            elif node.tag == "img" and not set(node.attributes) - {"src", "alt", "title"}:
                pieces.append(self._picture(node))
            elif node.tag == "a" and not set(node.attributes) - {"href", "title"} and not in_link:
                pieces.append(self._link(node, line_break))
            else:
                in_this = in_link or node.tag == "a"
                inside = assembled(self.inline(node.children, line_break=line_break, in_link=in_this), "*")
                pieces.append(_tagged(node, inside))
        return pieces

    def _link(self, node: Element, line_break: str) -> str:
        href = node.attributes["href"]
        if node.children == [href] and re.match(r"https?://[!-;=?-~]+\Z", href) and "title" not in node.attributes:
            return f"<{href}>"
        words = assembled(self.inline(node.children, line_break=line_break, in_link=True), "*")
        return f"[{words}]({_target(node)})"

    def _picture(self, node: Element) -> str:
        alt = as_words(node.attributes.get("alt", ""), in_link=True)
        return f"![{alt}]({_target(node, 'src')})"


def as_html(node: Element) -> str:
    """Write a block as HTML that Markdown leaves alone: it begins with a tag, and no line in it is blank."""
    parts: list[str] = []
    _write_block(node, parts)
    return _BLANK.sub("&#10;", _FIRST_LINE.sub(r"\1&#10;", "".join(parts)))


def _write_block(node: Element, parts: list[str]) -> None:
    if node.tag not in _BREAKS_INSIDE and not node.mixed:
        parts.append(write_html(Element("", {}, [node])))
        return
    parts.append(_start_tag(node))
    if node.tag in VOID:
        return
    was_inline = False
    for child in node.children:
        if is_inline(child):
            if not was_inline:
                parts.append("\n")
            parts.append(write_html(Element("", {}, [child])))
        elif isinstance(child, Element):
            parts.append("\n")
            _write_block(child, parts)
        was_inline = is_inline(child)
    parts.append(f"\n</{node.tag}>")


def _start_tag(node: Element) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    return f"<{node.tag}{attributes}>"


def _tagged(node: Element, inside: str) -> str:
    return _start_tag(node) if node.tag in VOID else f"{_start_tag(node)}{inside}</{node.tag}>"


def _plain(node: Element) -> None:
    if node.attributes:
        raise NotMarkdown


def _only_text(node: Element) -> list[str]:
    words = [child for child in node.children if isinstance(child, str)]
    if len(words) != len(node.children):
        raise NotMarkdown
    return words


def _target(node: Element, name: str = "href") -> str:
    title = node.attributes.get("title", "")
    return address(node.attributes[name]) + (f" {quoted(title)}" if title else "")


def _code_span(text: str) -> str:
    longest = {len(run) for run in _TICKS.findall(text)}
    ticks = "`" * next(length for length in range(1, len(longest) + 2) if length not in longest)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{room}{text}{room}{ticks}"


def _without_box(item: Element) -> Nodes:
    return item.children[1:] if _is_box(item) else item.children


def _box(item: Element) -> str:
    if not _is_box(item):
        if item.attributes:
            raise NotMarkdown
        return ""
    box = item.children[0]
    assert isinstance(box, Element)  # noqa: S101 - text is no box
    return "[x] " if "checked" in box.attributes else "[ ] "


def _is_box(item: Element) -> bool:
    first = item.children[0] if item.children else ""
    return "class" in item.attributes and isinstance(first, Element) and first.tag == "input"


def _prefixed(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _indented(text: str, width: int) -> str:
    room = " " * width
    return "\n".join(room + line if line and number else line for number, line in enumerate(text.split("\n")))


_Writes = Callable[[Writer, Element, int, str], str]
_BLOCKS: dict[str, _Writes] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Writer.heading),
    "p": Writer.paragraph,
    "hr": Writer.rule,
    "blockquote": Writer.quote,
    "div": Writer.alert,
    "ul": Writer.listed,
    "ol": Writer.listed,
    "pre": Writer.code,
    "figure": Writer.figure,
    "table": Writer.table,
}
