"""Addresses in the texts of a Ghost site: links that lead somewhere here, pictures and files from its content folder."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from blog.content.tree import Element
from blog.media import LARGEST_RECORDING
from blog.transfer.addresses import as_path, is_elsewhere
from blog.transfer.anchors import heading_id
from blog.transfer.convert import PENDING, Place, in_words
from blog.transfer.folder import Folder, Unreadable
from blog.transfer.places import OWN_PAGES, Places

GHOST_URL = "__GHOST_URL__"
"""What Ghost writes in exports in the place of its own address."""
OWN_FEEDS = {"/rss": "/rss.xml", "/feed": "/rss.xml"}
_CONTENT = re.compile(r"/content/(images|files|media)/")
_SIZED = re.compile(r"/content/images/(?:size/w\d+(?:h\d+)?/)?(?:format/\w+/)?")


class Content:
    """The content folder of a Ghost site: given whole, or only its images, files and media."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = Folder(folder, None) if folder else None
        self._digests: dict[Path, str] = {}

    def find(self, path: str) -> Path:
        """Find the file at an old path; raise Unreadable."""
        if self.folder is None:
            raise Unreadable("no folder of pictures was given.")
        path = _SIZED.sub("/content/images/", path, count=1)
        inner = _CONTENT.sub("/", path, count=1)
        for tried in (path, path.removeprefix("/content"), inner):
            if found := self.folder.find("", tried):
                return found
        raise Unreadable("it is not in the folder.")

    def digest(self, file: Path) -> str:
        """Give the SHA-256 of a file that `find` found; raise Unreadable."""
        if file not in self._digests:
            try:
                if file.stat().st_size > LARGEST_RECORDING:
                    raise Unreadable(f"it is larger than {LARGEST_RECORDING / 1_000_000:.0f} MB.")
                with file.open("rb") as opened:
                    total = sha256()
                    while chunk := opened.read(1 << 20):
                        total.update(chunk)
            except OSError as error:
                raise Unreadable(f"it cannot be read: {error.strerror}.") from error
            self._digests[file] = total.hexdigest()
        return self._digests[file]


class Addresses:
    """The addresses of one post as they are written here, the files that it shows, and what is to be told of it."""

    def __init__(
        self,
        content: Content,
        places: Places,
        more_places: Mapping[str, str],
        refused: Mapping[Place, str],
        tell: Callable[[str], None],
    ) -> None:
        self.content = content
        self.places = places
        self.more_places = more_places
        self.refused = refused
        self.tell = tell
        self.pictures: dict[str, Place] = {}
        self.files: dict[str, Place] = {}

    def link(self, element: Element) -> Element | None:
        """Point a link to where its page is now; None where there is no such thing any more."""
        href = self.linked(element.attributes.get("href", ""))
        if href is None:
            return None
        if "href" in element.attributes:
            element.attributes["href"] = href
        return element

    def picture(self, element: Element) -> Element:
        """Point a picture to where it will be kept, or give the words for it."""
        address = element.attributes.get("src", "")
        kept = self.pictured(address)
        if kept is None:
            title = element.attributes.get("title", "")
            return Element("em", {}, [in_words(element.attributes.get("alt", ""), address, title)])
        element.attributes["src"] = kept
        if kept != address:
            # Ours are measured when they are kept; Ghost wrote down how large the file was.
            element.attributes.pop("width", None)
            element.attributes.pop("height", None)
        return element

    def recording(self, element: Element) -> Element | str:
        """Point what is played to where it will be kept; where that cannot be, say so."""
        poster = element.attributes.get("poster", "")
        if poster:
            kept_poster = self.pictured(poster)
            if kept_poster is None or kept_poster == poster:
                del element.attributes["poster"]
            else:
                element.attributes["poster"] = kept_poster
        address = element.attributes.get("src", "")
        path = local_path(address)
        if not address or path is None:
            if address:
                self.tell(f"The recording {address[:200]} is on another site and was not copied.")
            return element
        kept = self._kept(path, self.files, "recording")
        if kept is None:
            return "" if element.tag == "source" else f"[{Path(path).name}]"
        element.attributes["src"] = kept
        return element

    def linked(self, address: str) -> str | None:
        """Give the address that a link gets here."""
        if address.removeprefix(GHOST_URL).lstrip("/").startswith("#/portal"):
            self.tell("A link to Ghost’s own window for subscribers is plain words now.")
            return None
        path = local_path(address)
        if path is None:
            return address
        if _CONTENT.match(path):
            return self._kept(path, self.files, "file") or path
        where, mark, fragment = path.partition("#")
        plain = as_path(where)
        here = "/" if plain is None else OWN_FEEDS.get(plain) or self.place_of(plain)
        if here is None:
            self.tell(f"The link to {path[:200]} leads to nothing in this import.")
            return path
        if here not in self.places.shown and here not in self.more_places.values() and here not in OWN_FEEDS.values():
            self.tell(f"The link to {path[:200]} leads to what readers cannot see yet.")
        return here + mark + (heading_id(unquote(fragment)) if fragment and not fragment.startswith("h-") else fragment)

    def place_of(self, path: str) -> str | None:
        """Give the path here of what an old path showed."""
        if path in OWN_PAGES:
            return path
        return self.more_places.get(path) or self.places.of_path(path)

    def pictured(self, address: str) -> str | None:
        """Give the address of a picture here; that which it has, where it is on another site; None when it is lost."""
        path = local_path(address)
        if path is None:
            if not is_elsewhere(address):
                return self._kept(f"/{address}", self.pictures, "picture")
            self.tell(f"The picture {address[:200]} is on another site and was not copied.")
            return address
        return self._kept(path, self.pictures, "picture")

    def _kept(self, path: str, among: dict[str, Place], what: str) -> str | None:
        plain = re.split(r"[?#]", path, maxsplit=1)[0]
        try:
            file = self.content.find(plain)
            if file in self.refused:
                raise Unreadable(self.refused[file])
            digest = self.content.digest(file)
        except Unreadable as error:
            self.tell(f"The {what} {plain[:200]} is missing: {error}")
            return None
        among[digest] = file
        return PENDING + digest


def local_path(address: str) -> str | None:
    """Give the path of an address on the old site; None for one elsewhere.

    Old exports write the site's own address before its content; who has such a folder was a Ghost site too, and what is
    not in the folder that was given is told.
    """
    if address.startswith(GHOST_URL):
        rest = address.removeprefix(GHOST_URL)
        return rest if rest.startswith("/") else f"/{rest}"
    if address.startswith("/") and not address.startswith("//"):
        return address
    return None
