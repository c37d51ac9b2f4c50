"""All posts by year and month."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.controllers.public.listing import listing
from blog.queries import archive
from blog.queries.posts import Within
from blog.web.arguments import Db, Now, PathId
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, page, zone_of
from blog.web.state import house, site_of


class Archive(Controller):
    path = "/archive"
    opt = serves(policy.Action.READ)

    @get("/", name="archive.index", opt=kept())
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """List the months that have posts, by year."""
        every = await house(request).days(db, now)
        years = await archive.by_year(db, now, zone_of(site_of(request.scope)), every)
        return page(request, "public/archive/index.html", years=years)

    @get("/{year:int}/{month:int}", name="archive.show", opt=kept("page"))
    async def show(self, request: Asked, year: PathId, month: PathId, db: Db, now: Now) -> Response[Any]:
        """Show the posts of one month."""
        period = archive.month_of(year, month, zone_of(site_of(request.scope)))
        if period is None:
            raise NotFound
        found = await listing(request, db, now, Within(period=period), f"month {year}-{month}")
        if not found.items:
            raise NotFound
        return page(request, "public/archive/show.html", page=found, month=period[0], path=request.url.path)
