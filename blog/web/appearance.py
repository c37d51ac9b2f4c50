"""The colour scheme that a reader chose; without a choice the system's own is used and no cookie is kept."""

from typing import Any, Literal

from litestar import Response
from litestar.connection import ASGIConnection

from blog.settings import Settings

COOKIE = "theme"
SECONDS = 365 * 24 * 3600
THEMES = ("light", "dark")

Theme = Literal["light", "dark", ""]


def keep(response: Response[Any], theme: str, settings: Settings) -> None:
    """Let the browser remember a scheme; anything else means the system's."""
    if theme in THEMES:
        response.set_cookie(
            COOKIE, theme, max_age=SECONDS, path="/", httponly=True, samesite="lax", secure=settings.is_https
        )
    else:
        response.delete_cookie(COOKIE, path="/")


def theme_in(cookies: str) -> Theme:
    """Give the scheme that a Cookie header asks for."""
    chosen = [pair.strip() for pair in cookies.split(";")]
    return "light" if f"{COOKIE}=light" in chosen else "dark" if f"{COOKIE}=dark" in chosen else ""


def theme_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Theme:
    """Give the scheme that this browser asks for."""
    chosen = connection.cookies.get(COOKIE)
    return "light" if chosen == "light" else "dark" if chosen == "dark" else ""
