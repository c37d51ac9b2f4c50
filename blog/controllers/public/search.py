"""Finding posts and pages by their words."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy, search
from blog.web.arguments import Db, Now, Visitor
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page
from blog.web.state import site_of


class Search(Controller):
    opt = serves(policy.Action.READ)

    @get("/search", name="search.index", opt=kept("q", "page"))
    async def index(self, request: Asked, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show the form, and what was found."""
        typed = request.query_params.get("q", "")[: search.LONGEST_QUERY]
        terms = search.parse(typed, site_of(request.scope).language)
        number = page_number(request.query_params.get("page"))
        found = await search.results(db, viewer, now, terms, number) if terms else None
        if found is None and (terms or number > 1):
            raise NotFound
        return page(request, "public/search/index.html", q=" ".join(typed.split()), terms=terms, page=found)
