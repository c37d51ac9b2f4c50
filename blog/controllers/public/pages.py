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


class PublicPages(Controller):
    opt = serves(policy.Action.READ)

    @get("/{slug:str}", name="pages.show", opt=kept())
    async def show(self, request: Asked, slug: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Show a page."""
        found = await posts.by_slug(db, slug, viewer, now, kind=Kind.PAGE)
        if found is None:
            raise NotFound
        return page(
            request,
            "public/pages/show.html",
            post=found,
            is_live=found.is_live(now),
            may_read=policy.may_read(viewer, found, now),
            may_edit=policy.may_edit(viewer, found),
            canonical_url=found.canonical_url,
            sign_in=routes.url("logins.new") + f"?next={routes.encoded(found.path)}",
        )
