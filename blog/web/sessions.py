"""The database session of one request."""

from typing import Any

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncSession

from blog.web.state import house


def request_db(connection: ASGIConnection[Any, Any, Any, Any]) -> AsyncSession:
    """Give the request's session, the same one each time; the outer layer closes it when the answer is out."""
    state = connection.scope["state"]
    if "db" not in state:
        state["db"] = house(connection).sessions()
    db: AsyncSession = state["db"]
    return db
