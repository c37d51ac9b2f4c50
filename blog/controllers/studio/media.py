"""The library: a writer's files, and everybody's for editors."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from blog import media as media_files
from blog import policy
from blog.content.files import MediaRefused
from blog.content.text import clean_text
from blog.controllers.studio.uploads import Taken, files_of, read_upload, render_again, take
from blog.forms.fields import Errors
from blog.forms.media import MediaForm, clicked
from blog.languages import gettext as _
from blog.languages import mark
from blog.models import Event, Media, User
from blog.models.media import LONGEST_ALT
from blog.queries import media, site
from blog.queries.media import MediaFilter, MediaOrder
from blog.queries.page import Page
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.bodies import LARGEST_UPLOAD
from blog.web.errors import NotFound
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import page_number, read_form, row_id, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house

LONGEST_QUERY = 200
ASKED = ("q", "kind", "use", "by", "order")
ORDERS = {
    MediaOrder.NEWEST: mark("Newest first"),
    MediaOrder.OLDEST: mark("Oldest first"),
    MediaOrder.NAME: mark("Name"),
    MediaOrder.SIZE: mark("Largest first"),
}
SHOWN_SIDE = 240
"""Pixels of the longer side of the picture on which a focal point is clicked; the place of a click comes in them."""


class DeskMedia(Controller):
    path = "/studio/media"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.media.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """List one's own files; editors see everybody's."""
        return await _grid(request, db, viewer, {})

    @post("/", name="studio.media.create", status_code=200, request_max_body_size=LARGEST_UPLOAD, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take one or many uploads; each that can be kept is kept."""
        typed = await read_form(request)
        alt = clean_text(text_of(typed, "alt")).strip()[:LONGEST_ALT]
        taken = [await take(request, db, upload, alt, now=now, by=viewer) for upload in await files_of(request)]
        if "application/json" in request.headers.get("accept", ""):
            return _told(taken)
        refused = [f"{one.name}: {one.refusal}" if len(taken) > 1 else one.refusal for one in taken if one.refusal]
        if taken and not refused:
            return see(routes.url("studio.media.index"), message="uploaded")
        if len(refused) < len(taken):
            refused.append(_("The others were uploaded."))
        return await _grid(request, db, viewer, {"file": " ".join(refused) or _("Choose a file to upload.")})

    @get("/{media_id:int}", name="studio.media.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer, media_id: PathId) -> Response[Any]:
        """Show a file, what is said of it, and where it is used."""
        file = await _file(db, media_id, viewer)
        return await _page(request, db, viewer, file, MediaForm.of(file), {})

    @post("/{media_id:int}", name="studio.media.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, media_id: PathId, now: Now) -> Response[Any]:
        """Change its name, what it shows in words, and its focal point."""
        form, errors = MediaForm.parse(await read_form(request))
        file = await _file(db, media_id, viewer)
        if errors:
            return await _page(request, db, viewer, file, form, errors)
        db.add(file.describe(name=form.name, alt=form.alt, focus=form.focus, now=now, by=viewer))
        await site.touch(db)
        await db.commit()
        return see(routes.url("studio.media.show", media_id=file.id), message="saved")

    @post("/{media_id:int}/focus", name="studio.media.focus", status_code=200)
    async def focus(self, request: Asked, db: Db, viewer: Viewer, media_id: PathId, now: Now) -> Response[Any]:
        """Put the focal point where the picture was clicked."""
        typed = await read_form(request)
        file = await _file(db, media_id, viewer)
        place = clicked(typed, *shown_size(file))
        if place is not None:
            db.add(file.focus_on(place, now=now, by=viewer))
            await site.touch(db)
            await db.commit()
        return see(routes.url("studio.media.show", media_id=file.id), message="saved" if place else "")

    @post("/{media_id:int}/file", name="studio.media.replace", status_code=200,
          request_max_body_size=LARGEST_UPLOAD, opt=SLOW)  # fmt: skip
    async def replace(self, request: Asked, db: Db, viewer: Viewer, media_id: PathId, now: Now) -> Response[Any]:
        """Put another file in its place; its address, and so the posts that show it, stay."""
        file = await _file(db, media_id, viewer)
        upload = (await read_form(request)).get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return await _page(request, db, viewer, file, MediaForm.of(file), {"file": _("Choose a file to upload.")})
        try:
            found = await media_files.examine(await read_upload(upload))
            _same_kind(file, found.content_type)
        except MediaRefused as refused:
            return await _page(request, db, viewer, file, MediaForm.of(file), {"file": str(refused)})
        storage = house(request).storage
        stored = await media_files.store(db, storage, found, by=file.uploaded_by)
        texts = await render_again(db, file, stored)
        await begin_writing(request)
        file = await _file(db, media_id, viewer)
        if (twin := await media.by_fingerprint(db, stored.fingerprint)) is not None:
            await db.commit()
            errors = {"file": _twin(file, twin)}
            return await _page(request, db, viewer, file, MediaForm.of(file), errors)
        stored = await media_files.surely(storage, stored)
        left = media_files.exchange(file, stored)
        for text, html in texts:
            await media.put_html(db, text, html)
        db.add(Event.about("media.replaced", file, now, viewer, name=file.original_name))
        await site.touch(db)
        await db.commit()
        await media_files.discard(storage, left)
        return see(routes.url("studio.media.show", media_id=file.id), message="replaced")

    @post("/{media_id:int}/delete", name="studio.media.delete", status_code=200)
    async def delete(self, request: Asked, db: Db, viewer: Viewer, media_id: PathId, now: Now) -> Response[Any]:
        """Delete a file; one that is used only when that was confirmed."""
        typed = await read_form(request)
        file = await _file(db, media_id, viewer)
        if text_of(typed, "confirmed") != "yes" and (await media.uses(db, file, viewer)).any:
            words = _("The file is used. Tick the box to delete it all the same.")
            return await _page(request, db, viewer, file, MediaForm.of(file), {"confirmed": words})
        left = media_files.names_of(file)
        db.add(Event.about("media.deleted", file, now, viewer, name=file.original_name))
        await db.delete(file)
        await site.touch(db)
        await db.commit()
        await media_files.discard(house(request).storage, left)
        return see(routes.url("studio.media.index"), message="file-deleted")


def shown_size(file: Media) -> tuple[int, int]:
    """Give the size in which a picture is shown to be clicked: its longer side is always the same."""
    width, height = file.width or 1, file.height or 1
    longer = max(width, height)
    return max(1, width * SHOWN_SIDE // longer), max(1, height * SHOWN_SIDE // longer)


def _same_kind(file: Media, content_type: str) -> None:
    if Media(content_type=content_type).kind != file.kind:
        raise MediaRefused(_("Only a file of the same kind can take its place: posts show it as what it is."))


def _twin(file: Media, twin: Media) -> str:
    if twin.id == file.id:
        return _("This is the very file that is here now.")
    return _("This is the file “%(name)s”, which is here already; delete one of the two.") % {
        "name": twin.original_name
    }


def _told(taken: list[Taken]) -> Response[Any]:
    """Answer a program with what became of its file."""
    if not taken:
        return Response({"error": _("Choose a file to upload.")}, status_code=422)
    first = taken[0]
    if first.media is None:
        return Response({"error": first.refusal}, status_code=422)
    return Response(_facts(first.media), status_code=201)


def _listed(found: Page[Media]) -> Response[Any]:
    """List files for the editor's dialog."""
    items = [{**_facts(file), "thumbnail": file.thumbnail} for file in found.items]
    return Response({"items": items, "next": found.number + 1 if found.number < found.pages else None})


def _facts(file: Media) -> dict[str, str]:
    return {"url": file.url, "name": file.original_name, "alt": file.alt, "markdown": file.markdown}


async def _file(db: AsyncSession, media_id: int, viewer: User) -> Media:
    file = await media.for_desk(db, row_id(media_id), viewer)
    if file is None:
        raise NotFound
    return file


async def _grid(request: Asked, db: AsyncSession, viewer: User, errors: Errors) -> Response[Any]:
    asked = {name: request.query_params.get(name, "")[:LONGEST_QUERY] for name in ASKED}
    wanted = MediaFilter(**{name: value.replace("\0", "") for name, value in asked.items()})
    found = await media.desk_page(db, viewer, wanted, page_number(request.query_params.get("page")))
    if found is None:
        raise NotFound
    if "application/json" in request.headers.get("accept", ""):
        return _listed(found)
    edits_all = policy.may(viewer, policy.Action.EDIT_ALL)
    return page(
        request,
        "studio/media/index.html",
        status=422 if errors else 200,
        page=found,
        filter=wanted,
        orders=ORDERS,
        uploaders=await media.uploaders(db) if edits_all else [],
        errors=errors,
    )


async def _page(
    request: Asked, db: AsyncSession, viewer: User, file: Media, form: MediaForm, errors: Errors
) -> Response[Any]:
    return page(
        request,
        "studio/media/show.html",
        status=422 if errors else 200,
        file=file,
        form=form,
        errors=errors,
        uses=await media.uses(db, file, viewer),
        shown=shown_size(file),
    )
