"""What was the old site, as seen from its addresses."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from blog.transfer.addresses import as_path

_PHOTON = re.compile(r"https?://i\d\.wp\.com/", re.IGNORECASE)
_BY_NUMBER = ("p", "page_id", "attachment_id")


class OldSite:
    """The hosts that a site answered at, and those where its files lie. `name` stands in the ids of its posts."""

    def __init__(self) -> None:
        self.name = ""
        self.hosts: set[str] = set()
        self.file_hosts: set[str] = set()

    def learn(self, address: str) -> None:
        """Note an address that the export gives as the site's own; the last one names it."""
        place = _place(address)
        if place and place.host:
            self.hosts.add(place.host)
            self.name = (place.host + place.path.rstrip("/"))[:90]

    def learn_file(self, address: str) -> None:
        """Note where one of its files lies."""
        if place := _place(address):
            self.file_hosts.add(place.host)

    def is_own(self, address: str) -> bool:
        """Tell whether an address is one of the site, or relative to it."""
        place = _place(address)
        return place is not None and (not place.host or place.host in self.hosts)

    def has_files_at(self, address: str) -> bool:
        """Tell whether the site's files lie at the host of an address."""
        place = _place(address)
        return place is not None and (not place.host or place.host in self.hosts | self.file_hosts)

    def path_of(self, address: str) -> str | None:
        """Give the path of an address of the site; None for any other, and for one that only a number makes."""
        return as_path(address) if address and self.is_own(address) else None

    def number_of(self, address: str) -> str | None:
        """Give the number by which an address such as ?p=12 names a post of the site."""
        if "?" not in address or not self.is_own(address):
            return None
        asked = parse_qs(urlsplit(address).query)
        found = next((asked[name][0] for name in _BY_NUMBER if name in asked), "")
        return found if found.isascii() and found.isdigit() else None


def without_photon(address: str) -> str:
    """Give the address of the file itself, where WordPress.com's servers stand before it."""
    return _PHOTON.sub("https://", address)


class _Place(NamedTuple):
    host: str
    path: str


def _place(address: str) -> _Place | None:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    if parts.scheme and parts.scheme.lower() not in {"http", "https"}:
        return None
    return _Place(parts.netloc.rpartition("@")[2].lower().removeprefix("www."), parts.path)
