"""What a post said before: each save, what it changed, and the way back."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.diff import Block, changed_words, compare, compare_words, folded
from blog.content.worker import off_loop
from blog.controllers.studio import keeping
from blog.controllers.studio.labels import LABELS, label_of
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.posts import answer
from blog.forms.posts import PostForm
from blog.models import Event, Post, Revision
from blog.queries import revisions
from blog.web.arguments import Db, LoadedPost, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import SLOW, serves
from blog.web.input import page_number, row_id
from blog.web.rendering import Asked, page

SEEN = {"post": Provide(post_if(policy.may_see))}
MOST_COUNTED = 400_000
"""How many characters of a page's revisions are compared to count what changed; of longer ones nothing is counted."""


class Revisions(Controller):
    path = "/studio/posts/{post_id:int}/revisions"
    opt = serves(policy.Action.WRITE)

    @get("/", name="revisions.index", dependencies=SEEN)
    async def index(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """List a post's revisions, newest first."""
        found = await revisions.page(db, post, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        before = await revisions.before(db, post, found.items[-1].number) if found.items else None
        counts = await off_loop(_counted, [*found.items, *([before] if before else [])])
        return page(
            request,
            "studio/posts/revisions.html",
            post=post,
            page=found,
            counts=counts,
            people=await _people(db, found.items),
            may_edit=policy.may_edit(viewer, post),
        )

    @get("/{number:int}", name="revisions.show", dependencies=SEEN)
    async def show(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, number: PathId) -> Response[Any]:
        """Compare a revision with the one before it, or with another."""
        new = await revisions.by_number(db, post, row_id(number))
        asked = request.query_params.get("with")
        old = await revisions.by_number(db, post, page_number(asked)) if asked else None
        if new is None or (asked and old is None):
            raise NotFound
        old = old or await revisions.before(db, post, new.number)
        others = await revisions.page(db, post, 1)
        await db.commit()
        blocks = await off_loop(_compared, old.body if old else "", new.body)
        return page(
            request,
            "studio/posts/revision.html",
            post=post,
            old=old,
            new=new,
            others=others.items if others else [],
            blocks=blocks,
            changes=_changes(old, new, post),
            view="side" if request.query_params.get("view") == "side" else "inline",
            people=await _people(db, [new, *([old] if old else [])]),
            may_edit=policy.may_edit(viewer, post),
        )

    @post(
        "/{number:int}/restoration",
        name="revisions.restore",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_edit))},
        opt=SLOW,
    )
    async def restore(
        self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, number: PathId, now: Now
    ) -> Response[Any]:
        """Make an old revision the newest; of a live post it becomes the working copy, so that nobody is surprised."""
        found = await revisions.by_number(db, post, row_id(number))
        if found is None:
            raise NotFound

        async def restored(post: Post) -> str:
            db.add(Event.about("post.revision_restored", post, now, viewer, revision=number))
            return "revision-set-aside" if post.has_working_copy else "revision-restored"

        form = keeping.begin_from(PostForm.of_revision(found, post), post)
        return await answer(request, db, await keeping.save(request, db, post, form, {}, keeping.RESTORED, restored))


def _counted(listed: Sequence[Revision]) -> dict[int, tuple[int, int]]:
    """Count for each revision the words that it added to and took from the one before."""
    if sum(len(revision.body) for revision in listed) > MOST_COUNTED:
        return {}
    return {new.number: changed_words(old.body, new.body) for new, old in pairwise(listed)}


def _compared(old: str, new: str) -> list[Block]:
    return folded(compare(old, new))


def _changes(old: Revision | None, new: Revision, post: Post) -> list[tuple[str, list[Any]]]:
    """List the fields that differ, by name, with their words."""
    before = PostForm.of_revision(old, post) if old else PostForm()
    after = PostForm.of_revision(new, post)
    names = [name for name in LABELS if name != "body" and getattr(before, name) != getattr(after, name)]
    return [(label_of(name), compare_words(str(getattr(before, name)), str(getattr(after, name)))) for name in names]


async def _people(db: AsyncSession, listed: Sequence[Revision]) -> dict[int, list[str]]:
    """Name for each revision who else's changes are in it."""
    ids = {saver for revision in listed for saver in revision.also_by}
    names = await revisions.names_of(db, [saver for saver in ids if isinstance(saver, int)])
    # Of those who were deleted the names stand there themselves.
    return {
        one.number: [names.get(saver, saver) for saver in one.also_by if saver in names or isinstance(saver, str)]
        for one in listed
    }
