"""Where redirects lead from one address of this site to another, and whether they ever come to an end."""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote, urljoin, urlsplit

from blog.content.urls import clean_url, is_page_address

_DOT = re.compile("%2e", re.IGNORECASE)
_NOWHERE = "http://site.invalid"


def within(address: str, base_url: str) -> str:
    """Give an address of this site without its host; any other as it is."""
    if not address.lower().startswith(("http://", "https://")):
        return address
    there, here = urlsplit(address), urlsplit(base_url)
    if there.netloc.lower() != here.netloc.lower():
        return address
    rest = address[address.index("//") + 2 + len(there.netloc) :]
    return rest if rest.startswith("/") else f"/{rest}"


def clean_target(written: str) -> str | None:
    """Give where a redirect may lead as it goes out: a path of this site, or the address of a page elsewhere.

    None for anything else. Dots in a path are resolved as a browser does it, so that nothing leads to itself unseen.
    """
    if is_page_address(written):
        return _ascii(clean_url(written) or "")
    if not written.startswith("/") or re.match(r"[/\\]{2}", written):
        return None
    cleaned = _ascii(clean_url(written) or "")
    if not cleaned or cleaned.startswith("//"):
        return None
    path, *rest = re.split(r"(?=[?#])", cleaned, maxsplit=1)
    resolved = urljoin(_NOWHERE, _DOT.sub(".", path)).removeprefix(_NOWHERE)
    # What dots leave behind may look like the beginning of a host.
    return "/" + resolved.lstrip("/") + "".join(rest)


def _ascii(address: str) -> str:
    """Write an address as headers can hold it."""
    return "".join(letter if letter.isascii() else quote(letter) for letter in address)


def path_of(target: str) -> str:
    """Give the path under which an address of this site is looked up; empty for an address elsewhere."""
    if not target.startswith("/"):
        return ""
    return unquote(re.split(r"[?#]", target, maxsplit=1)[0]).rstrip("/") or "/"


def circle(start: str, following: Callable[[str], str | None], ending: set[str] | None = None) -> list[str]:
    """Follow addresses from one on; give the circle that they end in, or nothing when they come to an end.

    Addresses in `ending` are known to come to an end; those that were found to are added.
    """
    ending = set() if ending is None else ending
    passed: dict[str, None] = {}
    here: str | None = start
    while here and here not in ending:
        if here in passed:
            way = list(passed)
            return way[way.index(here) :]
        passed[here] = None
        here = following(here)
    ending.update(passed)
    return []
