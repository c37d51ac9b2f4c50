"""From a cookie to the person: who is signed in, how that begins and how it ends."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from sqlalchemy.ext.asyncio import AsyncSession

from blog import languages, policy
from blog.auth.tokens import new_token, token_hash
from blog.models import Login, User
from blog.queries import logins, notices
from blog.settings import Settings
from blog.web.addresses import client_address, header
from blog.web.edge import SAFE_METHODS
from blog.web.parting import parting_of
from blog.web.sessions import request_db
from blog.web.state import house, is_desk, site_of

NOTED_EVERY = timedelta(minutes=1)
NOTED_EVERY_ELSEWHERE = timedelta(minutes=10)
"""How old the note of a sign-in's last use may grow: reading pages writes seldom."""


class SignedIn(AbstractAuthenticationMiddleware):
    """Find out who is asking. A cookie that we do not know is simply nobody; no row is made or written."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        token = connection.cookies.get(cookie_name(house(connection).settings), "")
        if not token:
            return AuthenticationResult(user=None, auth=None)
        db = request_db(connection)
        login = await logins.by_token_hash(db, token_hash(token), house(connection).clock())
        if login is not None:
            _note_use(connection, login)
            house(connection).tally.see(login.user.id, house(connection).clock())
        if login is not None and is_desk(connection.scope["path"]):
            languages.speak_to(login.user.language or site_of(connection.scope).language)
            if policy.may(login.user, policy.Action.WRITE):
                connection.scope["state"]["waits"] = await notices.pending(db, login.user, house(connection).clock())
        if connection.scope.get("method") not in SAFE_METHODS:
            await db.commit()  # nothing is held while the form comes in, however slowly
        return AuthenticationResult(user=login.user if login else None, auth=login)


async def begin(
    db: AsyncSession,
    connection: ASGIConnection[Any, Any, Any, Any],
    user: User,
    now: datetime,
    *,
    has_second_factor: bool = False,
) -> str:
    """Make the row of a new sign-in and give its token, for `remember` once the row is committed."""
    token, settings = new_token(), house(connection).settings
    db.add(
        Login(
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + min(settings.session_idle, settings.session_lifetime),
            has_second_factor=has_second_factor,
            user_agent=header(connection.scope, b"user-agent")[:255],
            address=client_address(connection.scope, settings),
        )
    )
    return token


def remember(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser its cookie."""
    response.set_cookie(_cookie(token, settings))


def renew(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> None:
    """Give the browser another cookie for the same sign-in, with whatever this request is answered."""
    parting_of(connection).cookie = _cookie(token, house(connection).settings).to_header(header="")


def forget(response: Response[Any], settings: Settings) -> None:
    """Take the cookie back and have the browser drop what it kept of our pages."""
    response.delete_cookie(cookie_name(settings), path="/")
    response.headers["clear-site-data"] = '"cache", "storage"'


def _note_use(connection: ASGIConnection[Any, Any, Any, Any], login: Login) -> None:
    every = NOTED_EVERY if is_desk(connection.scope["path"]) else NOTED_EVERY_ELSEWHERE
    if house(connection).clock() - login.last_used_at >= every:
        parting_of(connection).used = login


def _cookie(token: str, settings: Settings) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value=token,
        max_age=int(settings.session_lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


def cookie_name(settings: Settings) -> str:
    """Name the cookie; under https the prefix makes browsers insist on Secure and on this very host (RFC 6265bis)."""
    return "__Host-session" if settings.is_https else "session"
