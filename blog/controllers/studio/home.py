"""The first page of the desk, and the calendar of what appears and ends."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from sqlalchemy import Row

from blog import languages, policy
from blog.models.post import FIRST_YEAR, LAST_YEAR
from blog.queries import agenda, archive, beginning, notices, registrations
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.rendering import Asked, page, zone_for
from blog.web.state import site_of

MOST_A_DAY = 8
WEEK = 7


@dataclass(slots=True)
class Day:
    """A day of the calendar: its first moment, and what appears or ends on it."""

    begin: datetime
    is_of_month: bool
    entries: list[Row[Any]] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many entries do not fit."""
        return max(0, len(self.entries) - MOST_A_DAY)


class Desk(Controller):
    path = "/studio"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.home")
    async def home(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show what lies on the writer's desk."""
        parts = await agenda.desk_of(db, viewer, now)
        is_empty = not any(part.total for part in parts.values())
        waits = request.scope["state"].get("waits")
        news = await notices.unread(db, viewer) if waits and waits.news else []
        people = await registrations.first(db, now) if waits and waits.people else []
        is_new = site_of(request.scope).first_steps and policy.may(viewer, policy.Action.ADMINISTER)
        steps = await beginning.first_steps(db, viewer) if is_new else None
        return page(request, "studio/home.html", parts=parts, is_empty=is_empty, news=news, people=people, steps=steps)

    @get("/calendar", name="studio.calendar")
    async def calendar(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Show a month: what was published, what is scheduled, and what ends."""
        zone = zone_for(request)
        today = now.astimezone(zone)
        asked = request.query_params.get("month", f"{today:%Y-%m}")
        period = _month(asked, zone)
        if period is None:
            raise NotFound
        rows = await agenda.month(db, viewer, period)
        weeks = _weeks(period[0], rows, zone)
        names, first = languages.weekdays(), languages.first_weekday()
        before = period[0] - timedelta(days=1)
        return page(
            request,
            "studio/calendar.html",
            weeks=weeks,
            month=period[0],
            weekdays=names[first:] + names[:first],
            before=f"{before:%Y-%m}" if before.year >= FIRST_YEAR else None,
            after=f"{period[1]:%Y-%m}" if period[1].year < LAST_YEAR else None,
            is_this_month=f"{today:%Y-%m}" == asked,
            today=today.date(),
            is_cut=len(rows) >= agenda.MOST_IN_MONTH,
            number=len(rows),
            most=MOST_A_DAY,
        )


def _month(asked: str, zone: ZoneInfo) -> archive.Period | None:
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return None
    if not FIRST_YEAR <= first.year < LAST_YEAR or f"{first:%Y-%m}" != asked:
        return None
    return archive.month_of(first.year, first.month, zone)


def _weeks(begin: datetime, rows: Any, zone: ZoneInfo) -> list[list[Day]]:
    """Put the rows into the weeks of a month, which begin as the language of the site has it."""
    by_day: dict[date, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_day[row.at.astimezone(zone).date()].append(row)
    first = begin.date() - timedelta(days=(begin.weekday() - languages.first_weekday()) % WEEK)
    weeks: list[list[Day]] = []
    while not weeks or (weeks[-1][-1].begin + timedelta(days=1)).month == begin.month:
        days = [first + timedelta(days=WEEK * len(weeks) + number) for number in range(WEEK)]
        weeks.append(
            [
                Day(datetime(day.year, day.month, day.day, 12, tzinfo=zone), day.month == begin.month, by_day[day])
                for day in days
            ]
        )
    return weeks
