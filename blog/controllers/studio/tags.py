"""Tags: what they are called and what they mean. They are made by the posts that name them."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.slugs import tag_key
from blog.forms.fields import Errors
from blog.forms.tags import TagForm
from blog.languages import gettext as _
from blog.models import Event, Tag
from blog.queries import site, tags
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see


class DeskTags(Controller):
    path = "/studio/tags"
    opt = serves(policy.Action.EDIT_ALL)

    @get("/", name="studio.tags.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """List all tags with how many posts have each, drafts included."""
        return page(request, "studio/tags/index.html", tags=await tags.all_with_counts(db))

    @get("/{tag_id:int}", name="studio.tags.edit")
    async def edit(self, request: Asked, db: Db, tag_id: PathId) -> Response[Any]:
        """Show the form of a tag."""
        tag = await _tag(db, tag_id)
        return _form(request, tag, TagForm.of(tag), {})

    @post("/{tag_id:int}", name="studio.tags.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, tag_id: PathId, now: Now) -> Response[Any]:
        """Change the spelling or the description; the address stays."""
        form, errors = TagForm.parse(await read_form(request))
        tag = await _tag(db, tag_id)
        if not errors and await tags.has_key(db, tag_key(form.name), but=tag):
            errors["name"] = _("There is another tag with this name.")
        if errors:
            return _form(request, tag, form, errors)
        tag.name, tag.key, tag.description = form.name, tag_key(form.name), form.description
        db.add(Event.about("tag.changed", tag, now, viewer, name=tag.name))
        await site.touch(db)
        await db.commit()
        return see(routes.url("studio.tags.index"), message="tag-saved")

    @post("/{tag_id:int}/delete", name="studio.tags.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, tag_id: PathId, now: Now) -> Response[Any]:
        """Take a tag from all its posts."""
        tag = await _tag(db, tag_id)
        db.add(Event.about("tag.deleted", tag, now, viewer, name=tag.name))
        await db.delete(tag)
        await site.touch(db)
        await db.commit()
        return see(routes.url("studio.tags.index"), message="tag-deleted")


async def _tag(db: AsyncSession, tag_id: int) -> Tag:
    tag = await tags.by_id(db, row_id(tag_id))
    if tag is None:
        raise NotFound
    return tag


def _form(request: Asked, tag: Tag, form: TagForm, errors: Errors) -> Response[Any]:
    return page(request, "studio/tags/edit.html", status=422 if errors else 200, tag=tag, form=form, errors=errors)
