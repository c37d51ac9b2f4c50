"""Somebody at the door: between the password and the second step, or about to use a passkey. A cookie of its own."""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import new_token, token_hash
from blog.models import Arrival, User
from blog.models.arrival import ARRIVAL_LIFETIME
from blog.queries import arrivals
from blog.settings import Settings
from blog.web.state import house


async def begin(db: AsyncSession, user: User | None, now: datetime) -> tuple[Arrival, str]:
    """Note who came, and give the token for `remember` once the row is committed."""
    await arrivals.forget_expired(db, now)
    token = new_token()
    arrival = Arrival(
        token_hash=token_hash(token),
        user_id=user.id if user else None,
        created_at=now,
        expires_at=now + ARRIVAL_LIFETIME,
    )
    db.add(arrival)
    return arrival, token


async def present(db: AsyncSession, connection: ASGIConnection[Any, Any, Any, Any]) -> Arrival | None:
    """Give who is at the door, while it is open."""
    token = connection.cookies.get(cookie_name(house(connection).settings), "")
    return await arrivals.by_token_hash(db, token_hash(token), house(connection).clock()) if token else None


def remember(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser the cookie of the door."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(ARRIVAL_LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


def forget(response: Response[Any], settings: Settings) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(settings), path="/")


def cookie_name(settings: Settings) -> str:
    """Name the cookie, in the way of that of a sign-in but so that nobody takes it for one."""
    return "__Host-arrival" if settings.is_https else "arrival"
