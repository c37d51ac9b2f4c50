"""Addresses that readers know from other systems (WordPress, Ghost, Jekyll, Hugo, Pelican), and where they lead here."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from blog.web import routes
from blog.web.errors import Moved

ATOM = frozenset({"/feed", "/feed/atom", "/atom.xml", "/index.xml", "/feeds/all.atom.xml"})
RSS = frozenset({"/rss", "/feed/rss", "/feed/rss2", "/rss2.xml"})
NUMBERS = ("p", "page_id")
"""What WordPress calls the number of a post in the short form of its address, such as /?p=12."""
_OF_TAG = re.compile(r"/(?:tag|category|categories)/([^/]+)(/feed|/rss)?")
_OF_AUTHOR = re.compile(r"/author/([^/]+)(/feed|/rss)?")
_PAGE = re.compile(r"/page/([1-9][0-9]{0,8})")


def leads_to(path: str) -> Moved | None:
    """Say where a path without a slash at its end leads, or None when no other system is known to use it."""
    if path in ATOM:
        return _moved("feeds.site")
    if path in RSS:
        return _moved("feeds.site.rss")
    if match := _OF_TAG.fullmatch(path):
        return _moved("feeds.tag", slug=match[1], file="rss.xml") if match[2] else _moved("tags.show", slug=match[1])
    if match := _OF_AUTHOR.fullmatch(path):
        name = match[1]
        return (
            _moved("feeds.author", username=name, file="rss.xml") if match[2] else _moved("authors.show", username=name)
        )
    if match := _PAGE.fullmatch(path):
        return Moved("/", query="" if match[1] == "1" else f"page={match[1]}")
    return None


def numbered(query: Mapping[str, str]) -> str:
    """Give the path under which a short address of WordPress is known; empty when the query is none."""
    number = next((query[name] for name in NUMBERS if name in query), "")
    return f"/?p={int(number)}" if number.isascii() and number.isdigit() and len(number) < 12 else ""


def path_asked(path: str, query: bytes) -> str:
    """Give the path under which an old address is looked up: at the root, a short one of WordPress has its number."""
    if path != "/" or not query:
        return path.rstrip("/")
    return numbered({name: values[0] for name, values in parse_qs(query.decode("ascii", "replace")).items()})


def _moved(route: str, **parameters: str) -> Moved:
    return Moved(unquote(routes.url(route, **parameters)))
