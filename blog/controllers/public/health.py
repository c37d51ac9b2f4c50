"""For those who watch over the server: does it run, and can it serve?"""

from typing import Any

from litestar import Controller, Response, get
from sqlalchemy import text

from blog import policy
from blog.web.arguments import Db
from blog.web.guards import ALWAYS_OPEN, serves


class Health(Controller):
    path = "/health"
    opt = serves(policy.Action.READ) | ALWAYS_OPEN

    @get("/live", name="health.live")
    async def live(self) -> Response[Any]:
        """Say that the process runs."""
        return Response("live", media_type="text/plain")

    @get("/ready", name="health.ready")
    async def ready(self, db: Db) -> Response[Any]:
        """Say that the database answers; when it does not, the answer is 503."""
        await db.execute(text("SELECT 1 FROM site"))
        return Response("ready", media_type="text/plain")
