"""Moving everything in and out: what admins ask for here is done as a job, whether or not the page stays open."""

from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio.uploads import read_upload
from blog.database import begin_write
from blog.languages import gettext as _
from blog.languages import mark
from blog.media import plain_name
from blog.models import Event, Transfer, TransferKind, TransferState, User
from blog.models.transfer import Phase
from blog.queries import transfers
from blog.storage import new_name
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.bodies import LARGEST_PACKAGE
from blog.web.errors import NotFound
from blog.web.guards import SLOW, asks_again, begin_writing, serves
from blog.web.input import page_number, read_form, row_id, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house

MOST_OPEN = 20
PHASES = {
    Phase.WAITING: mark("Waiting"),
    Phase.UNPACKING: mark("Unpacking"),
    Phase.WORKING: mark("Working"),
    Phase.PACKING: mark("Packing"),
}
FIGURES = {
    "imported": mark("imported"), "updated": mark("updated"), "unchanged": mark("unchanged"), "skipped": mark("skipped"),
    "authors_made": mark("new people"), "tags_made": mark("new tags"), "pictures_kept": mark("new pictures"),
    "redirects_made": mark("redirects"), "permalinks_made": mark("old permalinks"), "files_led": mark("old addresses of files"),
    "posts": mark("posts"), "pages": mark("pages"), "unpublished": mark("with unpublished changes"),
    "media": mark("files"), "files": mark("files"), "people": mark("people"), "tags": mark("tags"), "redirects": mark("redirects"),
}  # fmt: skip
"""What figures of a report are called on the page."""


