"""The feed and the posts."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.queries import posts
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page


class PublicPosts(Controller):
    opt = serves(policy.Action.READ)

    @get("/", name="posts.index")
    async def index(self, request: Asked, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show the feed of posts, newest first."""
        found = await posts.live_page(db, viewer, now, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        return page(request, "public/posts/index.html", page=found)

    @get("/posts/{slug:str}", name="posts.show")
    async def show(self, request: Asked, slug: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show one post."""
        post = await posts.by_slug(db, slug, viewer, now)
        if post is None:
            raise NotFound
        return page(
            request,
            "public/posts/show.html",
            post=post,
            is_live=policy.may_find(viewer, post, now),
            may_edit=policy.may_edit(viewer, post),
        )
