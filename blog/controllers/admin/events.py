"""The activity log: who did what to what, when and from where."""

import json
from collections.abc import AsyncIterator
from typing import Any

from litestar import Controller, Response, get
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.cells import line
from blog.controllers.admin.overview import DEEDS, SUBJECTS
from blog.forms.events import EventForm
from blog.languages import gettext
from blog.queries import events
from blog.queries.chain import ADDRESSES_KEPT
from blog.queries.events import Stretch, Told, Wanted
from blog.web import routes
from blog.web.arguments import Db
from blog.web.errors import NotFound, Refusal
from blog.web.guards import serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page, zone_of
from blog.web.state import site_of

COLUMNS = (
    "number", "time", "person", "person_number", "action", "subject", "subject_number", "detail", "address", "commitment", "hash",
)  # fmt: skip
PAGES = {"post": "studio.posts.edit", "tag": "studio.tags.edit", "media": "studio.media.show"}
"""Where the desk shows what an event is about, and how that page calls its number."""


class Events(Controller):
    path = "/admin/events"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.events.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """Show what happened, newest first, as far as it fits the filter."""
        form, errors = _form(request)
        found: Stretch | None = Stretch([])
        if not errors:
            before, after = (page_number(request.query_params.get(name, "")) if request.query_params.get(name) else 0
                             for name in ("before", "after"))  # fmt: skip
            found = await events.stretch(db, form.wanted, before=before, after=after)
        if found is None:
            raise NotFound
        return page(
            request,
            "admin/events/index.html",
            status=422 if errors else 200,
            form=form,
            errors=errors,
            page=found,
            names=await events.names(db, found.items),
            address_of=_address_of,
            actions=sorted(((deed, gettext(deed)) for deed in DEEDS), key=lambda pair: pair[1].casefold()),
            subjects=sorted(((subject, gettext(subject)) for subject in SUBJECTS), key=lambda pair: pair[1].casefold()),
            kept_days=ADDRESSES_KEPT.days,
            say=gettext,
        )

    @get("/export.csv", name="admin.events.export")
    async def export(self, request: Asked, db: Db) -> Stream:
        """Give all events that fit the filter as a table, newest first."""
        form, errors = _form(request)
        if errors:
            raise Refusal(400, next(iter(errors.values())))
        headers = {"content-disposition": 'attachment; filename="events.csv"'}
        return Stream(_lines(db, form.wanted), media_type="text/csv; charset=utf-8; header=present", headers=headers)


def _form(request: Asked) -> tuple[EventForm, dict[str, str]]:
    return EventForm.parse(dict(request.query_params), zone_of(site_of(request.scope)), DEEDS, SUBJECTS)


def _address_of(subject: str, subject_id: int) -> str:
    """Give the desk's page of what an event is about, or nothing when it has none."""
    if subject == "user":
        return routes.url("admin.events.index") + f"?subject=user&number={subject_id}"
    names = {"post": "post_id", "tag": "tag_id", "media": "media_id"}
    return routes.url(PAGES[subject], **{names[subject]: subject_id})


async def _lines(db: AsyncSession, wanted: Wanted) -> AsyncIterator[str]:
    yield line(COLUMNS)
    async for batch in events.batches(db, wanted):
        yield "".join(_line(told) for told in batch)


def _line(told: Told) -> str:
    one = told.event
    detail = json.dumps(one.detail, ensure_ascii=False, sort_keys=True) if one.detail else ""
    at = one.at.isoformat(timespec="microseconds")
    who, what = (one.actor_name, one.actor_id), (one.action, one.subject, one.subject_id)
    return line((one.id, at, *who, *what, detail, told.address, one.commitment, one.hash))
