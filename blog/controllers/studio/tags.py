"""Tags: what they are called, where they are and what they mean. They are made by the posts that name them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.content.slugs import tag_key
from blog.forms.fields import Errors
from blog.forms.tags import TagForm
from blog.languages import gettext as _
from blog.models import Event, Tag
from blog.queries import aliases, merging, redirects, site, tags
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house

LONGEST_QUERY = 200


class DeskTags(Controller):
    path = "/studio/tags"
    opt = serves(policy.Action.EDIT_ALL)

    @get("/", name="studio.tags.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """List tags with how many posts have each, drafts included; by name, or the most used first."""
        q, most_first = request.query_params.get("q", "")[:LONGEST_QUERY], request.query_params.get("sort") == "posts"
        number = page_number(request.query_params.get("page"))
        found = await tags.desk_page(db, number, q.replace("\0", ""), most_first=most_first)
        if found is None:
            raise NotFound
        return page(request, "studio/tags/index.html", page=found, q=q, sort="posts" if most_first else "")

    @get("/{tag_id:int}", name="studio.tags.edit")
    async def edit(self, request: Asked, db: Db, tag_id: PathId) -> Response[Any]:
        """Show the form of a tag."""
        tag = await _tag(db, tag_id)
        return await _form(request, db, tag, TagForm.of(tag), {})

    @post("/{tag_id:int}", name="studio.tags.update", status_code=200)
    async def update(self, request: Asked, db: Db, viewer: Viewer, tag_id: PathId, now: Now) -> Response[Any]:
        """Change the spelling, the address or the description; an address that readers knew leads to the new one."""
        tag = await _held(db, tag_id)
        form, errors = TagForm.parse(await read_form(request), tag)
        if not errors and await tags.has_key(db, tag_key(form.name), but=tag):
            errors["name"] = _("There is another tag with this name. To make them one, merge this tag into it.")
        if not errors and await tags.has_slug(db, form.slug, but=tag):
            errors["slug"] = _("Another tag has this address. Choose a different one.")
        if errors:
            return await _form(request, db, tag, form, errors)
        before, old_key, old_path, is_renamed = tag.name, tag.key, tag.path, form.name != tag.name
        tag.name, tag.key, tag.description = form.name, tag_key(form.name), form.description
        if form.slug != tag.slug:
            tag.slug = form.slug
            await redirects.forget(db, tag.path)
            if await tags.public_among(db, [tag], now):
                await redirects.remember_tag(db, old_path, tag, now)
        if tag.key != old_key:
            await aliases.forget(db, [tag.key])
            await aliases.remember(db, before, tag)
        if is_renamed:
            await search.note_due(db, merging.posts_of([tag]))
        db.add(Event.about("tag.changed", tag, now, viewer, before=before, name=tag.name))
        await site.touch(db)
        await db.commit()
        return _listed(request, "tag-saved")

    @post("/{tag_id:int}/delete", name="studio.tags.delete", status_code=200)
    async def delete(self, request: Asked, db: Db, viewer: Viewer, tag_id: PathId, now: Now) -> Response[Any]:
        """Take a tag from all its posts; an address that readers knew answers 410 from then on."""
        tag = await _held(db, tag_id)
        if await tags.public_among(db, [tag], now):
            await redirects.remember_tag(db, tag.path, None, now)
        await search.note_due(db, merging.posts_of([tag]))
        db.add(Event.about("tag.deleted", tag, now, viewer, name=tag.name))
        await db.delete(tag)
        await site.touch(db)
        await db.commit()
        return _listed(request, "tag-deleted")


async def _tag(db: AsyncSession, tag_id: int) -> Tag:
    tag = await tags.by_id(db, row_id(tag_id))
    if tag is None:
        raise NotFound
    return tag


async def _held(db: AsyncSession, tag_id: int) -> Tag:
    """Give a tag to change; whoever saves a post with it at the same moment waits."""
    for tag in await merging.hold(db, [row_id(tag_id)]):
        return tag
    raise NotFound


async def _form(request: Asked, db: AsyncSession, tag: Tag, form: TagForm, errors: Errors) -> Response[Any]:
    status, counts = 422 if errors else 200, await tags.counts_of(db, [tag])
    return page(
        request, "studio/tags/edit.html", status=status, tag=tag, form=form, errors=errors, posts=counts[tag.id]
    )


def _listed(request: Asked, message: str) -> Response[Any]:
    response = see(routes.url("studio.tags.index"), message=message)
    response.background = BackgroundTask(search.take_in_due, house(request).sessions)
    return response
