"""HTML of other systems as Markdown, where that is lossless; else as the HTML of that part.

What is written is read back as our pages read it, and compared: a part that does not come back the same stays HTML.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from blog.content import soup
from blog.content.allowed import HEADINGS
from blog.content.budget import Budget, ContentRefused
from blog.content.finish import FOOTNOTE_MARKS
from blog.content.slugs import Numbering
from blog.content.syntax import to_html
from blog.content.text import clean_text
from blog.content.tree import Element, descendants, text_of
from blog.transfer.anchors import heading_id
from blog.transfer.normal import normal, signature
from blog.transfer.writing import Writer, as_html

Change = Callable[[Element], "Element | str | None"]
"""Looks at a link or a picture, may change its attributes, and gives what stands in its place; None: what is in it."""


def as_it_is(element: Element) -> Element:
    """Leave a link or a picture as it is."""
    return element


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import changes: links (`a`), pictures (`img`), and what is played (`audio`, `video`, `source`)."""

    link: Change = as_it_is
    picture: Change = as_it_is
    recording: Change = as_it_is


def to_markdown(html: str, changes: Changes | None = None) -> str:
    """Write HTML as Markdown; raise ContentRefused for what takes too long to read."""
    budget = Budget.start()
    root = read(html, budget, changes)
    blocks = [child for child in root.children if isinstance(child, Element)]
    return _Document(blocks, budget).text()


def read(html: str, budget: Budget, changes: Changes | None = None) -> Element:
    """Read HTML into a tree in normal form, with these changes."""
    root = soup.read(clean_text(html), budget)
    if changes is not None:
        _change(root, changes)
    _point_to_headings(root)
    budget.check()
    return normal(root)


def _change(parent: Element, changes: Changes) -> None:
    children: list[Element | str] = []
    for child in parent.children:
        if isinstance(child, Element):
            _change(child, changes)
            wanted = _CHANGED.get(child.tag)
            changed = wanted(changes)(child) if wanted else child
            children += child.children if changed is None else [changed]
        else:
            children.append(child)
    parent.children = children


def _point_to_headings(root: Element) -> None:
    """Point links to a heading's id to the one that it gets here, which is made of its words."""
    ids = Numbering()
    became: dict[str, str] = {}
    for element in descendants(root):
        words = text_of(element, without=FOOTNOTE_MARKS) if element.tag in HEADINGS else ""
        if words:
            wanted = heading_id(words)
            here = ids.next(wanted if wanted != "h-" else "h-section")
            if "id" in element.attributes:
                became.setdefault(element.attributes["id"].removeprefix("user-"), here)
    for element in descendants(root):
        href = element.attributes.get("href", "")
        if href.startswith("#") and href[1:] in became:
            element.attributes["href"] = f"#{became[href[1:]]}"


class _Document:
    """A text of blocks, each as Markdown or as HTML."""

    def __init__(self, blocks: Sequence[Element], budget: Budget) -> None:
        self.blocks = blocks
        self.budget = budget
        self.wanted = [signature([block]) for block in blocks]

    def text(self) -> str:
        whole = self._written([Writer()] * len(self.blocks))
        if self._reads_back(whole, self.wanted):
            return whole
        writers = [self._writer(block, wanted) for block, wanted in zip(self.blocks, self.wanted, strict=True)]
        whole = self._written(writers)
        if self._reads_back(whole, self.wanted):
            return whole
        return self._written([None] * len(self.blocks))

    def _writer(self, block: Element, wanted: str) -> Writer | None:
        """Find how a block can be written; None: as HTML."""
        for writer in (Writer(), Writer(tags=True)):
            if self._reads_back(writer.block(block), [wanted]):
                return writer
        return None

    def _written(self, writers: Sequence[Writer | None]) -> str:
        parts: list[str] = []
        for block, writer in zip(self.blocks, writers, strict=True):
            after = parts[-1] if parts else ""
            parts.append(as_html(block) if writer is None else writer.block(block, after=after))
        return "\n\n".join(parts) + "\n" if parts else ""

    def _reads_back(self, text: str, wanted: Sequence[str]) -> bool:
        try:
            root = normal(soup.read(to_html(clean_text(text), self.budget), self.budget))
        except ContentRefused:
            return False
        return "".join(wanted) == signature(root.children)


_CHANGED: dict[str, Callable[[Changes], Change]] = {
    "a": lambda changes: changes.link,
    "img": lambda changes: changes.picture,
    "audio": lambda changes: changes.recording,
    "video": lambda changes: changes.recording,
    "source": lambda changes: changes.recording,
}
