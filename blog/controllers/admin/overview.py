"""Who may do what, drawn from the policy itself, and what happened."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.models import Role
from blog.queries import events
from blog.web.arguments import Db
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page


class Overview(Controller):
    path = "/admin"
    opt = serves(policy.Action.ADMINISTER)

    @get("/permissions", name="admin.permissions")
    async def permissions(self, request: Asked) -> Response[Any]:
        """Show the role table."""
        columns: list[Role | None] = [None, *Role]
        rows = [(action.value, [role in allowed for role in columns]) for action, allowed in policy.ALLOWED.items()]
        names = [role.value if role else "anonymous" for role in columns]
        return page(request, "admin/permissions.html", columns=names, rows=rows)

    @get("/events", name="admin.events.index")
    async def events(self, request: Asked, db: Db) -> Response[Any]:
        """Show what happened, newest first."""
        found = await events.page(db, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        return page(request, "admin/events/index.html", page=found)
