"""The last pass over a post's tree: headings in order, unique ids, sized pictures, labelled tables and code.

Ids of headings begin with `h-`, those of footnotes with `fn-` and `fnref-`, the writer's own with `user-`; no page of
ours uses such an id itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from blog.content.allowed import HEADINGS
from blog.content.budget import Budget
from blog.content.highlight import highlighted
from blog.content.slugs import Numbering, slugify
from blog.content.tree import Element, text_of
from blog.content.urls import is_elsewhere
from blog.languages import gettext as _

PROSE_WIDTH = 46 * 16
"""Pixels of a column of text on a wide screen, about."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a picture that we hold: its size in pixels, its colour, its copies by width and format."""

    width: int | None = None
    height: int | None = None
    colour: str = ""
    copies: Sequence[tuple[int, str]] = ()


Look = Callable[[str], Shown | None]
"""Tells what is known of the picture at a URL."""
FORMATS = ("avif", "webp")
"""In the order in which browsers are to prefer them."""
PLAYED = frozenset({"audio", "video", "source"})
FOOTNOTE_MARKS = frozenset({"sup"})


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the contents list: its level (2 or 3), its id on the page, and its words."""

    level: int
    id: str
    text: str


@dataclass(slots=True)
class Finish:
    """Finishes the tree it is given with `over`, and holds what was found in it."""

    look: Look
    budget: Budget
    contents: list[Heading] = field(default_factory=list)
    pictures: dict[str, None] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    played: dict[str, None] = field(default_factory=dict)
    _ids: Numbering = field(default_factory=Numbering)
    _open_levels: list[int] = field(default_factory=list)
    _within_page: list[Element] = field(default_factory=list)
    _renamed: dict[str, str] = field(default_factory=dict)  # ids that headings came with, and those they got
    _tables: int = 0
    _samples: int = 0
    _has_footnotes: bool = False

    def over(self, root: Element) -> None:
        """Finish everything in a tree."""
        self._children(root)
        for link in self._within_page:
            self._point(link)

    def _children(self, parent: Element) -> None:
        for position, child in enumerate(parent.children):
            if not isinstance(child, Element):
                continue
            self._element(child)
            self._children(child)
            if child.tag == "table":
                self._tables += 1
                parent.children[position] = _scrolling(child, self._tables)
            elif child.tag == "img":
                parent.children[position] = self._in_sizes(child)

    def _element(self, element: Element) -> None:
        tag, attributes = element.tag, element.attributes
        if tag in HEADINGS:
            self._heading(element)
        elif tag == "img":
            self._picture(attributes)
        elif tag == "a":
            self._link(element)
        elif tag in PLAYED:
            self.played |= {attributes[name]: None for name in ("src", "poster") if name in attributes}
        elif tag == "pre":
            self._code(element)
        elif tag in {"thead", "tbody", "tfoot"}:
            _scope(element)
        elif tag == "section":
            self._footnotes(element)
        if "id" in attributes and tag not in HEADINGS:
            if attributes["id"] in self._ids.taken:
                del attributes["id"]
            else:
                self._ids.taken.add(attributes["id"])

    def _heading(self, element: Element) -> None:
        """Give a level by what a heading stands under, so that a post begins at h2 and none is skipped."""
        written = int(element.tag[1])
        while self._open_levels and self._open_levels[-1] >= written:
            self._open_levels.pop()
        self._open_levels.append(written)
        level = min(len(self._open_levels) + 1, 6)
        element.tag = f"h{level}"
        words = text_of(element, without=FOOTNOTE_MARKS)
        own = element.attributes.pop("id", None)
        element.attributes["id"] = self._ids.next(_heading_id(words) or "h-section")
        if own:
            self._renamed[own] = element.attributes["id"]
        if level <= 3:
            self.contents.append(Heading(level, element.attributes["id"], words))

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes["src"]
        attributes.setdefault("alt", "")
        shown = self.look(source)
        if shown is not None:
            _fill_in(attributes, (shown.width or 0, shown.height or 0))
            attributes |= {"data-colour": shown.colour} if shown.colour else {}
        if self.pictures:
            attributes |= {"loading": "lazy", "decoding": "async"}
        else:
            attributes |= {"loading": "eager", "fetchpriority": "high"}
        self.pictures[source] = None

    def _in_sizes(self, img: Element) -> Element:
        """Offer a picture's smaller copies, from which a browser takes what its screen needs."""
        source = img.attributes["src"]
        shown = self.look(source)
        if shown is None or not shown.copies:
            return img
        stem = source.rpartition(".")[0]
        given = img.attributes.get("width", "")
        sizes = f"min({min(int(given or PROSE_WIDTH), PROSE_WIDTH)}px, calc(100vw - 2.25rem))"
        sources = []
        for kind in FORMATS:
            files = [f"{stem}-{width}.{kind} {width}w" for width, made in shown.copies if made == kind]
            if files:
                sources.append(Element("source", {"type": f"image/{kind}", "srcset": ", ".join(files), "sizes": sizes}))
        return Element("picture", {}, [*sources, img])

    def _link(self, element: Element) -> None:
        address = element.attributes["href"]
        if is_elsewhere(address):
            element.attributes["rel"] = "noopener"
        elif address.startswith("#"):
            self._within_page.append(element)
        elif address and not address.startswith(("mailto:", "tel:")):
            self.links[address] = None

    def _point(self, link: Element) -> None:
        """Let a link to a heading's or the writer's own id follow the prefix which that id got."""
        wanted = unquote(link.attributes["href"][1:])
        for target in (wanted, f"user-{wanted}", self._renamed.get(f"user-{wanted}"), _heading_id(wanted)):
            if target in self._ids.taken:
                link.attributes["href"] = f"#{target}"
                return

    def _code(self, pre: Element) -> None:
        self._samples += 1
        pre.attributes |= {
            "role": "region",
            "tabindex": "0",
            "aria-label": _("Code sample %(number)s") % {"number": self._samples},
        }
        code = pre.children[0] if len(pre.children) == 1 else None
        if (
            not isinstance(code, Element)
            or code.tag != "code"
            or not all(isinstance(one, str) for one in code.children)
        ):
            return
        language = code.attributes.get("class", "").partition("language-")[2].partition(" ")[0]
        text = "".join(one for one in code.children if isinstance(one, str))
        colourful = highlighted(text, language, self.budget) if language else None
        if colourful is not None:
            pre.attributes["class"] = "highlight"
            code.children = [colourful]

    def _footnotes(self, element: Element) -> None:
        if self._has_footnotes:
            element.tag = "div"
            element.attributes.pop("class", None)
        else:
            element.attributes["aria-label"] = _("Footnotes")
        self._has_footnotes = True


