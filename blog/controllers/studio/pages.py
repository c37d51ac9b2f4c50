"""Pages that stand by themselves; editors write them as they write posts."""

from typing import Any

from litestar import Controller, Response, get, post

from blog import policy
from blog.controllers.studio import posts
from blog.controllers.studio.editor import editor
from blog.forms.posts import PostForm
from blog.models import Kind
from blog.queries import desk
from blog.queries.desk import DeskFilter
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import NotFound
from blog.web.guards import CARRIED_ON, SLOW, serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page


class DeskPages(Controller):
    path = "/studio/pages"
    opt = serves(policy.Action.EDIT_ALL)

    @get("/", name="studio.pages.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """List the pages; the filter shows those in the trash."""
        status = "trashed" if request.query_params.get("status") == "trashed" else ""
        number = page_number(request.query_params.get("page"))
        wanted = DeskFilter(Kind.PAGE, status=status)
        counts = await desk.counts(db, viewer, now, wanted)
        found = await desk.page(db, viewer, now, wanted, number, counts.get(status, 0))
        if found is None:
            raise NotFound
        return page(request, "studio/pages/index.html", page=found, is_trash=status != "", counts=counts)

    @get("/new", name="studio.pages.new")
    async def new(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Open the editor with nothing in it."""
        return await editor(request, db, viewer, None, PostForm(), {}, Kind.PAGE)

    @post("/", name="studio.pages.create", status_code=200, opt=SLOW | CARRIED_ON)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Save a new page, and publish it at once if asked to."""
        return await posts.create(request, db, viewer, now, Kind.PAGE)
