"""How the publication is doing: posts, views, storage, and whether all is well."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import Controller, Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from blog import checks, languages, policy
from blog.languages import gettext
from blog.models import Site
from blog.queries import figures, views
from blog.web.arguments import Db, Now
from blog.web.bars import Bars
from blog.web.guards import serves
from blog.web.rendering import Asked, page, zone_of
from blog.web.state import house, site_of

MONTHS, DAYS, MOST_READ = 24, 30, 10
KINDS = {"picture": languages.mark("Pictures"), "sound": languages.mark("Sound"), "film": languages.mark("Film"),
         "document": languages.mark("Documents")}  # fmt: skip


class Dashboard(Controller):
    path = "/admin"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.home")
    async def home(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Show the figures of the publication, and what is to mend."""
        here, site = house(request), site_of(request.scope)
        since = _today(now, site) - timedelta(days=DAYS - 1)
        kinds = await figures.stored(db)
        stored = [(gettext(KINDS[kind]), number, size) for kind, number, size in kinds if number]
        shown: dict[str, Any] = {
            "posts": await _posts(request, db, now, site),
            "views": await _views(db, since),
            "most_read": await views.most_read(db, since, MOST_READ),
            "stored": stored,
            "database_size": await figures.database_size(db),
        }
        await db.commit()  # nothing is held while others are asked how they are
        findings = await checks.glance(here.settings, here.sessions, here.storage, now)
        return page(request, "admin/home.html", findings=findings, say=gettext, days=DAYS, months=MONTHS, **shown)


async def _posts(request: Asked, db: AsyncSession, now: datetime, site: Site) -> Bars:
    every = await house(request).days(db, now)
    counted = await figures.posts_by_month(db, now, zone_of(site), every, MONTHS)
    return Bars.of([(languages.month(begin), number) for begin, number in counted])


async def _views(db: AsyncSession, since: date) -> Bars:
    counted = await views.per_day(db, since)
    dates = [since + timedelta(days=number) for number in range(DAYS)]
    return Bars.of([(languages.day(datetime.combine(day, datetime.min.time())), counted.get(day, 0)) for day in dates])


def _today(now: datetime, site: Site) -> date:
    return now.astimezone(zone_of(site)).date()
