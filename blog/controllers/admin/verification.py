"""Whether the log is as it was written, looked up by an admin: in steps, so that none takes long."""

import re
from typing import Any

from litestar import Controller, Response, get, post

from blog import policy
from blog.checks import record
from blog.languages import gettext as _
from blog.queries import chain
from blog.web.arguments import Db, Now
from blog.web.guards import SLOW, serves
from blog.web.input import page_number, read_form, text_of
from blog.web.rendering import Asked, page

MOST_AT_ONCE = 50_000
"""So many events are followed in some seconds."""
_NOTED = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


class Verifications(Controller):
    path = "/admin/events/check"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="verifications.new")
    async def new(self, request: Asked) -> Response[Any]:
        """Say what a check does, and ask what the log is to be held against."""
        return page(request, "admin/events/check.html", errors={}, noted="", verdict=None)

    @post("/", name="verifications.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Follow the log from its first event, or from where the last step ended. Nothing is written."""
        typed = await read_form(request)
        noted = text_of(typed, "noted").strip()
        held = _NOTED.fullmatch(noted)
        if noted and held is None:
            errors = {"noted": _("That is no number and hash of a check, such as 17:4f0c…, with 64 signs in the hash.")}
            return page(request, "admin/events/check.html", status=422, errors=errors, noted=noted, verdict=None)
        begin = page_number(text_of(typed, "begin")) if text_of(typed, "begin") else 0
        verdict = await chain.verify(
            db, now, begin=begin, most=MOST_AT_ONCE, noted=(int(held[1]), held[2]) if held else None
        )
        return page(
            request,
            "admin/events/check.html",
            errors={},
            noted=noted,
            verdict=verdict,
            first=min(begin + 1, verdict.until),
            findings=record.findings_of(verdict),
        )