class Transfers(Controller):
    path = "/admin/transfers"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.transfers.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """Ask what to bring in or to take out, and list what was moved before."""
        return await _index(request, db)

    @post("/", name="admin.transfers.create", status_code=200, request_max_body_size=LARGEST_PACKAGE, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Take an upload, and have it imported or only looked through."""
        typed = await read_form(request)
        upload = typed.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return await _index(request, db, {"file": _("Choose a file.")})
        content = await read_upload(upload)
        if not len(content):
            return await _index(request, db, {"file": _("The file is empty.")})
        stored = new_name("zip")
        await db.commit()
        await house(request).storage.put({stored: content})
        await begin_writing(request)
        if await transfers.count_open(db) >= MOST_OPEN:
            await db.commit()
            await house(request).storage.delete([stored])
            return await _index(request, db, {"file": _("Too much is waiting already. Let some of it end first.")})
        rehearsal = text_of(typed, "then") != "import"
        made = Transfer(
            kind=TransferKind.IMPORT, name=plain_name(upload.filename), is_rehearsal=rehearsal, upload=stored, told={}
        )
        return await _begun(db, made, viewer, now)

    @post("/exports", name="admin.transfers.export", status_code=200, opt=asks_again())
    async def export(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Have everything, or the public site, packed into a zip."""
        kind = {"archive": TransferKind.ARCHIVE, "static": TransferKind.STATIC}.get(
            text_of(await read_form(request), "kind")
        )
        if kind is None:
            return await _index(request, db, {"kind": _("Choose what to export.")})
        if await transfers.count_open(db) >= MOST_OPEN:
            return await _index(request, db, {"kind": _("Too much is waiting already. Let some of it end first.")})
        return await _begun(db, Transfer(kind=kind, told={}), viewer, now)

    @get("/{transfer_id:int}", name="admin.transfers.show")
    async def show(self, request: Asked, db: Db, transfer_id: PathId, now: Now) -> Response[Any]:
        """Show how far a job is, and at its end what it did."""
        transfer = await _transfer(db, transfer_id)
        told = transfer.told
        figures = [(_(FIGURES[name]), number) for name, number in told.get("figures", {}).items() if name in FIGURES]
        lines = told.get("lines", [])
        since = transfer.started_at or transfer.created_at
        return page(
            request,
            "admin/transfers/show.html",
            transfer=transfer,
            phase=_(PHASES[transfer.phase]),
            seconds=int(((transfer.finished_at or now) - since).total_seconds()),
            figures=figures,
            skipped=[words for kind, words in lines if kind == "skipped"],
            doubtful=[words for kind, words in lines if kind == "doubtful"],
            more=told.get("more", 0),
        )

    @post("/{transfer_id:int}/import", name="admin.transfers.import", status_code=200)
    async def go_on(self, db: Db, viewer: Viewer, transfer_id: PathId, now: Now) -> Response[Any]:
        """Import what a dry run has looked through, from the same upload."""
        transfer = await _transfer(db, transfer_id)
        if not transfer.may_become_import:
            return see(_page_of(transfer), message="transfer-gone")
        made = Transfer(kind=TransferKind.IMPORT, name=transfer.name, upload=transfer.upload, told={})
        transfer.upload = ""
        return await _begun(db, made, viewer, now)

    @post("/{transfer_id:int}/cancel", name="admin.transfers.cancel", status_code=200)
    async def cancel(self, db: Db, viewer: Viewer, transfer_id: PathId, now: Now) -> Response[Any]:
        """End a job; one that a process is at ends within seconds."""
        transfer = await _transfer(db, transfer_id)
        if transfer.is_open and not transfer.cancel_asked:
            transfer.cancel_asked = True
            if transfer.state == TransferState.WAITING:
                transfer.finish(TransferState.CANCELLED, now)
                db.add(Event.about("transfer.cancelled", transfer, now, viewer, name=transfer.name or transfer.kind))
            await db.commit()
        return see(_page_of(transfer))

    @get("/{transfer_id:int}/file", name="admin.transfers.file", opt=asks_again())
    async def file(self, request: Asked, db: Db, viewer: Viewer, transfer_id: PathId, now: Now) -> Response[Any]:
        """Give the zip that a job made."""
        transfer, storage = await _transfer(db, transfer_id), house(request).storage
        begin = await storage.read(transfer.result) if transfer.result else None
        if begin is None:
            raise NotFound
        await db.commit()
        await begin_write(db)
        db.add(Event.about("transfer.fetched", transfer, now, viewer, name=transfer.name or transfer.kind))
        await db.commit()
        # Whoever takes a large file slowly must not keep a connection to the database meanwhile.
        await db.close()
        name = quote(_file_name(transfer), safe="")
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{name}",
            "content-length": str(begin.size),
            "cache-control": "no-store",
        }

        async def pieces() -> Any:
            yield begin.content
            async for piece in storage.pieces(transfer.result, len(begin.content), begin.size - 1):
                yield piece

        return Stream(pieces(), media_type="application/zip", headers=headers)


async def _index(request: Asked, db: AsyncSession, errors: dict[str, str] | None = None) -> Response[Any]:
    found = await transfers.page(db, page_number(request.query_params.get("page")))
    if found is None:
        raise NotFound
    status = 422 if errors else 200
    most = LARGEST_PACKAGE // 10**9
    return page(request, "admin/transfers/index.html", status=status, page=found, errors=errors or {}, most=most)


async def _begun(db: AsyncSession, transfer: Transfer, viewer: User, now: Any) -> Response[Any]:
    transfer.created_at, transfer.asked_by_id = now, viewer.id
    db.add(transfer)
    await db.flush()  # the event needs its id
    db.add(Event.about("transfer.begun", transfer, now, viewer, name=transfer.name or transfer.kind))
    await db.commit()
    return see(_page_of(transfer))


async def _transfer(db: AsyncSession, transfer_id: int) -> Transfer:
    found = await transfers.by_id(db, row_id(transfer_id))
    if found is None:
        raise NotFound
    return found


def _page_of(transfer: Transfer) -> str:
    return routes.url("admin.transfers.show", transfer_id=transfer.id)


def _file_name(transfer: Transfer) -> str:
    what = "report" if transfer.is_import else "site" if transfer.kind == TransferKind.STATIC else "blog"
    return f"{what}-{transfer.created_at:%Y-%m-%d}.zip"
