"""News for somebody who writes: what others did with posts that they work on."""

from typing import Any

from litestar import Controller, Response, get, post

from blog import policy
from blog.queries import notices
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import number_of, page_number, read_form, row_id, text_of
from blog.web.rendering import Asked, page, see


class DeskNews(Controller):
    path = "/studio/news"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.news.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """List one's own news, unread first."""
        found = await notices.page(db, viewer, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        return page(request, "studio/news/index.html", page=found)

    @post("/read", name="studio.news.read", status_code=200)
    async def read_all(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Mark as read everything up to the newest that the page showed."""
        newest = number_of(text_of(await read_form(request), "newest"))
        await notices.read_up_to(db, viewer, newest, now)
        await db.commit()
        return see(routes.url("studio.news.index"), message="read")

    @post("/{notice_id:int}/read", name="notices.read", status_code=200)
    async def read(self, db: Db, viewer: Viewer, notice_id: PathId, now: Now) -> Response[Any]:
        """Mark one as read; somebody else's stays as it is."""
        await notices.read(db, viewer, row_id(notice_id), now)
        await db.commit()
        return see(routes.url("studio.news.index"))
