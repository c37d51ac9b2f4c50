"""A writer's files."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from blog import media as media_files
from blog import policy
from blog.content.pictures import MediaRefused
from blog.content.text import clean_text
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.models import Event, User
from blog.queries import media
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.bodies import LARGEST_UPLOAD
from blog.web.errors import NotFound
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import page_number, read_form, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house

LONGEST_ALT = 1000


class DeskMedia(Controller):
    path = "/studio/media"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.media.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """List one's own files; editors see everybody's."""
        return await _grid(request, db, viewer, {})

    @post("/", name="studio.media.create", status_code=200, request_max_body_size=LARGEST_UPLOAD, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take an upload."""
        typed = await read_form(request)
        upload = typed.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return await _grid(request, db, viewer, {"file": _("Choose a picture to upload.")})
        folder = house(request).settings.media_folder
        try:
            picture = await media_files.examine(await upload.read())
        except MediaRefused as refused:
            return await _grid(request, db, viewer, {"file": str(refused)})
        await begin_writing(request)
        kept = await media_files.keep(db, folder, picture, upload.filename, now=now, by=viewer)
        kept.alt = kept.alt or clean_text(text_of(typed, "alt")).strip()[:LONGEST_ALT]
        db.add(Event.about("media.uploaded", kept, now, viewer))
        await db.commit()
        return see(routes.url("studio.media.index"), message="uploaded")


async def _grid(request: Asked, db: AsyncSession, viewer: User, errors: Errors) -> Response[Any]:
    found = await media.desk_page(db, viewer, page_number(request.query_params.get("page")))
    if found is None:
        raise NotFound
    return page(request, "studio/media/index.html", status=422 if errors else 200, page=found, errors=errors)
