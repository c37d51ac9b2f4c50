"""Addresses by the names of their routes, for templates and redirects.

Litestar can reverse a route too, but needs the request and searches all of them; pages hold dozens of links.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from litestar import Litestar

PROMISED = frozenset({"/api", "/metrics", "/invitations", "/password-reset", "/opensearch.xml"})
"""Addresses that the site keeps for itself beside those of its routes."""
_SAFE = "~:@!$&'()*+,;=-._"
_paths: dict[str, str] = {}
_methods: list[tuple[re.Pattern[str], list[str]]] = []


def learn(app: Litestar) -> None:
    """Remember the path of every named route of the application, and what can be done there."""
    _methods[:] = [(_pattern(route.path_format), _allowed(route.methods)) for route in app.routes]
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.name:
                _paths[handler.name] = route.path_format


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


def methods_at(path: str) -> list[str]:
    """Name the methods that a path answers to, for the Allow header of a 405 (RFC 9110, section 15.5.6)."""
    return next((methods for pattern, methods in _methods if pattern.fullmatch(path)), [])


def _allowed(methods: Iterable[str]) -> list[str]:
    return sorted(({"HEAD"} if "GET" in methods else set()) | set(methods) - {"OPTIONS"})


def _pattern(path_format: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", path_format)))
