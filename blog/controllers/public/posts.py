"""The feed and the posts."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.queries import posts
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.conditional import conditional
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page, text_of_template


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
        """Show one post; with `.md` after its address, its source."""
        if slug.endswith(".md"):
            return await _source(request, slug.removesuffix(".md"), db, now)
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


async def _source(request: Asked, slug: str, db: AsyncSession, now: datetime) -> Response[Any]:
    post = await posts.source_by_slug(db, slug, now)
    if post is None:
        raise NotFound
    body = text_of_template(request, "public/posts/source.md", post=post)
    return conditional(request, body.encode(), "text/markdown; charset=utf-8", post.updated_at)
