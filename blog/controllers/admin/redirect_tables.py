"""Many redirects at once, from a table: all of it or nothing."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.hops import circle, path_of
from blog.controllers.admin.redirects import in_a_circle, step, taken
from blog.forms.redirects import MOST_ERRORS, MOST_LINES, Line, parse_table, said_of
from blog.languages import gettext as _
from blog.models import Event
from blog.queries import redirects, site
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class RedirectTables(Controller):
    path = "/admin/redirects/import"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.redirects.import")
    async def new(self, request: Asked) -> Response[Any]:
        """Ask for the table, and say how it is written."""
        return _form(request, [])

    @post("/", name="admin.redirects.import.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take in a table; one line that is wrong, and nothing is written."""
        upload = (await read_form(request)).get("table")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return _form(request, [_("Choose a file.")])
        lines, problems = parse_table(await upload.read(), house(request).settings.base_url)
        await begin_writing(request)
        await site.hold(db)
        problems += await _problems(db, lines)
        if problems:
            return _form(request, problems)
        await redirects.put_all(db, [(line.form.path, line.form.target, line.form.code) for line in lines], now)
        db.add(Event.about("redirect.imported", await site.current(db), now, viewer, count=len(lines)))
        await db.commit()
        return see(routes.url("admin.redirects.index"), message="redirects-imported")


async def _problems(db: AsyncSession, lines: list[Line]) -> list[str]:
    """Say of each line where the site itself answers, or where readers would be sent in a circle."""
    ways = await redirects.ways(db) | {line.form.path: path_of(line.form.target) for line in lines}
    found, ending = [], set[str]()
    for line in lines:
        words = taken(line.form)
        if not words and (way := circle(line.form.path, lambda path: step(path, ways), ending)):
            words = in_a_circle(way)
        if words:
            found.append(said_of(line.number, words))
    return found


def _form(request: Asked, problems: list[str]) -> Response[Any]:
    return page(
        request,
        "admin/redirects/import.html",
        status=422 if problems else 200,
        problems=problems[:MOST_ERRORS],
        more=max(0, len(problems) - MOST_ERRORS),
        most=MOST_LINES,
    )
