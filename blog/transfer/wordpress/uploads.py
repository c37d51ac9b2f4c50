"""The files of an export: what it lists as attachments, in a folder of uploads or still on the old site."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from blog.content.files import Content
from blog.media import LARGEST_RECORDING
from blog.models.media import LONGEST_ALT
from blog.transfer.addresses import as_path
from blog.transfer.convert import Place
from blog.transfer.fetching import fetch
from blog.transfer.folder import Folder, Unreadable
from blog.transfer.origin import Described
from blog.transfer.wordpress.plain import plain
from blog.transfer.wordpress.reading import Item
from blog.transfer.wordpress.sites import OldSite, without_photon

TOO_LARGE = f"The file is larger than {LARGEST_RECORDING // 2**20} MB."
UPLOADS = re.compile(r".*/(?:wp-content/uploads(?:/sites/\d+)?|wp-content/blogs\.dir/\d+/files)/")
# WordPress keeps every picture in several sizes, and large ones scaled down.
_SIZE = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-rotated)(?=\.\w{2,5}$)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the export lists, with its words."""

    number: str
    address: str
    title: str
    caption: str
    alt: str
    parent: str
    order: int


@dataclass(slots=True)
class Uploads:
    """Finds files by the addresses that texts use, and remembers under which of these each was known."""

    site: OldSite
    folder: Folder | None
    fetches: bool
    attachments: dict[str, Attachment] = field(default_factory=dict)
    by_key: dict[str, Attachment] = field(default_factory=dict)
    described: dict[Place, Described] = field(default_factory=dict)
    digests: dict[Path, str] = field(default_factory=dict)

    @property
    def is_given(self) -> bool:
        """Whether there is anywhere to take files from."""
        return self.folder is not None or self.fetches

    def take_in(self, item: Item) -> None:
        """Note a file that the export lists."""
        address = item.fact("attachment_url").strip() or item.fact("guid").strip()
        order = item.fact("menu_order").strip()
        one = Attachment(
            item.fact("post_id").strip(),
            address,
            plain(item.fact("title")),
            item.fact("excerpt").strip(),
            plain(item.first_meta("_wp_attachment_image_alt"))[:LONGEST_ALT],
            item.fact("post_parent").strip(),
            int(order) if order.lstrip("-").isdigit() and len(order) < 9 else 0,
        )
        self.attachments[one.number] = one
        self.by_key.setdefault(_key(address), one)
        if page := self.site.path_of(item.fact("link")):
            self.by_key.setdefault(page, one)
        self.site.learn_file(address)

    def known_at(self, address: str) -> Attachment | None:
        """Find the attachment whose file, or whose page on the old site, an address means."""
        number = self.site.number_of(address)
        if number is not None:
            return self.attachments.get(number)
        known = self.by_key.get(_key(address)) or self.by_key.get(_key(_unsized(address)))
        return known or (self.by_key.get(as_path(address) or "") if self.site.is_own(address) else None)

    def of_post(self, number: str) -> list[Attachment]:
        """List the attachments of a post in their order."""
        theirs = [one for one in self.attachments.values() if one.parent == number and number not in {"", "0"}]
        return sorted(theirs, key=lambda one: (one.order, int(one.number) if one.number.isdigit() else 0))

    def place_of(self, address: str) -> tuple[str, Place] | None:
        """Find a file by its address: the digest that stands for it, and where it is. None when it cannot be had.

        Raise Unreadable when it may not be read.
        """
        address = without_photon(address.strip())
        known = self.known_at(address)
        whole = known.address if known else address
        found = next(
            filter(None, (self._in_folder(one) for one in dict.fromkeys([whole, address, _unsized(address)]))), None
        )
        if found is not None and self.folder is not None:
            self._describe(found, known, address, whole)
            return self._digest(found), found
        if self.fetches and whole.lower().startswith(("http://", "https://")) and self.site.has_files_at(whole):
            self._describe(whole, known, address, whole)
            return sha256(whole.encode()).hexdigest(), whole
        return None

    def open_file(self, place: Place) -> Content:
        """Give the bytes of a file; raise Unreadable."""
        if isinstance(place, str):
            return fetch(place)
        try:
            with place.open("rb") as file:
                size = place.stat().st_size
                if size > LARGEST_RECORDING:
                    raise Unreadable(TOO_LARGE)
                return mmap(file.fileno(), 0, access=ACCESS_READ) if size else b""
        except (OSError, ValueError) as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable(f"The file cannot be read: {getattr(error, 'strerror', error)}.") from error

    def all_places(self) -> Iterator[tuple[Attachment, str, Place]]:
        """Find the files of all attachments that can be had."""
        for one in self.attachments.values():
            try:
                found = self.place_of(one.address)
            except Unreadable:
                continue
            if found is not None:
                yield one, *found

    def _in_folder(self, address: str) -> Path | None:
        if self.folder is None or not self.site.has_files_at(address):
            return None
        path = urlsplit(address).path
        below = UPLOADS.sub("", path) if UPLOADS.match(path) else path
        return self.folder.find("", "/" + below.lstrip("/"))

    def _digest(self, path: Path) -> str:
        if path not in self.digests:
            try:
                if path.stat().st_size > LARGEST_RECORDING:
                    raise Unreadable(TOO_LARGE)
                with path.open("rb") as file:
                    self.digests[path] = file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise Unreadable(f"The file cannot be read: {error.strerror}.") from error
        return self.digests[path]

    def _describe(self, place: Place, known: Attachment | None, *addresses: str) -> None:
        before = self.described.get(place)
        paths = dict.fromkeys(before.paths if before else ())
        paths |= dict.fromkeys(path for one in addresses if (path := self.site.path_of(one)) and "." in path)
        name = PurePosixPath(unquote(urlsplit(addresses[-1]).path)).name
        self.described[place] = Described(name or "file", known.alt if known else "", tuple(paths))


def _unsized(address: str) -> str:
    """Give the address of the whole picture, of which this one shows a smaller copy."""
    return _SIZE.sub("", address.partition("?")[0])


def _key(address: str) -> str:
    """Give what is the same in all addresses of one file: http or https, with www or without, in any size asked for."""
    address = without_photon(address).partition("?")[0]
    return unquote(re.sub(r"^(?:https?:)?//(?:www\.)?", "", address, flags=re.IGNORECASE))
