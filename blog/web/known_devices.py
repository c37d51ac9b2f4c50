"""Browsers in which somebody signed in before: guesses from elsewhere must not keep them out (OWASP's "device cookies").

Without this, ten wrong passwords every quarter of an hour would be enough to lock an admin out for good. The cookie
opens nothing: whoever has it must still know the password, and their tries are counted too.
"""

from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection

from blog.auth.tokens import device_mark, new_token, same
from blog.models import User
from blog.models.user import email_key
from blog.settings import Settings
from blog.web.state import house

PATH = "/login"
"""No other page is sent the cookie."""
KEPT_SECONDS = 180 * 24 * 3600


def known(connection: ASGIConnection[Any, Any, Any, Any], account: str) -> str:
    """Name the browser, if this account was signed in to in it before; empty when it was not. `account` is an e-mail key."""
    settings = house(connection).settings
    name, _, mark = connection.cookies.get(cookie_name(settings), "").partition(".")
    return name if name and same(mark, device_mark(settings.secret_key, account, name)) else ""


def remember(response: Response[Any], connection: ASGIConnection[Any, Any, Any, Any], user: User) -> None:
    """Give the browser of who has just signed in the cookie by which it is known from then on."""
    settings, account = house(connection).settings, email_key(user.email or "")
    name = known(connection, account) or new_token()
    response.set_cookie(
        cookie_name(settings),
        f"{name}.{device_mark(settings.secret_key, account, name)}",
        max_age=KEPT_SECONDS,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


def cookie_name(settings: Settings) -> str:
    """Name the cookie; under https the prefix makes browsers insist on Secure."""
    return "__Secure-device" if settings.is_https else "device"
