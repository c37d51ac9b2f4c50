"""The logo and the icon of the site: uploads, checked by their content, kept as other files are."""

from typing import Any

from litestar import Controller, Response, post
from litestar.datastructures import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from blog import media as media_files
from blog import policy
from blog.content.files import File, MediaRefused
from blog.controllers.admin.site import changed, settings_page
from blog.controllers.studio.uploads import read_upload
from blog.forms.site import SiteForm
from blog.languages import gettext as _
from blog.models import Media, MediaKind
from blog.queries import site
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.bodies import LARGEST_PORTRAIT
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, see
from blog.web.state import house

UPLOADED: dict[str, Any] = {"status_code": 200, "request_max_body_size": LARGEST_PORTRAIT, "opt": SLOW}


class SitePictures(Controller):
    path = "/admin/site"
    opt = serves(policy.Action.ADMINISTER)

    @post("/logo", name="admin.logo.update", **UPLOADED)
    async def update_logo(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show a picture in place of the site's name."""
        return await _update(request, db, viewer, now, "logo")

    @post("/logo/delete", name="admin.logo.delete", status_code=200)
    async def delete_logo(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show the site's name again."""
        return await _delete(request, db, viewer, now, "logo")

    @post("/icon", name="admin.icon.update", **UPLOADED)
    async def update_icon(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show a picture in the tabs of browsers and on the screens of phones."""
        return await _update(request, db, viewer, now, "icon")

    @post("/icon/delete", name="admin.icon.delete", status_code=200)
    async def delete_icon(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show the theme's own icon again."""
        return await _delete(request, db, viewer, now, "icon")


async def _update(request: Asked, db: AsyncSession, viewer: Viewer, now: Now, place: str) -> Response[Any]:
    upload = (await read_form(request)).get(place)
    try:
        found, name = await _examined(upload, place)
    except MediaRefused as refused:
        row = await site.current(db)
        return settings_page(request, row, SiteForm.of(row), {place: str(refused)})
    storage = house(request).storage
    stored = await media_files.store(db, storage, found, by=viewer)
    await begin_writing(request)
    kept = await media_files.keep(db, storage, stored, name, now=now, by=viewer)
    row = await site.current(db)
    setattr(row, place, kept)
    await changed(request, db, row, [place], now=now, by=viewer)
    return see(f"{routes.url('admin.site.edit')}#looks", message="site-saved")


async def _delete(request: Asked, db: AsyncSession, viewer: Viewer, now: Now, place: str) -> Response[Any]:
    row = await site.current(db)
    setattr(row, place, None)
    await changed(request, db, row, [place], now=now, by=viewer)
    return see(f"{routes.url('admin.site.edit')}#looks", message="site-saved")


async def _examined(upload: object, place: str) -> tuple[File, str]:
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise MediaRefused(_("Choose a picture to upload."))
    content = await read_upload(upload)
    if place == "icon":
        return await media_files.examine_icon(content), upload.filename
    found = await media_files.examine(content)
    if Media(content_type=found.content_type).kind != MediaKind.PICTURE:
        raise MediaRefused(_("A logo is a picture: PNG, JPEG, GIF, WebP, AVIF or SVG."))
    return found, upload.filename
