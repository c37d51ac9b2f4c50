"""One's own picture, which stands beside one's name."""

from typing import Any

from litestar import Controller, Response, post
from litestar.datastructures import UploadFile

from blog import media as media_files
from blog import policy
from blog.content.files import MediaRefused
from blog.controllers.account.profile import account
from blog.forms.account import ProfileForm
from blog.languages import gettext as _
from blog.models import Event
from blog.queries import site
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.bodies import LARGEST_PORTRAIT
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, see
from blog.web.state import house


class Portraits(Controller):
    path = "/account/picture"
    opt = serves(policy.Action.OWN_ACCOUNT)

    @post("/", name="portraits.update", status_code=200, request_max_body_size=LARGEST_PORTRAIT, opt=SLOW)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take a picture, cut to a square."""
        upload = (await read_form(request)).get("picture")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return await account(
                request, db, viewer, ProfileForm.of(viewer), {"picture": _("Choose a picture to upload.")}, {}
            )
        try:
            picture = await media_files.examine_portrait(await upload.read())
        except MediaRefused as refused:
            return await account(request, db, viewer, ProfileForm.of(viewer), {"picture": str(refused)}, {})
        storage = house(request).storage
        stored = await media_files.store(db, storage, picture, by=viewer)
        await begin_writing(request)
        kept = await media_files.keep(db, storage, stored, upload.filename, now=now, by=viewer)
        viewer.picture_id = kept.id
        db.add(Event.about("user.profile_changed", viewer, now, viewer))
        await site.touch(db)
        await db.commit()
        return see(routes.url("account.show"), message="portrait")

    @post("/delete", name="portraits.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take one's picture away."""
        viewer.picture_id = None
        db.add(Event.about("user.profile_changed", viewer, now, viewer))
        await site.touch(db)
        await db.commit()
        return see(routes.url("account.show"), message="portrait-removed")
