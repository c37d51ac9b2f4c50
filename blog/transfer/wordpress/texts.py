"""The text of a post of WordPress as it will stand here."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from blog.content.budget import ContentRefused
from blog.content.tree import Element
from blog.transfer.addresses import as_path
from blog.transfer.convert import PENDING, Converted, Place, anchor
from blog.transfer.folder import Unreadable
from blog.transfer.markup import Changes, to_markdown
from blog.transfer.places import OWN_PAGES, Places
from blog.transfer.source import Doubt, NotAPost, SourcePost
from blog.transfer.wordpress.blocks import Blocks, has_blocks, without_breaks
from blog.transfer.wordpress.paragraphs import with_paragraphs
from blog.transfer.wordpress.shortcodes import Shortcodes, unknown_shortcodes
from blog.transfer.wordpress.uploads import Uploads

_FILE = re.compile(r"\.[A-Za-z0-9]{2,5}$")
NOT_FILES = (".html", ".htm", ".php", ".xml")


class Texts:
    """Converts the texts of an export. `files_by_number` are the posts by their numbers on the old site."""

    def __init__(
        self, uploads: Uploads, files_by_number: Mapping[str, str], reusable: Callable[[str], str | None]
    ) -> None:
        self.uploads = uploads
        self.site = uploads.site
        self.files_by_number = files_by_number
        self.reusable = reusable
        self.not_copied: set[str] = set()
        """Files of the site that texts show and that nobody gave us; they stay where they are."""

    def convert(self, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> Converted:
        """Convert one text; raise NotAPost for one that nests or repeats too much to be read."""
        return _Text(self, post, places, refused).converted()


class _Text:
    def __init__(self, texts: Texts, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> None:
        self.texts = texts
        self.site = texts.site
        self.post = post
        self.places = places
        self.refused = refused
        self.pictures: dict[str, Place] = {}
        self.files: dict[str, Place] = {}
        self.doubts: list[Doubt] = list(post.doubts)
        self.base = next((path for path in post.permalinks if "?" not in path), "") + "/"

    def converted(self) -> Converted:
        html = self._html()
        for shortcode in unknown_shortcodes(html):
            self._doubt(f"The shortcode {shortcode} is not known here and stands as text.")
        try:
            body = to_markdown(html, Changes(link=self._link, picture=self._picture, recording=self._recording))
        except ContentRefused as error:
            raise NotAPost(str(error)) from error
        cover = self._cover()
        doubts = dict.fromkeys(self.doubts)
        return Converted(body, self.pictures, tuple(doubts), self.files, cover)

    def _html(self) -> str:
        shortcodes = Shortcodes(self.texts.uploads, self.post.variables.get("id", ""))
        text = shortcodes.code(self.post.body)
        if not has_blocks(text):
            return shortcodes.media(with_paragraphs(without_breaks(text)))
        blocks = Blocks(self.texts.reusable, self.post.variables.get("footnotes", ""))
        html = shortcodes.media(without_breaks(blocks.html(text)))
        if blocks.unknown:
            self._doubt(f"What these blocks showed is not here: {', '.join(blocks.unknown)}.")
        return html

    def _link(self, element: Element) -> Element:
        address = element.attributes.get("href", "")
        if not address or address.startswith(("#", "mailto:", "tel:")):
            return element
        if kept := self._file_linked(address):
            element.attributes["href"] = kept
        elif self.site.is_own(address) and (here := self._here(address)):
            element.attributes["href"] = here
        return element

    def _file_linked(self, address: str) -> str | None:
        """Give the address that stands for a file that a link leads to, or for the file of an attachment's page."""
        path = re.split(r"[?#]", address)[0]
        known = self.texts.uploads.known_at(address)
        is_file = _FILE.search(path) and not path.endswith(NOT_FILES) and self.site.has_files_at(address)
        if not known and not is_file:
            return None
        return self._kept(address, self.files) or (known.address if known else None)

    def _here(self, address: str) -> str | None:
        """Give the address here of a page of the old site; None, with a doubt, when nothing in the import has it."""
        before, mark, fragment = address.partition("#")
        number = self.site.number_of(address)
        if number is not None:
            here = self.places.files.get(self.texts.files_by_number.get(number, ""))
        elif not re.match(r"(?:https?:)?//", before):
            here = self.places.of_path(urljoin(self.base, before))
        else:
            here = self.places.of_path(before)
        path = (as_path(before) or "/") if number is None else ""
        if here is None and path in OWN_PAGES:
            here = path
        if here is None:
            self._doubt(f"The link to {address[:200]} leads to nothing in this import.")
            return None
        if here not in self.places.shown:
            self._doubt(f"The link to {address[:200]} leads to what readers cannot see yet.")
        fragment = "" if fragment.startswith("more-") else fragment
        return here + (mark + anchor(fragment) if fragment else "")

    def _picture(self, element: Element) -> Element:
        address = element.attributes.get("src", "")
        if kept := self._kept(address, self.pictures):
            element.attributes["src"] = kept
        elif address and not self.site.has_files_at(address):
            self._doubt(f"The picture {address[:200]} is on another site and was not copied.")
        return element

    def _recording(self, element: Element) -> Element:
        for name, files in (("src", self.files), ("poster", self.pictures)):
            if (address := element.attributes.get(name)) and (kept := self._kept(address, files)):
                element.attributes[name] = kept
        return element

    def _cover(self) -> str:
        """Give the digest of the featured picture."""
        if not self.post.cover:
            return ""
        kept = self._kept(self.post.cover, self.pictures)
        if kept is None:
            self._doubt(f"The featured picture {self.post.cover[:200]} is missing.")
        return kept.removeprefix(PENDING) if kept else ""

    def _kept(self, address: str, files: dict[str, Place]) -> str | None:
        """Give the address that stands for a file until it is kept; None when it cannot be had."""
        if not address or not self.site.has_files_at(address):
            return None
        try:
            found = self.texts.uploads.place_of(urljoin(self.base, address) if "//" not in address else address)
            if found is None:
                self.texts.not_copied.add(address)
                if self.texts.uploads.is_given:
                    self._doubt(f"The file {address[:200]} is missing: It is not among the uploads.")
                return None
            if found[1] in self.refused:
                raise Unreadable(self.refused[found[1]])
        except Unreadable as error:
            self._doubt(f"The file {address[:200]} is missing: {error}")
            return None
        digest, place = found
        files[digest] = place
        return PENDING + digest

    def _doubt(self, reason: str) -> None:
        self.doubts.append((None, reason))
