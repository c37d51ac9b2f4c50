"""The database session of one request."""

from typing import Any

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncSession

from blog.queries.chain import ADDRESS
from blog.web.addresses import client_address
from blog.web.state import house


def request_db(connection: ASGIConnection[Any, Any, Any, Any]) -> AsyncSession:
    """Give the request's session, the same one each time; the outer layer closes it when the answer is out."""
    state = connection.scope["state"]
    if "db" not in state:
        here = house(connection)
        # What is done in this session is recorded with the address that it was done from.
        state["db"] = here.sessions(info={ADDRESS: client_address(connection.scope, here.settings)})
    db: AsyncSession = state["db"]
    return db
