"""The activity log: who did what to what, when and from where."""

import json
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from blog import languages, policy
from blog.content.cells import line
from blog.controllers.admin.overview import BACKUP, DEEDS, SUBJECTS
from blog.forms.events import EventForm
from blog.languages import gettext
from blog.models import Event
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
MOMENTS = frozenset({"at", "until"})
PAGES = {"post": "studio.posts.edit", "tag": "studio.tags.edit", "media": "studio.media.show"}
"""Where the desk shows what an event is about, and how that page calls its number."""


class Events(Controller):
    path = "/admin/events"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.events.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """Show what happened, newest first, as far as it fits the filter."""
        zone = zone_of(site_of(request.scope))
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
            names=await events.names(db, [told.event for told in found.items]),
            address_of=address_of,
            actions=_deeds(),
            subjects=_choices(SUBJECTS),
            details_of=lambda event: [(say(name), _detail(event, name, zone)) for name in event.detail],
            kept_days=ADDRESSES_KEPT.days,
            say=say,
        )

    @get("/export.csv", name="admin.events.export")
    async def export(self, request: Asked, db: Db) -> Stream:
        """Give all events that fit the filter as a table, newest first."""
        form, errors = _form(request)
        if errors:
            raise Refusal(400, next(iter(errors.values())))
        headers = {"content-disposition": 'attachment; filename="events.csv"'}
        return Stream(_lines(db, form.wanted), media_type="text/csv; header=present", headers=headers)


def _form(request: Asked) -> tuple[EventForm, dict[str, str]]:
    return EventForm.parse(dict(request.query_params), zone_of(site_of(request.scope)), DEEDS, SUBJECTS)


def _deeds() -> list[tuple[str, list[tuple[str, str]]]]:
    """List what may have been done, by what it is done to: for many things it is called the same."""
    return [
        (words, _choices(one for one in DEEDS if one.startswith(f"{code}.")))
        for code, words in _choices((BACKUP, *SUBJECTS))
    ]


def _choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((code, say(code).rstrip(":")) for code in codes), key=lambda pair: pair[1].casefold())


def say(code: str) -> str:
    """Say what something is called in the database; where no catalog does, the code itself is nearly English."""
    said = gettext(code)
    return said if said != code else code.rpartition(".")[2].replace("_", " ")


def _detail(event: Event, name: str, zone: ZoneInfo) -> str:
    value = event.detail[name]
    if name in MOMENTS:
        return languages.day_and_time(datetime.fromisoformat(value).astimezone(zone))
    if name == "settings":
        return ", ".join(map(say, value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is True:
        return gettext("yes")
    return gettext(value) if event.subject == "user" and isinstance(value, str) and value else str(value)


def address_of(subject: str, subject_id: int) -> str:
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
