"""What the editor's page sends by itself while somebody writes: the form to be saved, and that they are there."""

from typing import Any

from litestar import Controller, Response, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio import keeping
from blog.controllers.studio.loading import post_if
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.languages import gettext as _
from blog.languages import time_of_day
from blog.models import Event, Kind, Post
from blog.queries import presences
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, told, zone_for
from blog.web.state import house


class Autosaves(Controller):
    path = "/studio"
    opt = serves(policy.Action.WRITE)

    @post("/posts/autosave", name="autosaves.posts.create", status_code=200, opt=SLOW)
    async def create_post(self, request: Asked, db: Db) -> Response[Any]:
        """Save what there is of a new post as a draft."""
        return await _create(request, db, Kind.POST)

    @post(
        "/pages/autosave",
        name="autosaves.pages.create",
        status_code=200,
        opt=SLOW | serves(policy.Action.EDIT_ALL),
    )
    async def create_page(self, request: Asked, db: Db) -> Response[Any]:
        """Save what there is of a new page as a draft."""
        return await _create(request, db, Kind.PAGE)

    @post(
        "/posts/{post_id:int}/autosave",
        name="autosaves.update",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_edit))},
        opt=SLOW,
    )
    async def update(self, request: Asked, db: Db, post: LoadedPost) -> Response[Any]:
        """Save the form: in place while readers do not see the post, else as the working copy."""
        form, errors = PostForm.parse(await read_form(request))
        if "body" in errors:
            return told({"errors": errors}, 422)
        last = await keeping.form_of(db, post)
        form = keeping.without(form, errors, last)
        outcome = await keeping.save(request, db, post, form, {}, keeping.AUTOMATIC)
        return await _told(request, db, outcome, errors)

    @post(
        "/posts/{post_id:int}/presence",
        name="presences.update",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_see))},
        opt=SLOW,
    )
    async def here(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Note that somebody has the post open, and name the others who have."""
        if not await presences.is_noted(db, post, viewer, now):
            await begin_writing(request)
            await presences.note(db, post, viewer, now)
            await db.commit()
        return told({"people": list(await presences.others(db, post, viewer, now))})


async def _create(request: Asked, db: AsyncSession, kind: Kind) -> Response[Any]:
    form, errors = PostForm.parse(await read_form(request))
    if "body" in errors:
        return told({"errors": errors}, 422)
    form = keeping.without(form, errors, PostForm(title=_("Untitled")))

    async def created(new: Post) -> str:
        db.add(Event.about("post.created", new, house(request).clock(), request.user, title=new.title))
        return ""

    outcome = await keeping.create(request, db, form, {}, kind, keeping.AUTOMATIC, created)
    return await _told(request, db, outcome, errors, status=201)


async def _told(
    request: Asked, db: AsyncSession, outcome: keeping.Outcome, errors: Errors, status: int = 200
) -> Response[Any]:
    """Answer the page: what was saved, and why some fields were left as they are."""
    assert request.user is not None  # noqa: S101 - the guard let in only who is signed in
    if isinstance(outcome, keeping.Refused):
        return told({"errors": outcome.errors}, 422)
    if isinstance(outcome, keeping.Clashed):
        address = routes.url("clashes.show", post_id=outcome.post.id)
        words = _("Somebody changed the same words. What you wrote is kept; choose what is to hold.")
        return told({"conflict": address, "message": words}, 409)
    saved, now = outcome.post, house(request).clock()
    answer = {
        "saved": time_of_day(now.astimezone(zone_for(request))),
        "version": saved.revision_number,
        "address": routes.url("studio.posts.edit", post_id=saved.id),
        "autosave": routes.url("autosaves.update", post_id=saved.id),
        "changes": _changes(saved),
        "people": list(await presences.others(db, saved, request.user, now)),
        "merged": outcome.merged or None,
        "errors": errors | outcome.errors or None,
    }
    return told(answer, status)


def _changes(post: Post) -> str | None:
    """Give the address of what readers do not see yet, if there is anything."""
    if not post.has_working_copy:
        return None
    address = routes.url("revisions.show", post_id=post.id, number=post.revision_number)
    return f"{address}?with={post.shown_revision}"
