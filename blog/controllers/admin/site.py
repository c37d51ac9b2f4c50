"""The publication's own settings: what it is called, how it speaks, where its navigation leads."""

import asyncio
from typing import Any

from litestar import Controller, Response, get, post

from blog import policy, search
from blog.forms.fields import Errors
from blog.forms.site import SiteForm, zones
from blog.languages import OFFERED, name_of
from blog.models import Event
from blog.queries import site
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.guards import serves
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
        return _form(request, SiteForm.of(await site.current(db)), {})

    @post("/", name="admin.site.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Change the settings; after another language the posts are taken into the search anew."""
        form, errors = SiteForm.parse(await read_form(request))
        if errors:
            return _form(request, form, errors)
        row = await site.current(db)
        speaks_anew = row.language != form.language
        row.title, row.tagline, row.accent = form.title, form.tagline, form.accent
        row.language, row.timezone = form.language, form.timezone
        row.navigation = [list(link) for link in form.navigation]
        db.add(Event.about("site.changed", row, now, viewer))
        await site.touch(db)
        await db.commit()
        house(request).forget_site()
        if speaks_anew:
            _index_in(request, form.language)
        return see(routes.url("admin.site.edit"), message="site-saved")


def _index_in(request: Asked, language: str) -> None:
    """Begin to index all posts in a language. If the process ends before that is done, `blog migrate` goes on with it."""
    task = asyncio.create_task(search.catch_up(house(request).sessions, language))
    _at_work.add(task)
    task.add_done_callback(_at_work.discard)


def _form(request: Asked, form: SiteForm, errors: Errors) -> Response[Any]:
    languages = [(tag, name_of(tag)) for tag in OFFERED]
    status = 422 if errors else 200
    return page(
        request, "admin/site/edit.html", status=status, form=form, errors=errors, languages=languages, zones=zones()
    )