def _heading_id(words: str) -> str:
    slug = slugify(words)[:70].rstrip("-")
    return f"h-{slug}" if slug else ""


def _scrolling(table: Element, number: int) -> Element:
    region = {
        "class": "table-scroll",
        "role": "region",
        "tabindex": "0",
        "aria-label": _("Table %(number)s") % {"number": number},
    }
    return Element("div", region, [table])


def _scope(group: Element) -> None:
    """Say of each heading cell whether it is about its column or its row."""
    for number, row in enumerate(child for child in group.children if isinstance(child, Element)):
        cells = [cell for cell in row.children if isinstance(cell, Element)]
        of_column = group.tag == "thead" or (number == 0 and all(cell.tag == "th" for cell in cells))
        for cell in cells:
            if cell.tag == "th":
                cell.attributes.setdefault("scope", "col" if of_column else "row")


def _fill_in(attributes: dict[str, str], size: tuple[int, int] | None) -> None:
    """Give a picture the width and height that it has; one that the writer chose keeps the proportions."""
    if size is None or min(size) < 1:
        return
    width, height = size
    if "width" in attributes:
        attributes.setdefault("height", str(round(int(attributes["width"]) * height / width)))
    elif "height" in attributes:
        attributes["width"] = str(round(int(attributes["height"]) * width / height))
    else:
        attributes |= {"width": str(width), "height": str(height)}
