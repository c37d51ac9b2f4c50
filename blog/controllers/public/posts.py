"""The feed and the posts."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Post, User
from blog.queries import posts
from blog.queries.around import Around, with_around
from blog.web import routes
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.elsewhere import NUMBERS, numbered
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.input import page_number
from blog.web.linked_data import picture_of, posting
from blog.web.rendering import Asked, page, plain, text_of_template
from blog.web.sharing import drawn_card, share_links
from blog.web.state import house, site_of
from blog.web.views import mark_read


class PublicPosts(Controller):
    opt = serves(policy.Action.READ)

    @get("/", name="posts.index", opt=kept("page", *NUMBERS))
    async def index(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Show the feed of posts, newest first; a featured one leads the first page."""
        if numbered(request.query_params):
            raise NotFound  # unless it is known where the post of that number is now
        number = page_number(request.query_params.get("page"))
        here, size = house(request), site_of(request.scope).posts_per_page
        every = await here.days(db, now)
        lead, found = None, None
        if number == 1:
            lead, found = await posts.front_page(db, now, size, every.live)
        else:
            found = await posts.live_page(db, now, number, size, every.live, days=every)
        if found is None:
            raise NotFound
        return page(request, "public/posts/index.html", page=found, lead=lead)

    @get("/posts/{slug:str}", name="posts.show", opt=kept())
    async def show(self, request: Asked, slug: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show one post; with `.md` after its address, its source."""
        if slug.endswith(".md"):
            return await _source(request, slug.removesuffix(".md"), db, now)
        found = await with_around(db, slug, viewer, now)
        if found is None:
            raise NotFound
        return _post(request, viewer, *found, now)

    @get("/posts/{slug:str}/card.png", name="posts.card", opt=kept())
    async def card(self, request: Asked, slug: PathText, db: Db, now: Now) -> Response[bytes]:
        """Draw the picture that stands for a post where it is shared."""
        post = await posts.card_by_slug(db, slug, now)
        if post is None:
            raise NotFound
        drawn = await drawn_card(post.title, post.authors, post.language, site_of(request.scope))
        return Response(drawn, headers={"content-type": "image/png", "cross-origin-resource-policy": "cross-origin"})


def _post(request: Asked, viewer: User | None, post: Post, around: Around, now: datetime) -> Response[Any]:
    path = routes.encoded(post.path)
    may_read = policy.may_read(viewer, post, now)
    if may_read and post.is_live(now):
        mark_read(request.scope, post, viewer)
    return page(
        request,
        "public/posts/show.html",
        post=post,
        around=around,
        is_live=post.is_live(now),
        is_open=policy.may_read(None, post, now),
        may_read=may_read,
        may_edit=policy.may_edit(viewer, post),
        canonical_url=post.canonical_url,
        share=share_links(post.title, house(request).settings.base_url + path),
        picture=picture_of(post, is_open=policy.may_read(None, post, now)),
        linked_data=posting(post, site_of(request.scope), house(request).settings.base_url),
        sign_in=routes.url("logins.new") + f"?next={path}",
    )


async def _source(request: Asked, slug: str, db: AsyncSession, now: datetime) -> Response[Any]:
    post = await posts.source_by_slug(db, slug, now)
    if post is None:
        raise NotFound
    body = text_of_template(request, "public/posts/source.md", post=post)
    return plain(body, "text/markdown; charset=utf-8", post.updated_at)
