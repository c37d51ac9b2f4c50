"""A post's way to the readers and back; each change of state is a resource of its own."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio import keeping
from blog.controllers.studio.editor import editor
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.looks import looks_of
from blog.controllers.studio.posts import answer
from blog.controllers.studio.publication import publication, times_of
from blog.forms.posts import PostForm, parse_owner
from blog.forms.publications import LONGEST_TIME, parse_times
from blog.languages import gettext as _
from blog.models import Event, Post, Status
from blog.queries import site, users
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.errors import Refusal
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form, text_of
from blog.web.rendering import Asked, see, zone_for
from blog.web.sharing import drawn_card
from blog.web.state import site_of

SEEN = {"post": Provide(post_if(policy.may_see))}
PUBLISHABLE = {"post": Provide(post_if(policy.may_publish))}
DELETABLE = {"post": Provide(post_if(policy.may_delete))}
TRANSFERABLE = {"post": Provide(post_if(policy.may_transfer))}


class Publications(Controller):
    path = "/studio/posts/{post_id:int}"
    opt = serves(policy.Action.WRITE)

    @get("/publication", name="publications.show", dependencies=SEEN)
    async def show(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Show what would be published; with times in the address, what they would mean."""
        _insist(post.status != Status.TRASHED, _("This post is in the trash. Bring it back first."))
        asked = dict(request.query_params)
        if "published_at" not in asked:
            return await publication(request, db, viewer, post, now, times_of(post, now), {})
        times, errors = parse_times(asked, zone_for(request), now, post)
        return await publication(request, db, viewer, post, now, times, errors, asked)

    @get("/publication/card.png", name="publications.card", dependencies=SEEN)
    async def card(self, request: Asked, db: Db, post: LoadedPost) -> Response[bytes]:
        """Draw the picture that will stand for a post where it is shared."""
        shown = await looks_of(db, post)
        drawn = await drawn_card(shown.title, shown.authors, shown.language, site_of(request.scope))
        return Response(drawn, headers={"content-type": "image/png"})

    @post("/publication", name="publications.create", status_code=200, dependencies=PUBLISHABLE, opt=SLOW)
    async def publish(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Show a post to readers with all that was written, now or from a given time on, for good or until another."""
        typed = await read_form(request)
        if typed.get("then") == "look":
            return see(_with_times(post, typed))
        times, errors = parse_times(typed, zone_for(request), now, post)
        # What the button would do was said for the times and the text of then. What nobody has looked at is not done.
        looked_at = (typed.get("expected"), typed.get("version"))
        is_other = any(
            said not in {None, is_now}
            for said, is_now in zip(looked_at, (times.deed(post, now), str(post.revision_number)), strict=True)
        )
        if errors or is_other:
            return await publication(request, db, viewer, post, now, times, errors, typed, confirm=not errors)

        async def published(post: Post) -> str:
            times.apply(post)
            db.add(post.publish(now=now, by=viewer, at=times.at))
            return "scheduled" if post.is_scheduled(now) else "published"

        if post.has_working_copy:
            form = await keeping.form_of(db, post)
            outcome = await keeping.save(request, db, post, form, {}, keeping.BY_HAND, published)
            return await answer(request, db, outcome)
        await begin_writing(request)
        message = await published(post)
        await site.touch(db)
        await db.commit()
        return see(routes.url("studio.posts.edit", post_id=post.id), message=message)

    @post("/publication/delete", name="publications.delete", status_code=200, dependencies=PUBLISHABLE)
    async def withdraw(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Take a post back from readers."""
        _insist(post.status == Status.PUBLISHED, _("This post is not published, so it cannot be withdrawn."))
        return await _done(db, post, post.withdraw(now=now, by=viewer), "withdrawn")

    @post("/trash", name="trash.create", status_code=200, dependencies=DELETABLE)
    async def trash(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Move a post to the trash."""
        _insist(post.status != Status.TRASHED, _("This post is in the trash already."))
        return await _done(db, post, post.trash(now=now, by=viewer), "trashed")

    @post("/trash/delete", name="trash.delete", status_code=200, dependencies=DELETABLE)
    async def restore(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Bring a post back from the trash."""
        _insist(post.status == Status.TRASHED, _("This post is not in the trash."))
        return await _done(db, post, post.restore(now=now, by=viewer), "restored")


class Ownership(Controller):
    path = "/studio/posts/{post_id:int}"
    opt = serves(policy.Action.WRITE)
    dependencies = TRANSFERABLE

    @post("/owner", name="owners.update", status_code=200)
    async def transfer(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Give a post to another owner."""
        username, errors = parse_owner(await read_form(request))
        owner = (await users.by_usernames(db, [username])).get(username)
        if not errors and (owner is None or not policy.may(owner, policy.Action.WRITE)):
            errors["username"] = _("Nobody writes here under the name %(names)s.") % {"names": username}
        if errors or owner is None:
            return await editor(request, db, viewer, post, PostForm.of(post), errors)
        return await _done(db, post, post.transfer(owner, now=now, by=viewer), "transferred")

    @post("/feature", name="features.create", status_code=200)
    async def feature(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Feature a post."""
        return await _done(db, post, post.feature(True, now=now, by=viewer), "featured")

    @post("/feature/delete", name="features.delete", status_code=200)
    async def unfeature(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """No longer feature a post."""
        return await _done(db, post, post.feature(False, now=now, by=viewer), "unfeatured")


def _insist(is_possible: bool, words: str) -> None:
    if not is_possible:
        raise Refusal(409, words)


def _with_times(post: Post, typed: dict[str, Any]) -> str:
    """Give the address of the page that says what these times mean."""
    names = ("published_at", "published_at_fold", "expires_at", "expires_at_fold")
    asked = {name: text_of(typed, name)[:LONGEST_TIME] for name in names if name in typed}
    return f"{routes.url('publications.show', post_id=post.id)}?{urlencode(asked)}"


async def _done(db: AsyncSession, post: Post, event: Event, message: str) -> Response[Any]:
    db.add(event)
    await site.touch(db)
    await db.commit()
    return see(routes.url("studio.posts.edit", post_id=post.id), message=message)
