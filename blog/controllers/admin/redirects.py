"""Old addresses: those that the site remembers by itself, and those that admins send elsewhere."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.hops import circle, path_of
from blog.content.text import clean_text
from blog.forms.fields import Errors
from blog.forms.redirects import RedirectForm, leads_to
from blog.languages import gettext as _
from blog.models import Event, Redirect
from blog.models.redirect import CODES
from blog.queries import redirects, site
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.elsewhere import leads_to as known_elsewhere
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house

LONGEST_QUERY = 200


class AdminRedirects(Controller):
    path = "/admin/redirects"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.redirects.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """List old addresses, the last made first."""
        return await _list(request, db, RedirectForm(), {})

    @post("/", name="admin.redirects.create", status_code=200)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Send an old address elsewhere."""
        form, errors = RedirectForm.parse(await read_form(request), house(request).settings.base_url)
        await site.hold(db)
        if "path" not in errors and await redirects.at(db, form.path) is not None:
            errors["path"] = _("This address leads somewhere already. Find it in the list and change it there.")
        await check(db, form, errors)
        if errors:
            return await _list(request, db, form, errors)
        made = Redirect(created_at=now)
        made.lead(form.path, form.target, form.code)
        db.add(made)
        await db.flush()  # the event names it by id
        db.add(Event.about("redirect.created", made, now, viewer, **made.told()))
        message = "redirect-waits" if await redirects.has_page(db, form.path, now) else "redirect-saved"
        await db.commit()
        return see(routes.url("admin.redirects.index"), message=message)

    @get("/{redirect_id:int}", name="admin.redirects.edit")
    async def edit(self, request: Asked, db: Db, redirect_id: PathId) -> Response[Any]:
        """Show an old address and where it leads."""
        found = await _redirect(db, redirect_id)
        return _form(request, found, RedirectForm.of(found), {})

    @post("/{redirect_id:int}", name="admin.redirects.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, redirect_id: PathId, now: Now) -> Response[Any]:
        """Send an old address somewhere else than it led before."""
        form, errors = RedirectForm.parse(await read_form(request), house(request).settings.base_url)
        await site.hold(db)
        found = await _redirect(db, redirect_id)
        other = await redirects.at(db, form.path) if "path" not in errors else None
        if other is not None and other.id != found.id:
            errors["path"] = _("This address leads somewhere already. Find it in the list and change it there.")
        await check(db, form, errors, was=found.path)
        if errors:
            return _form(request, found, form, errors)
        found.lead(form.path, form.target, form.code)
        db.add(Event.about("redirect.changed", found, now, viewer, **found.told()))
        message = "redirect-waits" if await redirects.has_page(db, form.path, now) else "redirect-saved"
        await db.commit()
        return see(routes.url("admin.redirects.index"), message=message)

    @post("/{redirect_id:int}/delete", name="admin.redirects.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, redirect_id: PathId, now: Now) -> Response[Any]:
        """Forget an old address; it answers that there is nothing."""
        found = await _redirect(db, redirect_id)
        db.add(Event.about("redirect.deleted", found, now, viewer, **found.told()))
        await db.delete(found)
        await db.commit()
        return see(routes.url("admin.redirects.index"), message="redirect-deleted")


async def check(db: AsyncSession, form: RedirectForm, errors: Errors, *, was: str = "") -> None:
    """Note an error where the site itself answers, or where readers would be sent in a circle."""
    if errors:
        return
    if problem := taken(form):
        errors["path"] = problem
        return
    # Addresses of other systems are few and lead to pages, so what is by hand behind them is asked for at once.
    ways = await redirects.ways(db)
    ways.pop(was, None)
    ways[form.path] = path_of(form.target)
    if way := circle(form.path, lambda path: step(path, ways)):
        errors["target"] = in_a_circle(way)


def taken(form: RedirectForm) -> str:
    """Say why an address cannot lead elsewhere: something of the site itself is always there."""
    return _("The site itself answers at this address.") if routes.is_fixed(form.path) else ""


def step(path: str, ways: dict[str, str]) -> str | None:
    """Give where a path leads next: by hand, or as addresses of other systems do."""
    if path in ways:
        return ways[path]
    moved = known_elsewhere(path)
    return moved.path if moved else None


def in_a_circle(way: Sequence[str]) -> str:
    """Say that redirects would go round."""
    return _("Readers would be sent in a circle: %(way)s.") % {"way": " → ".join([*way, way[0]])}


async def _redirect(db: AsyncSession, redirect_id: int) -> Redirect:
    found = await redirects.by_id(db, row_id(redirect_id))
    if found is None:
        raise NotFound
    return found


async def _list(request: Asked, db: AsyncSession, form: RedirectForm, errors: Errors) -> Response[Any]:
    q = clean_text(request.query_params.get("q", "")[:LONGEST_QUERY])
    kind = request.query_params.get("kind", "")
    found = await redirects.page(db, page_number(request.query_params.get("page")), q, kind)
    if found is None:
        raise NotFound
    return page(
        request,
        "admin/redirects/index.html",
        status=422 if errors else 200,
        page=found,
        rows=[(one, leads_to(one)) for one in found.items],
        q=q,
        kind=kind if kind in redirects.KINDS else "",
        form=form,
        errors=errors,
        codes=CODES,
    )


def _form(request: Asked, found: Redirect, form: RedirectForm, errors: Errors) -> Response[Any]:
    status = 422 if errors else 200
    return page(request, "admin/redirects/edit.html", status=status, found=found, form=form, errors=errors, codes=CODES)
