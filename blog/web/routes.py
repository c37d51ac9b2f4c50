"""Addresses by the names of their routes, for templates and redirects.

Litestar can reverse a route too, but needs the request and searches all of them; pages hold dozens of links.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from litestar import Litestar

PROMISED = frozenset({"/api", "/metrics", "/invitations", "/password-reset", "/opensearch.xml"})
"""Addresses that the site keeps for itself beside those of its routes."""
_SAFE = "~:@!$&'()*+,;=-._"
_paths: dict[str, str] = {}
_kept: list[tuple[re.Pattern[str], frozenset[str] | None]] = []
_methods: list[tuple[re.Pattern[str], list[str]]] = []


def learn(app: Litestar) -> None:
    """Remember the path of every named route of the application, and what can be done there."""
    # A path without parameters comes before one that could be anything.
    ordered = sorted(app.routes, key=lambda route: route.path_format.count("{"))
    _methods[:] = [(_pattern(route.path_format), _allowed(route.methods)) for route in ordered]
    _kept.clear()
    kept_at.cache_clear()
    url.cache_clear()
    for route in ordered:
        for handler in getattr(route, "route_handlers", ()):
            if handler.name:
                _paths[handler.name] = route.path_format
            if "GET" in handler.http_methods:
                _kept.append((_pattern(route.path_format), handler.opt.get("kept")))


@lru_cache(2000)
def url(name: str, **parameters: object) -> str:
    """Give the path of a named route; parameters are percent-encoded."""
    encoded = {key: quote(str(value), safe=_SAFE) for key, value in parameters.items()}
    return _paths[name].format(**encoded)


def encoded(path: str) -> str:
    """Give a path as a URL writes it."""
    return quote(path, safe=f"/{_SAFE}")


def is_taken(path: str) -> bool:
    """Tell whether something of the site itself is at this path or below it."""
    return path in PROMISED or any(known == path or known.startswith(f"{path}/") for known in _paths.values())


def is_fixed(path: str) -> bool:
    """Tell whether a page of the site itself is at exactly this path, whatever is in the database."""
    return path in _paths.values()


def methods_at(path: str) -> list[str]:
    """Name the methods that a path answers to, for the Allow header of a 405 (RFC 9110, section 15.5.6)."""
    return next((methods for pattern, methods in _methods if pattern.fullmatch(path)), [])


@lru_cache(2000)
def kept_at(path: str) -> frozenset[str] | None:
    """Name the query parameters that the page at a path depends on; None when it is not to be kept."""
    return next((kept for pattern, kept in _kept if pattern.fullmatch(path)), None)


def _allowed(methods: Iterable[str]) -> list[str]:
    return sorted(({"HEAD"} if "GET" in methods else set()) | set(methods) - {"OPTIONS"})


def _pattern(path_format: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", path_format)))
