"""The publication's own settings: what it is called, how it speaks, where its navigation leads, who may join."""

import asyncio
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.content.markdown import ContentRefused
from blog.content.worker import render_off_loop
from blog.forms.fields import Errors
from blog.forms.site import SiteForm, zones
from blog.languages import gettext as _
from blog.languages.offered import OFFERED
from blog.models import Event, Opening, Role, Site, User
from blog.queries import site
from blog.web import proofs, routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house

_at_work: set[asyncio.Task[int]] = set()


class AdminSite(Controller):
    path = "/admin/site"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.site.edit")
    async def edit(self, request: Asked, db: Db) -> Response[Any]:
        """Show the settings."""
        row = await site.current(db)
        return settings_page(request, row, SiteForm.of(row), {})

    @post("/", name="admin.site.update", status_code=200, opt=SLOW)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Change the settings; after another language the posts are taken into the search anew."""
        row, typed = await site.current(db), await read_form(request)
        form, errors = SiteForm.parse(typed, SiteForm.of(row))
        if list(form.second_factor_roles) != row.second_factor_roles:
            await proofs.insist(request, typed)
        if form.registration == Opening.MAIL != row.registration and not house(request).has_mail:
            errors.setdefault("registration", _("This needs mail, and no mail server is set up."))
        await db.commit()  # nothing is held while the footer is rendered
        html = await _footer(form, errors)
        if errors:
            return settings_page(request, row, form, errors)
        await begin_writing(request)
        row = await site.current(db)
        speaks_anew, unlike = row.language != form.language, form.unlike(SiteForm.of(row))
        form.apply(row)
        row.footer_html = html
        await changed(request, db, row, unlike, now=now, by=viewer)
        if speaks_anew:
            index_in(request, form.language)
        return see(routes.url("admin.site.edit"), message="site-saved")

    @post("/first-steps/delete", name="first_steps.delete", status_code=200)
    async def put_away_first_steps(self, request: Asked, db: Db) -> Response[Any]:
        """Say no longer on the desk what may be done first."""
        (await site.current(db)).first_steps = False
        await site.touch(db)
        await db.commit()
        house(request).forget_site()
        return see(routes.url("studio.home"))


async def changed(request: Asked, db: AsyncSession, row: Site, settings: list[str], *, now: datetime, by: User) -> None:
    """Commit a change of the settings; readers see it at once, on every node."""
    db.add(Event.about("site.changed", row, now, by, settings=settings or None))
    await site.touch(db)
    await db.commit()
    house(request).forget_site()


def index_in(request: Asked, language: str) -> None:
    """Begin to index all posts in a language. If the process ends before that is done, `blog migrate` goes on with it."""
    task = asyncio.create_task(search.catch_up(house(request).sessions, language))
    _at_work.add(task)
    task.add_done_callback(_at_work.discard)


def settings_page(request: Asked, row: Site, form: SiteForm, errors: Errors) -> Response[Any]:
    """Show the page of all settings; 422 when something was refused."""
    return page(
        request,
        "admin/site/edit.html",
        status=422 if errors else 200,
        row=row,
        form=form,
        errors=errors,
        languages=OFFERED.items(),
        zones=zones(),
        has_mail=house(request).has_mail,
        roles=list(Role),
    )


async def _footer(form: SiteForm, errors: Errors) -> str:
    try:
        return str((await render_off_loop(form.footer, language=form.language)).html) if form.footer else ""
    except ContentRefused as refused:
        errors.setdefault("footer", str(refused))
        return ""
