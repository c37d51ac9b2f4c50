"""Addresses by the names of their routes, for templates and redirects.

Litestar can reverse a route too, but needs the request and searches all of them; pages hold dozens of links.
"""

from urllib.parse import quote

from litestar import Litestar

_paths: dict[str, str] = {}


def learn(app: Litestar) -> None:
    """Remember the path of every named route of the application."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.name:
                _paths[handler.name] = route.path_format


def url(name: str, **parameters: object) -> str:
    """Give the path of a named route; parameters are percent-encoded."""
    encoded = {key: quote(str(value), safe="~:@!$&'()*+,;=-._") for key, value in parameters.items()}
    return _paths[name].format(**encoded)
