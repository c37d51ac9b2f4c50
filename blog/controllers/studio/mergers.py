"""Several tags become one: first what that will do, then doing it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.forms.fields import Errors
from blog.forms.tags import MOST_MERGED, parse_tag_name
from blog.languages import gettext as _
from blog.models import Event, Tag, User
from blog.queries import aliases, merging, redirects, site, tags
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import Refusal
from blog.web.guards import serves
from blog.web.input import read_form, row_ids, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class TagMergers(Controller):
    path = "/studio/tags/merger"
    opt = serves(policy.Action.EDIT_ALL)

    @get("/", name="studio.mergers.new")
    async def new(self, request: Asked, db: Db) -> Response[Any]:
        """Show what merging the chosen tags will do; the one with the most posts stays unless another is named."""
        chosen = await tags.by_ids(db, row_ids(request.query_params.getall("tag", []))[:MOST_MERGED])
        typed, errors = parse_tag_name(request.query_params, "into") if "into" in request.query_params else ("", {})
        counts = await tags.counts_of(db, chosen)
        new = None
        if typed and not errors:
            new = await tags.by_name(db, typed)
            if new is None:
                errors["into"] = _("There is no tag with this name.")
        elif len(chosen) > 1 and not errors:
            new = max(chosen, key=lambda tag: counts[tag.id])
        return await _preview(request, db, chosen, new, typed or (new.name if new else ""), errors)

    @post("/", name="studio.mergers.create", status_code=200)
    async def create(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Merge tags into another: its posts and addresses are theirs from then on."""
        typed = await read_form(request)
        ids, into = row_ids(text_of(typed, "tags").split(","))[:MOST_MERGED], row_ids([text_of(typed, "into")])
        held = await merging.hold(db, [*ids, *into])
        new = next((tag for tag in held if tag.id in into), None)
        old = [tag for tag in held if tag is not new]
        if new is None or not old:
            raise Refusal(409, _("These tags are not there any more: somebody merged or deleted them meanwhile."))
        await _merge(db, old, new, viewer, now)
        await db.commit()
        response = see(routes.url("studio.tags.edit", tag_id=new.id), message="tags-merged")
        response.background = BackgroundTask(search.take_in_due, house(request).sessions)
        return response


async def _merge(db: AsyncSession, old: Sequence[Tag], new: Tag, by: User, now: datetime) -> None:
    public = await tags.public_among(db, old, now)
    names = ", ".join(tag.name for tag in old)
    await search.note_due(db, merging.posts_of(old))
    await redirects.pass_on(db, old, new)
    await aliases.pass_on(db, old, new)
    for tag in public:
        await redirects.remember_tag(db, tag.path, new, now)
    count = await merging.merge(db, old, new)
    db.add(Event.about("tag.merged", new, now, by, name=new.name, before=names, posts=count))
    await site.touch(db)


async def _preview(
    request: Asked, db: AsyncSession, chosen: Sequence[Tag], new: Tag | None, into: str, errors: Errors
) -> Response[Any]:
    old = [tag for tag in chosen if tag is not new]
    if new is not None and not old:
        errors["into"] = _("A tag cannot be merged into itself. Name another one.")
    return page(
        request,
        "studio/tags/merger.html",
        status=422 if errors else 200,
        chosen=chosen,
        into=into,
        new=new,
        mergers=await merging.foreseen(db, old, new) if new is not None and not errors else [],
        errors=errors,
    )
