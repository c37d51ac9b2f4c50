"""What goes along with an answer whatever it turns out to be, and what is noted when it has gone out."""

from dataclasses import dataclass

from litestar.connection import ASGIConnection

from blog.models import Login


@dataclass(slots=True)
class Parting:
    """The last things of one request; errors get them too, which have an answer of their own."""

    cookie: str = ""
    """A Set-Cookie header: the old cookie is worth nothing from now on, so the new one must not be lost."""
    used: Login | None = None
    """The sign-in whose last use is to be noted."""


def parting_of(connection: ASGIConnection) -> Parting:  # type: ignore[type-arg]  # any connection will do
    """Give the last things of this request."""
    parting: Parting = connection.scope["state"]["parting"]
    return parting
