"""Review: what was submitted waits here until an editor returns it with a note or publishes it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import Provide

from blog import policy
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.reviewing import read_through
from blog.controllers.studio.submitting import submit
from blog.forms.reviews import CommentForm, parse_note
from blog.queries import reviews
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, read_form
from blog.web.rendering import Asked, page, see


class Reviews(Controller):
    path = "/studio"
    opt = serves(policy.Action.WRITE)

    @get("/reviews", name="studio.reviews.index", opt=serves(policy.Action.EDIT_ALL))
    async def index(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """List what waits for the editors, the oldest first."""
        found = await reviews.queue(db, viewer, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        return page(request, "studio/reviews/index.html", page=found)

    @get("/posts/{post_id:int}/review", name="reviews.show", dependencies={"post": Provide(post_if(policy.may_see))})
    async def show(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """Show a post's text with the comments on it."""
        return await read_through(request, db, viewer, post, CommentForm(), {})

    @post(
        "/posts/{post_id:int}/review",
        name="reviews.create",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_submit))},
    )
    async def submit(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Ask the editors to look at a draft."""
        await submit(db, post, viewer, now)
        await db.commit()
        return see(routes.url("studio.posts.edit", post_id=post.id), message="submitted")

    @post(
        "/posts/{post_id:int}/review/delete",
        name="reviews.delete",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_review))},
    )
    async def send_back(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Return a post to its authors with a note; it is a draft again."""
        note, errors = parse_note(await read_form(request))
        if errors:
            return await read_through(request, db, viewer, post, CommentForm(), errors, note)
        db.add(post.send_back(note, now=now, by=viewer))
        await db.commit()
        return see(routes.url("studio.reviews.index"), message="returned")
