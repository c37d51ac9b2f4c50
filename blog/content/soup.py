"""HTML as people write it, read into a tree of allowed elements.

Reads in one pass whatever it is given, closing what was left open as browsers do in the common cases. It need not
agree with browsers in the uncommon ones, since its input is never shown: only the tree is, written anew. And it never
copies open elements into later blocks, which makes gigabytes of HTML out of 100 kB in a parser that follows the standard.
"""

import re
from html import unescape

from blog.content.allowed import BLOCKS, HEADINGS, PARTS, PHRASING, RENAMED, SILENT, TABLE_PARTS, TAGS, clean_attributes
from blog.content.budget import DEEPEST, Budget
from blog.content.tree import VOID, Element
from blog.content.urls import is_elsewhere

CHECK_EVERY = 200
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+){0,100}+)>""")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?/][^<>]*+>?+", re.DOTALL)
_CELLS = frozenset({"td", "th", "caption"})
_LISTS = _CELLS | {"ul", "ol", "dl", "table", "blockquote", "details", "figure"}
_CLOSES_PARAGRAPH = BLOCKS | {"li", "dt", "dd", "summary", "figcaption"}
_SIBLINGS = {"li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}}
_TABLE_PARENTS = {
    "td": {"tr", "table", "tbody", "thead", "tfoot"},
    "th": {"tr", "table", "tbody", "thead", "tfoot"},
    "tr": {"table", "tbody", "thead", "tfoot"},
}
_OPERATED = frozenset({"a", "audio", "details", "input", "pre", "table", "video"})
_STOPS_INLINE = BLOCKS | PARTS


def read(html: str, budget: Budget) -> Element:
    """Give the tree of an HTML text; its root is an element `body`."""
    return _Reader(html, budget).root


class _Reader:
    def __init__(self, html: str, budget: Budget) -> None:
        self.html = html
        self.root = Element("body")
        self.stack = [self.root]
        self.unclosed: set[str] = set()
        last_tag_end = html.rfind(">")
        position = count = 0
        while (start := html.find("<", position)) >= 0:
            count += 1
            if count % CHECK_EVERY == 0:
                budget.check()
            self.add_text(html[position:start])
            tag = _TAG.match(html, start) if start < last_tag_end else None
            if tag:
                position = self.take(tag)
            elif comment := _COMMENT.match(html, start):
                position = comment.end()
            else:
                self.add_text("<")
                position = start + 1
        self.add_text(html[position:])

    def take(self, match: re.Match[str]) -> int:
        """Deal with a tag; give where to read on."""
        name = match[2].lower()
        if match[1]:
            self.close(RENAMED.get(name, name))
        elif name in SILENT:
            return self.skip(name, match)
        elif (tag := RENAMED.get(name, name)) in TAGS:
            self.open(tag, match[3])
        return match.end()

    def skip(self, name: str, match: re.Match[str]) -> int:
        """Leave out an element with what is in it; a frame of another site becomes a link to it."""
        if name == "iframe":
            self.add_link(clean_attributes("a", re.sub(r"\bsrc\s*=", "href=", match[3], flags=re.IGNORECASE)))
        if name in self.unclosed:
            return match.end()
        end = re.compile(f"</{name}[^<>]*>", re.IGNORECASE).search(self.html, match.end())
        if end is None:
            # Remembered, or a thousand of them would each search to the end.
            self.unclosed.add(name)
            return match.end()
        return end.end()

    def add_link(self, attributes: dict[str, str]) -> None:
        url = attributes.get("href", "")
        if not is_elsewhere(url):
            return
        link = Element("a", {"href": url}, [attributes.get("title", url)])
        above = self.stack[-1]
        above.children.append(link if above.tag in PHRASING | {"p"} else Element("p", {}, [link]))

    def add_text(self, text: str) -> None:
        if text[:1] == "\n" and self.stack[-1].tag == "pre" and not self.stack[-1].children:
            text = text[1:]  # HTML, section 4.4.3: a line feed right after the tag is not text
        if text:
            self.stack[-1].children.append(unescape(text) if "&" in text else text)

    def open(self, tag: str, written: str) -> None:
        if tag in TABLE_PARTS and not self.make_room_in_table(tag):
            return
        self.end_before(tag)
        if len(self.stack) > DEEPEST:
            return  # its content stays, a level higher
        element = Element(tag, clean_attributes(tag, written) if written else {})
        self.mark_ancestors(tag)
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def end_before(self, tag: str) -> None:
        """Close what ends where this element begins."""
        if tag in _CLOSES_PARAGRAPH:
            self.pop_to({"p"}, _CELLS)
        if tag in _SIBLINGS:
            self.pop_to(_SIBLINGS[tag], _LISTS)
        elif tag in HEADINGS and self.stack[-1].tag in HEADINGS:
            self.stack.pop()
        elif tag == "a":
            self.pop_to({"a"}, _CELLS)
        elif tag in {"rt", "rp"}:
            self.pop_to({"rt", "rp"}, _STOPS_INLINE)

    def make_room_in_table(self, tag: str) -> bool:
        """Close cells and rows until this part of a table may stand here; tell whether there is a table at all."""
        parents = _TABLE_PARENTS.get(tag, {"table"})
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag in parents:
                del self.stack[depth + 1 :]
                return True
            if self.stack[depth].tag == "table":
                return False
        return False

    def mark_ancestors(self, tag: str) -> None:
        if tag in BLOCKS:
            for element in reversed(self.stack):
                if element.tag not in PHRASING or element.mixed:
                    break
                element.mixed = True
        if tag in _OPERATED:
            for element in self.stack:
                element.busy = True

    def close(self, tag: str) -> None:
        if tag == "br":
            self.open("br", "")
        elif tag in TABLE_PARTS:
            self.pop_to({tag}, {"table"})
        elif tag in PHRASING:
            self.pop_to({tag}, _STOPS_INLINE)
        elif tag in HEADINGS:
            self.pop_to(HEADINGS, _CELLS)
        elif tag in TAGS:
            self.pop_to({tag}, _CELLS)

    def pop_to(self, tags: "set[str] | frozenset[str]", barriers: "set[str] | frozenset[str]") -> None:
        """Close the nearest open element of these, with all in it, unless a barrier is nearer."""
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag in tags:
                del self.stack[depth:]
                return
            if self.stack[depth].tag in barriers:
                return
