"""What is worth a look before a text is published: a list of checks, each with the places to mend.

Pure: what only the database knows, such as which addresses of this site lead nowhere, is given.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote

from markdown_it.token import Token

from blog.content.colours import READABLE, contrast, ink_on
from blog.content.syntax import tokens_of
from blog.content.text import clean_text
from blog.content.urls import clean_url
from blog.languages import gettext as _
from blog.languages import ngettext

LONG_TITLE = 70
"""Characters, about, after which search results cut a title."""
MOST_PLACES = 20
"""So many places of one kind are named; a text with more has other troubles."""
LONGEST_QUOTE = 60
_TAGS = re.compile(r"<(img|a|/a|h[1-6])\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ID = re.compile(r' id="([^"]*)"')
_WITHIN = re.compile(r' href="#([^"]*)"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be mended: a field of the editor, and in the text the line, counted from 1."""

    field: str
    words: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, by its name; without places it is in order."""

    name: str
    places: Sequence[Place] = ()

    @property
    def is_fine(self) -> bool:
        return not self.places


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is to be published, with what readers are told about it."""

    title: str
    body: str
    html: str
    description: str = ""
    tags: Collection[str] = ()
    cover_alt: str | None = None
    """What the cover shows; None when there is no cover."""
    cover_colour: str = ""
    """The colour behind the words of the cover while the picture is on its way; empty when it has none."""
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link or picture (`is_picture`) of a text: its address, its words, and its line."""

    address: str
    words: str
    line: int
    is_picture: bool = False


@dataclass(slots=True)
class Outline:
    """What a text consists of, as its Markdown says."""

    links: list[Link] = field(default_factory=list)
    headings: list[tuple[int, str, int]] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """The addresses, each once, as rendering writes them."""
        return list(dict.fromkeys(filter(None, (clean_url(link.address) for link in self.links))))


def outline_of(body: str) -> Outline:
    """Find the links, pictures and headings of a text; raises ContentRefused for one that cannot be rendered either."""
    found = Outline()
    line = 0
    tokens = tokens_of(clean_text(body))
    for position, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        if token.type == "heading_open":
            found.headings.append((int(token.tag[1]), tokens[position + 1].content, line))
        elif token.type == "html_block":
            _read_html(found, token.content, line)
        elif token.type == "inline":
            _read_inline(found, token.children or [], line)
    return found


def check(draft: Draft, outline: Outline, lost: Collection[str], anchors: Mapping[str, Collection[str]]) -> list[Check]:
    """Look at everything.

    `lost` are the addresses of this site that lead nowhere; `anchors` the ids of each page of this site that a link
    leads into.
    """
    return [
        Check(_("Text"), _empty(draft)),
        Check(_("Title"), _title(draft)),
        Check(_("Description"), _description(draft)),
        *([] if draft.is_page else [Check(_("Tags"), _tags(draft))]),
        Check(_("Pictures"), _pictures(draft, outline)),
        Check(_("Contrast of the words on the cover"), _contrast(draft)),
        Check(_("Headings"), _headings(outline)),
        Check(_("Words of links"), _wordless(outline)),
        Check(_("Links within the site"), _lost(outline, lost)),
        Check(_("Links to a place in a page"), _anchors(draft, outline, anchors)),
    ]


def ids_of(html: str) -> set[str]:
    """Give the ids of the elements of sanitised HTML."""
    return {unescape(found) for found in _ID.findall(html)}


def _empty(draft: Draft) -> list[Place]:
    return [] if draft.body.strip() else [Place("body", _("The text is empty."))]


def _title(draft: Draft) -> list[Place]:
    if len(draft.title) <= LONG_TITLE:
        return []
    sentence = ngettext(
        "The title has %(num)d character; search results cut it after about %(most)d.",
        "The title has %(num)d characters; search results cut it after about %(most)d.",
        len(draft.title),
    )
    return [Place("title", sentence % {"num": len(draft.title), "most": LONG_TITLE})]


def _description(draft: Draft) -> list[Place]:
    if draft.description:
        return []
    return [Place("excerpt", _("Without an excerpt, lists and search results show the first sentences of the text."))]


def _tags(draft: Draft) -> list[Place]:
    return [] if draft.tags else [Place("tags", _("Without a tag, readers find it by its date and by search only."))]


def _pictures(draft: Draft, outline: Outline) -> list[Place]:
    cover = [Place("cover_alt", _("The cover picture has no words for those who cannot see it."))]
    sentence = _("The picture %(address)s has no words for those who cannot see it.")
    silent = [link for link in outline.links if link.is_picture and not link.words.strip()]
    places = [Place("body", sentence % {"address": _short(link.address)}, link.line) for link in silent]
    return [*(cover if draft.cover_alt == "" else []), *places[:MOST_PLACES]]


def _contrast(draft: Draft) -> list[Place]:
    if not draft.cover_colour or contrast(ink_on(draft.cover_colour), draft.cover_colour) >= READABLE:
        return []
    return [
        Place("cover", _("The words of the cover can hardly be read on its colour while the picture is on its way."))
    ]


def _headings(outline: Outline) -> list[Place]:
    """Find headings that skip a level below the one before; the first may have any."""
    sentence = _("The heading “%(words)s” is of level %(level)s and stands under one of level %(above)s.")
    places, above = [], 0
    for level, words, line in outline.headings:
        if above and level > above + 1:
            told = {"words": _short(words), "level": level, "above": above}
            places.append(Place("body", sentence % told, line))
        above = level
    return places[:MOST_PLACES]


def _wordless(outline: Outline) -> list[Place]:
    sentence = _("The link to %(address)s has no words.")
    empty = [link for link in outline.links if not link.is_picture and not link.words.strip()]
    return [Place("body", sentence % {"address": _short(link.address)}, link.line) for link in empty][:MOST_PLACES]


def _lost(outline: Outline, lost: Collection[str]) -> list[Place]:
    sentence = _("%(address)s leads nowhere for readers at that time.")
    wrong = [link for link in outline.links if clean_url(link.address) in lost]
    return [Place("body", sentence % {"address": _short(link.address)}, link.line) for link in wrong][:MOST_PLACES]


def _anchors(draft: Draft, outline: Outline, anchors: Mapping[str, Collection[str]]) -> list[Place]:
    own = ids_of(draft.html)
    # Where a link of the text met a heading, rendering has put the heading's own id into it.
    missed = {unescape(found) for found in _WITHIN.findall(draft.html)} - own
    sentence = _("%(address)s names a place that is not there.")
    places = []
    for link in outline.links:
        page, hash_mark, name = (clean_url(link.address) or "").partition("#")
        if not hash_mark or not name or link.is_picture:
            continue
        is_missed = name in missed if not page else page in anchors and unquote(name) not in anchors[page]
        if is_missed:
            places.append(Place("body", sentence % {"address": _short(link.address)}, link.line))
    return places[:MOST_PLACES]


def _read_inline(found: Outline, children: Sequence[Token], line: int) -> None:
    open_links: list[tuple[str, int, list[str]]] = []
    for child in children:
        words = ""
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "link_open":
            open_links.append((str(child.attrs.get("href", "")), line, []))
        elif child.type == "link_close" and open_links:
            address, begun, parts = open_links.pop()
            found.links.append(Link(address, "".join(parts), begun))
        elif child.type == "image":
            words = child.content
            found.links.append(Link(str(child.attrs.get("src", "")), words, line, is_picture=True))
        elif child.type == "html_inline":
            for tag, attributes in _tags_in(child.content):
                if tag == "img":
                    words = attributes.get("alt", "")
                    found.links.append(Link(attributes.get("src", ""), words, line, is_picture=True))
                elif tag == "a" and "href" in attributes:
                    open_links.append((attributes["href"], line, []))
                elif tag == "/a" and open_links:
                    address, begun, parts = open_links.pop()
                    found.links.append(Link(address, "".join(parts), begun))
        else:
            words = child.content
        for _address, _begun, parts in open_links:
            parts.append(words)


def _read_html(found: Outline, html: str, line: int) -> None:
    """Find the links, pictures and headings of a block of HTML."""
    for match in _TAGS.finditer(html):
        at = line + html.count("\n", 0, match.start())
        tag, attributes = match[1].lower(), _attributes(match[2])
        if tag == "img":
            found.links.append(Link(attributes.get("src", ""), attributes.get("alt", ""), at, is_picture=True))
        elif tag == "a" and "href" in attributes:
            inside = html[match.end() :].partition("</a")[0]
            pictured = [_attributes(one[2]).get("alt", "") for one in _TAGS.finditer(inside) if one[1].lower() == "img"]
            words = re.sub(r"<[^>]*>", "", inside) + "".join(pictured)
            found.links.append(Link(attributes["href"], words, at))
        elif tag.startswith("h"):
            words = re.sub(r"<[^>]*>", "", html[match.end() :].partition(f"</{match[1]}")[0])
            found.headings.append((int(tag[1]), unescape(words).strip(), at))


def _tags_in(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _TAGS.finditer(html):
        yield match[1].lower(), _attributes(match[2])


def _attributes(written: str) -> dict[str, str]:
    return {
        match[1].lower(): unescape(next((part for part in match.groups()[1:] if part is not None), ""))
        for match in _ATTRIBUTE.finditer(written)
    }


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}…"
