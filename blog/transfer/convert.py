"""A post's text as it will stand here: pictures that are kept, links that lead somewhere, shortcodes that are Markdown."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import unquote, urljoin

from blog.transfer.addresses import is_elsewhere
from blog.transfer.anchors import attribute_lists, heading_id
from blog.transfer.edits import Text
from blog.transfer.folder import PICTURES, RECORDINGS, Folder, Unreadable
from blog.transfer.obsidian import Vault, without_wiki
from blog.transfer.places import OWN_PAGES, Places
from blog.transfer.prose import parts_of
from blog.transfer.references import Reference, dropped_elements, picture_uses, references_in
from blog.transfer.shortcodes import picture, without_shortcodes
from blog.transfer.source import Doubt, SourcePost

PENDING = "/media/pending-"
"""Stands before the digest of a picture in a text until the picture is kept and has its address."""
MOST_DOUBTS = 500
"""How many remarks on one file are told; a file that has more is not one that a person wrote."""

_NOSCRIPT = re.compile(r"</?noscript\s*>", re.IGNORECASE)


Place = Path | str
"""Where a file is: on this machine, or at an address elsewhere."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The text, the pictures that it shows by digest, and what should be looked at.

    `files` are those that need not be pictures; `cover` is the digest of the picture that stands for the post.
    """

    body: str
    pictures: Mapping[str, Place]
    doubts: tuple[Doubt, ...]
    files: Mapping[str, Place] = field(default_factory=dict)
    cover: str = ""


def convert(
    post: SourcePost, folder: Folder, places: Places, refused: Mapping[Place, str], vault: Vault | None = None
) -> Converted:
    """Convert a post's text. `refused` are the pictures that were looked at and cannot be kept, with the reasons; `vault`
    is what Obsidian's links are read by, where it made the folder.
    """
    return _Converter(post, folder, places, refused, vault).converted()


class _Converter:
    def __init__(
        self,
        post: SourcePost,
        folder: Folder,
        places: Places,
        refused: Mapping[Place, str],
        vault: Vault | None,
    ) -> None:
        self.post = post
        self.vault = vault
        self.folder = folder
        self.places = places
        self.refused = refused
        self.pictures: dict[str, Path] = {}
        self.files: dict[str, Path] = {}
        self.doubts: list[Doubt] = list(post.doubts)
        self.source = Text(post.body, post.body_line)

    def converted(self) -> Converted:
        if self.vault:
            self.source = without_wiki(self.source, self.vault, self._doubt)
        self.source = without_shortcodes(self.source, self.post.kind, self.post.variables, self._doubt)
        self.text = self.source.text
        self.parts = parts_of(self.text)
        edits: list[tuple[int, int, str]] = []
        missing: dict[str, str] = {}
        for reference in sorted(references_in(self.text, self.parts), key=lambda one: one.start):
            edit = self._edit(reference, missing)
            if edit is not None:
                edits.append(edit)
        for start, end, alt, label in picture_uses(self.text, self.parts, frozenset(missing)):
            edits.append((start, end, emphasised(in_words(alt, missing[label]))))
        for position, name in dropped_elements(self.text, self.parts):
            self._doubt(position, f"What <{name}> showed is not shown here.")
        # What stood there for readers without scripts is what every reader gets here.
        edits += [
            (tag.start(), tag.end(), "") for tag in _NOSCRIPT.finditer(self.text) if not self.parts.code_at(tag.start())
        ]
        edits += attribute_lists(self.text, self.parts, self.post.kind)
        body = self.source.changed(_apart(edits)).text
        cover = self._cover()
        text = body.strip("\n") + "\n" if body.strip() else ""
        return Converted(text, self.pictures, self._told(), self.files, cover)

    def _cover(self) -> str:
        """Give the digest of the picture that stands for the post; empty, with a doubt, where it cannot be kept."""
        address = self.post.cover
        if not address or "{{" in address or "{%" in address:
            return ""
        if is_elsewhere(address):
            self.doubts.append((None, f"The cover {address[:200]} is on another site and was not copied."))
            return ""
        if self.vault and (wiki := re.fullmatch(r"!?\[\[([^\[\]|#]+)(?:\|[^\[\]]*)?\]\]", address)):
            address = "/" + (self.vault.file(wiki[1]) or wiki[1])
        try:
            path = self._readable(address)
            self.pictures[digest := self.folder.digest(path)] = path
        except Unreadable as error:
            self.doubts.append((None, f"The cover {address[:200]} is missing: {error}"))
            return ""
        return digest

    def _told(self) -> tuple[Doubt, ...]:
        doubts = sorted(self.doubts, key=lambda doubt: doubt[0] or 0)
        more = len(doubts) - MOST_DOUBTS
        if more > 0:
            return *doubts[:MOST_DOUBTS], (None, f"There are {more:,} more remarks on this file.")
        return tuple(doubts)

    def _edit(self, reference: Reference, missing: dict[str, str]) -> tuple[int, int, str] | None:
        address = reference.address
        if not address or "{{" in address or "{%" in address:
            return None
        if reference.kind in {"picture", "img"}:
            return self._picture(reference)
        if reference.kind == "definition" and _is_picture(address) and not is_elsewhere(address):
            kept = self._kept(reference)
            if kept is None:
                missing[reference.label] = address
                return reference.start, reference.end, ""
            return *reference.at, kept
        moved = self._linked(reference)
        return (*reference.at, moved) if moved is not None else None

    def _picture(self, reference: Reference) -> tuple[int, int, str] | None:
        """Point a picture to where it will be kept, or put its words in its place."""
        if is_elsewhere(reference.address):
            self._doubt(
                reference.start, f"The picture {reference.address[:200]} is on another site and was not copied."
            )
            return None
        kept = self._kept(reference)
        in_html = reference.kind == "img" and self._within_html(reference)
        if kept is None:
            words = in_words(reference.text, reference.address, reference.title)
            return reference.start, reference.end, f"<em>{escape(words)}</em>" if in_html else emphasised(words)
        if reference.kind == "picture" or in_html:
            return *reference.at, kept
        return reference.start, reference.end, picture(kept, reference.text, reference.title)

    def _within_html(self, reference: Reference) -> bool:
        """Tell whether an <img> stands among other HTML, where Markdown would not be read."""
        block = self.parts.html_at(reference.start)
        return (
            block is not None and self.text[block[0] : block[1]].strip() != self.text[reference.start : reference.end]
        )

    def _kept(self, reference: Reference) -> str | None:
        """Give the address that stands for a picture until it is kept; None, with a doubt, when it cannot be."""
        is_picture = _is_picture(reference.address) or reference.kind in {"picture", "img"}
        try:
            path = self._readable(reference.address)
            digest = self.folder.digest(path)
        except Unreadable as error:
            what = "picture" if is_picture else "file"
            self._doubt(reference.start, f"The {what} {reference.address[:200]} is missing: {error}")
            return None
        (self.pictures if is_picture else self.files)[digest] = path
        return PENDING + digest

    def _readable(self, address: str) -> Path:
        path = self._found(address)
        if path is None:
            raise Unreadable("It is not in the folder.")
        if path in self.refused:
            raise Unreadable(self.refused[path])
        return path

    def _found(self, address: str) -> Path | None:
        try:
            path = self.folder.find(self.post.file, address)
        except Unreadable:
            if (path := self._beside_another(address)) is None:
                raise
        return path or self._beside_another(address)

    def _beside_another(self, address: str) -> Path | None:
        """Find a picture that lies beside another post, addressed by where that post stood on the old site."""
        for permalink in self.post.permalinks:
            place, _, name = urljoin(permalink + "/", address).rpartition("/")
            here = self.places.of_path(place)
            file = self.places.file_at(here) if here else None
            if file and (path := self.folder.find(file, unquote(name))):
                return path
        return None

    def _linked(self, reference: Reference) -> str | None:
        """Give the address that a link gets here; None when it stays, with a doubt when it leads nowhere."""
        address = reference.address
        path, mark, fragment = address.partition("#")
        if not path or is_elsewhere(address) or (path.rstrip("/") or "/") in OWN_PAGES:
            return None
        here = self._place_of(path)
        if here is not None:
            if here not in self.places.shown:
                self._doubt(reference.start, f"The link to {address[:200]} leads to what readers cannot see yet.")
            return here + mark + anchor(fragment)
        if _is_picture(path) or Path(path.partition("?")[0]).suffix.lower() in RECORDINGS:
            return self._kept(reference)
        self._doubt(reference.start, f"The link to {address[:200]} leads to nothing in this import.")
        return None

    def _place_of(self, path: str) -> str | None:
        if path.startswith("@/"):
            return self.places.of_file(unquote(path.removeprefix("@/"))) or self.places.of_file(path.removeprefix("@/"))
        if not path.startswith("/"):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(self.post.file), unquote(path.split("?")[0])))
            for file in (beside, beside + "/index.md", beside + ".md"):
                if file in self.places.files:
                    return self.places.files[file]
        for base in (*(permalink + "/" for permalink in self.post.permalinks), *self.post.aliases, "/"):
            if here := self.places.of_path(urljoin(base, path)):
                return here
        return None

    def _doubt(self, position: int, reason: str) -> None:
        self.doubts.append((self.source.line_at(position), reason))


def anchor(fragment: str) -> str:
    """Give the fragment that means the same heading here; what stands behind ":~:" means words of the text."""
    old, mark, words = fragment.partition(":~:")
    return (old if not old or old.startswith("h-") else heading_id(unquote(old))) + mark + words


def in_words(alt: str, address: str, caption: str = "") -> str:
    """Say what a picture that is not there would have shown."""
    words = " – ".join(dict.fromkeys(" ".join(text.split()) for text in (alt, caption) if text.strip()))
    return "Picture: " + (words or posixpath.basename(unquote(re.split(r"[?#]", address)[0])))


def emphasised(words: str) -> str:
    """Write words as emphasised Markdown."""
    return "*" + words.replace("*", r"\*") + "*"


def _is_picture(address: str) -> bool:
    return Path(re.split(r"[?#]", address)[0]).suffix.lower() in PICTURES


def _apart(edits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Leave out the edits within others, such as the address of a picture that gives way to its words."""
    kept: list[tuple[int, int, str]] = []
    for edit in sorted(edits, key=lambda one: (one[0], -one[1])):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept
