"""What the posts are about."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.controllers.public.listing import listing
from blog.queries import tags
from blog.queries.posts import Within
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, page


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
        tag = await tags.by_slug(db, slug, now)
        if tag is None:
            raise NotFound
        found = await listing(request, db, now, Within(tag=tag), f"tag {tag.id}")
        return page(request, "public/tags/show.html", tag=tag, page=found)
