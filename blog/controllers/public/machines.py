"""What programs read of the site: a sitemap, rules for robots, and its texts as Markdown."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.queries import posts, sitemap
from blog.queries.days import Days
from blog.web.arguments import Db, Now, PathId
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, plain, text_of_template
from blog.web.state import house

XML = "application/xml; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"


class Machines(Controller):
    opt = serves(policy.Action.READ) | kept()

    @get("/robots.txt", name="machines.robots")
    async def robots(self, request: Asked) -> Response[Any]:
        """Ask robots to leave the desk alone, and tell them where the sitemap is."""
        return plain(text_of_template(request, "public/machines/robots.txt"), PLAIN)

    @get("/sitemap.xml", name="machines.sitemap")
    async def sitemap(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """List every public page with when it last changed; of a large site, the parts of that list."""
        every = await house(request).days(db, now)
        parts = sitemap.parts(every.live)
        if parts > 1:
            body = text_of_template(request, "public/machines/sitemap_index.xml", parts=parts)
            return plain(body, XML)
        return await _part(request, db, now, 1, every)

    @get("/sitemap/{number:int}", name="machines.sitemap.part")
    async def part(self, request: Asked, db: Db, now: Now, number: PathId) -> Response[Any]:
        """List one part of the public pages."""
        every = await house(request).days(db, now)
        if not 1 <= number <= sitemap.parts(every.live):
            raise NotFound
        return await _part(request, db, now, number, every)

    @get("/llms.txt", name="machines.llms")
    async def llms(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Tell language models what is here, in the form of llmstxt.org."""
        body = text_of_template(request, "public/machines/llms.txt", posts=await posts.newest_titles(db, now))
        return plain(body, MARKDOWN)


async def _part(request: Asked, db: Db, now: Now, number: int, every: Days) -> Response[Any]:
    found = await sitemap.part(db, now, number, house(request).settings.base_url, every)
    body = text_of_template(request, "public/machines/sitemap.xml", part=found)
    return plain(body, XML)
