"""The editor's page: one way to show it, for a new post, a saved one, and a form that was refused."""

from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio.reviewing import panels
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.forms.publications import shown_times
from blog.languages.offered import OFFERED
from blog.models import Kind, Post, Status, User
from blog.queries import media, revisions, tags, users
from blog.web import routes
from blog.web.presence import opened
from blog.web.rendering import Asked, page, zone_for
from blog.web.state import house


async def editor(
    request: Asked,
    db: AsyncSession,
    viewer: User,
    post: Post | None,
    form: PostForm,
    errors: Errors,
    kind: Kind = Kind.POST,
    notice: str = "",
) -> Response[Any]:
    """Show the editor; 422 when the form was refused. `kind` says what a new one is to be, `notice` what happened."""
    kind = post.kind if post else kind
    now = house(request).clock()
    may_transfer = post is not None and policy.may_transfer(viewer, post)
    people = await users.bylines(db)
    others = await opened(db, post, form, viewer, now) if post else []
    return page(
        request,
        "studio/posts/edit.html",
        status=422 if errors else 200,
        post=post,
        is_page=kind == Kind.PAGE,
        form=form,
        languages=OFFERED.items(),
        errors=errors,
        known_tags=[tag.name for tag in await tags.on_desk_of(db, viewer)],
        known_authors=people,
        owners=people if may_transfer else [],
        may_edit=post is None or policy.may_edit(viewer, post),
        may_publish=policy.may_publish(viewer, post) if post else policy.may(viewer, policy.Action.PUBLISH),
        may_submit=post is not None and policy.may_submit(viewer, post),
        may_delete=post is not None and policy.may_delete(viewer, post),
        may_transfer=may_transfer,
        may_feature=may_transfer and kind == Kind.POST,
        is_live=post is not None and post.is_live(now),
        is_scheduled=post is not None and post.is_scheduled(now),
        has_working_copy=post is not None and post.has_working_copy and form.version != post.shown_revision,
        clash=await revisions.clash_of(db, post, viewer) if post else None,
        others=others,
        cover=(await media.at_urls(db, [form.cover])).get(form.cover),
        cover_addresses=cover_addresses(post),
        is_unsaved=bool(errors or notice),
        times=shown_times(post, zone_for(request), now),
        saved_at=post.saved_at if post else None,
        notice=notice,
        is_trashed=post is not None and post.status == Status.TRASHED,
        **await panels(db, viewer, post, now),
    )


def cover_addresses(post: Post | None) -> dict[str, str]:
    """Give the addresses at which a post's cover is chosen, by what is done there."""
    if post is None:
        names = {"show": "covers.new", "file": "covers.new.file", "choice": "covers.new.choice"}
        return {deed: routes.url(name) for deed, name in names.items()}
    return {deed: routes.url(f"covers.{deed}", post_id=post.id) for deed in ("show", "file", "choice")}
