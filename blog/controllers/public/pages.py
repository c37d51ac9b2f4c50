"""Pages that stand by themselves, such as /about."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.models import Kind
from blog.queries import posts
from blog.web import routes
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, page
from blog.web.views import mark_read


class PublicPages(Controller):
    opt = serves(policy.Action.READ)

    @get("/{slug:str}", name="pages.show", opt=kept())
    async def show(self, request: Asked, slug: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show a page."""
        found = await posts.by_slug(db, slug, viewer, now, kind=Kind.PAGE)
        if found is None:
            raise NotFound
        may_read = policy.may_read(viewer, found, now)
        if may_read and found.is_live(now):
            mark_read(request.scope, found, viewer)
        return page(
            request,
            "public/pages/show.html",
            post=found,
            is_live=found.is_live(now),
            may_read=may_read,
            may_edit=policy.may_edit(viewer, found),
            canonical_url=found.canonical_url,
            sign_in=routes.url("logins.new") + f"?next={routes.encoded(found.path)}",
        )
