"""Changes to a live post that readers do not see yet: shown to them, or taken back."""

from typing import Any

from litestar import Controller, Response, post
from litestar.di import Provide

from blog import policy
from blog.controllers.studio import keeping
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.posts import answer
from blog.forms.posts import PostForm
from blog.languages import gettext as _
from blog.models import Event, Post
from blog.models.revision import Save
from blog.queries import revisions
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.errors import Refusal
from blog.web.guards import SLOW, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, see


class WorkingCopies(Controller):
    path = "/studio/posts/{post_id:int}/working-copy"
    opt = serves(policy.Action.WRITE)
    dependencies = {"post": Provide(post_if(policy.may_edit))}  # noqa: RUF012 - Litestar reads this from the class

    @post("/publication", name="working_copies.publish", status_code=200, opt=SLOW)
    async def publish(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Let readers see the working copy."""
        await _insist(request, post)

        async def saved(post: Post) -> str:
            db.add(Event.about("post.saved", post, now, viewer, revision=post.revision_number))
            return "saved"

        form = await keeping.form_of(db, post)
        return await answer(request, db, await keeping.save(request, db, post, form, {}, keeping.BY_HAND, saved))

    @post("/delete", name="working_copies.delete", status_code=200)
    async def delete(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Go back to what readers see; the working copy stays among the revisions."""
        await _insist(request, post)
        await revisions.keep(db, post, post.revision_number)
        post.note(Save(now, viewer))
        db.add(Event.about("post.changes_dropped", post, now, viewer, revision=post.revision_number))
        await db.commit()
        return see(routes.url("studio.posts.edit", post_id=post.id), message="changes-dropped")


async def _insist(request: Asked, post: Post) -> None:
    """Refuse what was decided looking at another working copy than there is now."""
    form, _errors = PostForm.parse(await read_form(request))
    if not post.has_working_copy:
        raise Refusal(409, _("There are no changes here that readers do not see."))
    if form.version not in {0, post.revision_number}:
        raise Refusal(409, _("Somebody changed this post meanwhile. Open it again and look at what they wrote."))
