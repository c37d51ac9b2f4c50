"""One deed with many posts: chosen in the list, confirmed on a page that says what will happen, then done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.controllers.studio import deeds
from blog.controllers.studio.filtering import asked_for, list_path, with_words
from blog.forms.fields import Errors
from blog.forms.tags import parse_tag_name
from blog.languages import gettext as _
from blog.languages import number
from blog.models import BulkChange, Deed, Post, Tag, User
from blog.models.bulk import MOST_POSTS, state_of
from blog.queries import bulk, desk, site, tags, trash
from blog.queries.desk import DeskFilter
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import Refusal
from blog.web.guards import serves
from blog.web.input import read_form, row_ids, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class BulkChanges(Controller):
    path = "/studio/posts/bulk"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.bulk.new")
    async def new(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Say what a deed will do with the chosen posts, or with all that the filter finds, and what it leaves."""
        asked = request.query_params
        wanted, unread = asked_for(request, asked)
        ids = row_ids(asked.getall("post", []))
        if asked.get("all"):
            looked_up, _held = await with_words(request, db, viewer, wanted)
            ids = list(await desk.ids(db, viewer, now, looked_up, MOST_POSTS + 1))
        # Nobody can confirm what a filter means that could not be read.
        errors = {"": " ".join(unread.values())} if unread else _problems(asked.get("deed", ""), ids)
        if errors:
            return _refused(request, wanted, errors)
        deed = _allowed(viewer, asked["deed"])
        return _confirmation(request, viewer, now, deed, wanted, await bulk.chosen(db, viewer, ids), {})

    @post("/", name="studio.bulk.create", status_code=200)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Do it with those of the confirmed posts with which it is still possible."""
        typed = await read_form(request)
        wanted, _unread = asked_for(request, typed)
        ids = row_ids(text_of(typed, "posts").split(","))
        errors = _problems(text_of(typed, "deed"), ids)
        if errors:
            return _refused(request, wanted, errors)
        deed = _allowed(viewer, text_of(typed, "deed"))
        found = await bulk.held(db, viewer, ids)
        name, errors = parse_tag_name(typed, "name") if deed in deeds.TAGGING else ("", {})
        tag = await _tag(db, deed, name, errors) if name and not errors else None
        if errors:
            return _confirmation(request, viewer, now, deed, wanted, found, errors, name)
        change = await _do(db, deeds.sort_out(viewer, deed, found, tag, now), deed, tag, now, viewer)
        await db.commit()
        response = see(list_path(wanted, done=change.id))
        if tag is not None:
            response.background = BackgroundTask(search.take_in_due, house(request).sessions)
        return response


async def _do(
    db: AsyncSession, parted: deeds.Parted, deed: Deed, tag: Tag | None, now: datetime, by: User
) -> BulkChange:
    """Do a deed with some posts, and note what it takes to undo it; the caller commits."""
    changing = parted.changing
    change = BulkChange(user_id=by.id, deed=deed, tag=tag.name if tag else "", done_at=now)
    change.count, change.left_out, change.kept = len(changing), parted.left_count, []
    change.before = []
    if deed == Deed.DELETE:
        await trash.delete(db, changing, now=now, by=by)
    else:
        change.before = [state_of(post) for post in changing]
        db.add_all([deeds.do(deed, post, tag, now=now, by=by) for post in changing])
    if tag is not None or deed in deeds.SHOWING:
        await bulk.keep_revisions(db, changing, now=now, by=by)
    if tag is not None:
        await search.note_due(db, bulk.ids_of(changing))
    await bulk.forget_old(db, now)
    await site.touch(db)
    await db.flush()  # the posts get the versions that are noted
    change.keep_versions(changing)
    db.add(change)
    return change


def _problems(deed: str, ids: Sequence[int]) -> Errors:
    if deed not in set(Deed):
        return {"": _("Choose what to do with the posts.")}
    if not ids:
        return {"": _("Choose at least one post.")}
    if len(ids) > MOST_POSTS:
        sentence = _("At most %(most)s posts can be changed at a time. Narrow the filter and do it in parts.")
        return {"": sentence % {"most": number(MOST_POSTS)}}
    return {}


def _allowed(viewer: User, text: str) -> Deed:
    deed = Deed(text)
    if not policy.may(viewer, deeds.KINDS[deed].needs):
        raise Refusal(403)
    return deed


async def _tag(db: AsyncSession, deed: Deed, name: str, errors: Errors) -> Tag | None:
    """Find the tag that posts are to get or lose; one that they are to get may be new."""
    if deed == Deed.TAG:
        return (await tags.named(db, [name]))[0]
    tag = await tags.by_name(db, name)
    if tag is None:
        errors["name"] = _("There is no tag with this name.")
    return tag


def _refused(request: Asked, wanted: DeskFilter, errors: Errors) -> Response[Any]:
    return page(request, "studio/bulk/new.html", status=422, back=list_path(wanted), errors=errors, deed="")


def _confirmation(
    request: Asked,
    viewer: User,
    now: datetime,
    deed: Deed,
    wanted: DeskFilter,
    found: Sequence[Post],
    errors: Errors,
    name: str = "",
) -> Response[Any]:
    parted = deeds.sort_out(viewer, deed, found, None, now)
    used = sorted({tag.name for post in parted.changing for tag in post.tags}, key=str.casefold)
    return page(
        request,
        "studio/bulk/new.html",
        status=422 if errors else 200,
        deed=deed,
        label=deeds.label(deed),
        parted=parted,
        filter=wanted,
        back=list_path(wanted),
        is_tagging=deed in deeds.TAGGING,
        used=used if deed == Deed.UNTAG else [],
        tag_name=name,
        is_final=deed == Deed.DELETE,
        errors=errors,
    )
