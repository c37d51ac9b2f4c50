"""A writer's posts: the list, the editor, saving and deleting for good."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import languages, policy, search
from blog.controllers.studio import deeds, keeping, undoing
from blog.controllers.studio.clashes import clash_page
from blog.controllers.studio.editor import editor
from blog.controllers.studio.filtering import asked_for, with_words
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.submitting import submit
from blog.controllers.studio.tagging import with_present_tags
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.forms.publications import Times, parse_times, unkept_times
from blog.languages import gettext as _
from blog.languages import mark
from blog.models import Event, Kind, Post, Status, User
from blog.queries import aliases, desk, site, tags, trash, users
from blog.web import flash, routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.guards import CARRIED_ON, SLOW, serves
from blog.web.input import page_number, read_form, text_of
from blog.web.rendering import Asked, page, see, zone_for
from blog.web.state import house, site_of

OTHER_TAGS = "tags-renamed"
ORDERS = {
    desk.Order.SAVED: mark("Saved last"),
    desk.Order.DATE: mark("Newest date"),
    desk.Order.OLDEST: mark("Oldest date"),
    desk.Order.TITLE: mark("Title"),
}
MOST_OFFERED = 200
"""Tags that the filter offers; any other may be typed."""


class DeskPosts(Controller):
    path = "/studio/posts"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.posts.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """List one's own posts; editors see everybody's."""
        asked, errors = asked_for(request, request.query_params)
        wanted, held = await with_words(request, db, viewer, asked)
        counts = await desk.counts(db, viewer, now, wanted)
        number = page_number(request.query_params.get("page"))
        found = await desk.page(db, viewer, now, wanted, number, counts.get(wanted.status, 0))
        if found is None:
            raise NotFound
        edits_all = policy.may(viewer, policy.Action.EDIT_ALL)
        return page(
            request,
            "studio/posts/index.html",
            status=422 if errors else 200,
            page=found,
            filter=wanted,
            errors=errors,
            orders=ORDERS,
            sizes=desk.PAGE_SIZES,
            authors=await users.bylines(db) if edits_all else [],
            tags=await tags.on_desk_of(db, viewer, MOST_OFFERED),
            counts=counts,
            most_held=languages.number(search.MOST_RANKED) if held and held.is_cut else None,
            deeds=deeds.offered(viewer, wanted.status),
            told=await undoing.told_of(db, viewer, now, request.query_params.get("done", "")),
            trash_days=trash.KEPT,
        )

    @get("/new", name="studio.posts.new")
    async def new(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Open the editor with nothing in it."""
        form = PostForm(visibility=site_of(request.scope).new_visibility, knows=await aliases.newest(db))
        return await editor(request, db, viewer, None, form, {})

    @post("/", name="studio.posts.create", status_code=200, opt=SLOW | CARRIED_ON)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Save a new post as a draft, and publish or submit it at once if asked to."""
        return await create(request, db, viewer, now, Kind.POST)

    @get("/{post_id:int}", name="studio.posts.edit", dependencies={"post": Provide(post_if(policy.may_see))})
    async def edit(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """Open a post in the editor, with its working copy if there is one."""
        kept = await keeping.form_of(db, post)
        form = await with_present_tags(db, kept)
        notice = flash.sentence(OTHER_TAGS) if form.tags != kept.tags else ""
        form = replace(form.planned_for(request.query_params), knows=await aliases.newest(db))
        return await editor(request, db, viewer, post, form, {}, notice=notice)

    @post(
        "/{post_id:int}",
        name="studio.posts.update",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_edit))},
        opt=SLOW | CARRIED_ON,
    )
    async def update(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Save a post with what others saved since it was opened here, and do with it what the button said."""
        typed = await read_form(request)
        form, errors = PostForm.parse(typed)
        then, times = text_of(typed, "then"), _times(request, typed, now, post, errors)

        async def saved(post: Post) -> str:
            db.add(Event.about("post.saved", post, now, viewer, revision=post.revision_number))
            return await _do(db, post, viewer, now, then, times)

        way = keeping.ASIDE if then in {"keep", "review"} else keeping.BY_HAND
        outcome = await keeping.save(request, db, post, form, errors, way, saved)
        return await answer(request, db, outcome, then=then, typed=typed)

    @post(
        "/{post_id:int}/delete",
        name="studio.posts.delete",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_delete))},
    )
    async def delete(self, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Delete a post for good, from the trash only; what readers once saw answers 410 from then on."""
        if post.status != Status.TRASHED:
            raise Refusal(409, _("Only a post in the trash can be deleted for good."))
        await trash.delete(db, [post], now=now, by=viewer)
        await site.touch(db)
        await db.commit()
        return see(routes.url("studio.posts.index"), message="deleted")


async def create(request: Asked, db: AsyncSession, viewer: User, now: datetime, kind: Kind) -> Response[Any]:
    """Save a new post or page as a draft, and do with it what the button said."""
    typed = await read_form(request)
    form, errors = PostForm.parse(typed)
    then, times = text_of(typed, "then"), _times(request, typed, now, None, errors)

    async def saved(new: Post) -> str:
        db.add(Event.about("post.created", new, now, viewer, title=new.title))
        return await _do(db, new, viewer, now, then, times)

    outcome = await keeping.create(request, db, form, errors, kind, keeping.BY_HAND, saved)
    return await answer(request, db, outcome, kind, then, typed)


async def answer(
    request: Asked,
    db: AsyncSession,
    outcome: keeping.Outcome,
    kind: Kind = Kind.POST,
    then: str = "",
    typed: Mapping[str, object] | None = None,
) -> Response[Any]:
    """Go back to the editor after a save, or on to the review; show the form that was refused, or what clashed.

    Times that were typed and not kept go along, so that nobody has to type them again. A browser without scripts
    cannot find its place again; after nothing but a save it is led to the text, where the next word comes.
    """
    assert request.user is not None  # noqa: S101 - the guard let in only who is signed in
    if isinstance(outcome, keeping.Refused):
        return await editor(request, db, request.user, outcome.post, outcome.form, outcome.errors, kind)
    if isinstance(outcome, keeping.Clashed):
        return await clash_page(request, db, outcome.post, outcome.merged, 409)
    after = "publications.show" if then == "review" else "studio.posts.edit"
    zone, now = zone_for(request), house(request).clock()
    unkept = unkept_times(typed, outcome.post, zone, now) if typed and then not in _RULES else {}
    message = f"{outcome.message}.times-unkept" if unkept and then != "review" else outcome.message
    goes_on = typed is not None and typed.get("scriptless") == "1" and then in {"", "keep"} and not unkept
    address = routes.url(after, post_id=outcome.post.id) + (f"?{urlencode(unkept)}" if unkept else "")
    return see(f"{address}#body" if goes_on else address, message=message)


def _times(request: Asked, typed: dict[str, Any], now: datetime, post: Post | None, errors: Errors) -> Times:
    """Read the fields for dates if the post is to be published."""
    if typed.get("then") != "publish":
        return Times()
    times, problems = parse_times(typed, zone_for(request), now, post)
    errors |= problems
    return times


async def _do(db: AsyncSession, post: Post, viewer: User, now: datetime, then: str, times: Times) -> str:
    """Do what the button said beside saving, in the same transaction, and say which message tells of it."""
    message = "kept" if post.has_working_copy else "saved"
    if then in _RULES and not _RULES[then](viewer, post):
        raise Refusal(403)
    if then == "publish":
        times.apply(post)
        db.add(post.publish(now=now, by=viewer, at=times.at))
        message = "scheduled" if post.is_scheduled(now) else "published"
    elif then == "withdraw" and post.status == Status.PUBLISHED:
        db.add(post.withdraw(now=now, by=viewer))
        message = "withdrawn"
    elif then == "submit":
        await submit(db, post, viewer, now)
        message = "submitted"
    return message


_RULES = {"publish": policy.may_publish, "withdraw": policy.may_publish, "submit": policy.may_submit}
