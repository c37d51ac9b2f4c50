"""Undoing what was done with many posts, as long as nobody changed them since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Controller, Response, post
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.controllers.studio import deeds
from blog.controllers.studio.filtering import asked_for, list_path
from blog.languages import gettext as _
from blog.languages import ngettext
from blog.models import BulkChange, Deed, Event, Post, Status, Tag, User
from blog.models.bulk import put_back, retag
from blog.queries import bulk, site, tags
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.guards import serves
from blog.web.input import read_form, row_id, row_ids
from blog.web.rendering import Asked, see
from blog.web.state import house


@dataclass(frozen=True, slots=True)
class Told:
    """What the list says of a change of many posts that was just made or undone."""

    id: int
    text: str
    may_be_undone: bool
    kept: list[str]


class BulkUndoing(Controller):
    path = "/studio/posts/bulk/{change_id:int}/undo"
    opt = serves(policy.Action.WRITE)

    @post("/", name="studio.bulk.undo", status_code=200)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now, change_id: PathId) -> Response[Any]:
        """Put the posts back as they were; those that were changed since stay as they are."""
        wanted, _unread = asked_for(request, await read_form(request))
        change = await bulk.change_of(db, viewer, row_id(change_id), to_undo=True)
        if change is None:
            raise NotFound
        if not change.may_be_undone(now):
            raise Refusal(409, _("This was undone already, or done longer than an hour ago."))
        tag = await _tag_of(db, change)
        put = await _undo(db, change, tag, now, viewer)
        if tag is not None or change.deed in deeds.SHOWING:
            await bulk.keep_revisions(db, put, now=now, by=viewer)
        if tag is not None:
            await search.note_due(db, bulk.ids_of(put))
        await site.touch(db)
        await db.commit()
        response = see(list_path(wanted, done=change.id))
        response.background = BackgroundTask(search.take_in_due, house(request).sessions)
        return response


async def told_of(db: AsyncSession, viewer: User, now: datetime, done: str) -> Told | None:
    """Say what the viewer did with many posts just now, `done` being its number in the address."""
    change = await bulk.change_of(db, viewer, ids[0]) if (ids := row_ids([done])) else None
    if change is None:
        return None
    what = deeds.label(change.deed)
    if change.tag:
        what = _("%(deed)s “%(tag)s”") % {"deed": what, "tag": change.tag}
    if change.undone_at is not None:
        count = change.count - len(change.kept)
        text = ngettext("Undone: %(num)d post is as before.", "Undone: %(num)d posts are as before.", count)
        return Told(change.id, f"{what}. {text % {'num': count}}", False, change.kept)
    text = ngettext("Done with %(num)d post.", "Done with %(num)d posts.", change.count) % {"num": change.count}
    if change.left_out:
        left = ngettext("%(num)d was left as it is.", "%(num)d were left as they are.", change.left_out)
        text = f"{text} {left % {'num': change.left_out}}"
    return Told(change.id, f"{what}. {text}", change.count > 0 and change.may_be_undone(now), [])


async def _undo(db: AsyncSession, change: BulkChange, tag: Tag | None, now: datetime, by: User) -> list[Post]:
    """Put back what can be; give these posts, and note the titles of the others."""
    before = {state["id"]: state for state in change.before}
    put: list[Post] = []
    kept: list[str] = []
    events: list[Event] = []
    for one in await bulk.held(db, by, list(before)):
        state = before.pop(one.id)
        if _is_as_left(change, one, state, tag, by):
            events.append(retag(one, tag, now=now, by=by) if tag is not None else put_back(one, state, now=now, by=by))
            put.append(one)
        else:
            kept.append(one.title)
    # What is not found any more was deleted for good, or given to others.
    change.kept = [*kept, *([_("(not there any more)")] * len(before))]
    change.undone_at = now
    db.add_all(events)
    return put


def _is_as_left(change: BulkChange, post: Post, state: dict[str, Any], tag: Tag | None, by: User) -> bool:
    """Tell whether the post is as the deed left it, and may still be changed by who did it."""
    if post.version != state["version"] or not deeds.KINDS[change.deed].rule(by, post):
        return False
    if change.deed in deeds.TAGGING:
        return (tag in post.tags) == (change.deed == Deed.TAG)
    return state["status"] != Status.PUBLISHED or policy.may(by, policy.Action.PUBLISH)


async def _tag_of(db: AsyncSession, change: BulkChange) -> Tag | None:
    """Find the tag that posts got or lost; one that they lost may have to be made again."""
    if change.deed == Deed.UNTAG:
        return (await tags.named(db, [change.tag]))[0]
    return await tags.by_name(db, change.tag) if change.deed == Deed.TAG else None
