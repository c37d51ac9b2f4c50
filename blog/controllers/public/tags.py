"""What the posts are about."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.queries import posts, tags
from blog.queries.posts import Within
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page
from blog.web.state import house


class PublicTags(Controller):
    path = "/tags"
    opt = serves(policy.Action.READ)

    @get("/", name="tags.index", opt=kept())
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Show all tags with how many posts each has."""
        return page(request, "public/tags/index.html", tags=await tags.with_counts(db, now))

    @get("/{slug:str}", name="tags.show", opt=kept("page"))
    async def show(self, request: Asked, slug: PathText, db: Db, now: Now) -> Response[Any]:
        """Show the feed of one tag."""
        number = page_number(request.query_params.get("page"))
        tag = await tags.by_slug(db, slug, now)
        if tag is None:
            raise NotFound
        within = Within(tag=tag)
        total = await house(request).known(f"tag {tag.id}", lambda: posts.count(db, now, within))
        found = await posts.live_page(db, now, number, total, within)
        if found is None:
            raise NotFound
        return page(request, "public/tags/show.html", tag=tag, page=found)
