"""Choosing a cover, or a picture for the text, without scripts: a page that carries the editor's form along and back.

Nothing is saved on the way but what is uploaded; the editor opens with the chosen picture in its form.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import Controller, Response, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.text import clean_text
from blog.controllers.studio.editor import cover_addresses, editor
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.uploads import files_of, take
from blog.forms.posts import PostForm
from blog.languages import gettext as _
from blog.models import Media, MediaKind, Post, User
from blog.models.media import LONGEST_ALT
from blog.queries import media
from blog.queries.media import MediaFilter
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.bodies import LARGEST_UPLOAD
from blog.web.carrying import typed_into_editor
from blog.web.guards import CARRIED_ON, SLOW, serves
from blog.web.input import number_of, read_form, text_of
from blog.web.rendering import Asked, page

LONGEST_QUERY = 200
KEPT = SLOW | CARRIED_ON


class NewCovers(Controller):
    path = "/studio/posts/cover"
    opt = serves(policy.Action.WRITE)

    @post("/", name="covers.new", status_code=200, opt=KEPT)
    async def new(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Show the pictures from which a new post's cover is chosen."""
        return await _pictures(request, db, viewer, None)

    @post("/file", name="covers.new.file", status_code=200, request_max_body_size=LARGEST_UPLOAD, opt=KEPT)
    async def upload(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Upload a picture and make it a new post's cover."""
        return await _upload(request, db, viewer, None, now)

    @post("/choice", name="covers.new.choice", status_code=200, opt=KEPT)
    async def choose(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Go back to a new post with the chosen cover, or without any."""
        return await _choose(request, db, viewer, None)


class Covers(Controller):
    path = "/studio/posts/{post_id:int}/cover"
    opt = serves(policy.Action.WRITE)
    dependencies = {"post": Provide(post_if(policy.may_edit))}  # noqa: RUF012 - Litestar reads this from the class

    @post("/", name="covers.show", status_code=200, opt=KEPT)
    async def show(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """Show the pictures from which a cover is chosen."""
        return await _pictures(request, db, viewer, post)

    @post("/file", name="covers.file", status_code=200, request_max_body_size=LARGEST_UPLOAD, opt=KEPT)
    async def upload(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Upload a picture and make it the cover."""
        return await _upload(request, db, viewer, post, now)

    @post("/choice", name="covers.choice", status_code=200, opt=KEPT)
    async def choose(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """Go back to the post with the chosen cover, or without any."""
        return await _choose(request, db, viewer, post)


async def _pictures(
    request: Asked, db: AsyncSession, viewer: User, post: Post | None, problem: str = ""
) -> Response[Any]:
    typed = await read_form(request)
    q = clean_text(text_of(typed, "q")[:LONGEST_QUERY])
    wanted = MediaFilter(q=q, kind=MediaKind.PICTURE)
    number = number_of(text_of(typed, "page")) or 1
    found = await media.desk_page(db, viewer, wanted, number) or await media.desk_page(db, viewer, wanted, 1)
    assert found is not None  # noqa: S101 - there is always a first page
    return page(
        request,
        "studio/covers/show.html",
        status=422 if problem else 200,
        is_for_text=_is_for_text(typed),
        post=post,
        page=found,
        q=q,
        problem=problem,
        present=text_of(typed, "cover"),
        carried=typed_into_editor(typed),
        addresses=cover_addresses(post),
    )


async def _upload(request: Asked, db: AsyncSession, viewer: User, post: Post | None, now: Now) -> Response[Any]:
    typed = await read_form(request)
    alt = clean_text(text_of(typed, "alt")).strip()[:LONGEST_ALT]
    uploads = await files_of(request)
    if not uploads:
        return await _pictures(request, db, viewer, post, _("Choose a file to upload."))
    taken = await take(request, db, uploads[0], alt, now=now, by=viewer)
    if taken.media is None:
        return await _pictures(request, db, viewer, post, taken.refusal)
    if taken.media.kind != MediaKind.PICTURE:
        return await _pictures(request, db, viewer, post, _("A cover is a picture. This file is in the library now."))
    return await _with(request, db, viewer, post, taken.media)


async def _choose(request: Asked, db: AsyncSession, viewer: User, post: Post | None) -> Response[Any]:
    typed = await read_form(request)
    chosen = text_of(typed, "chosen")
    if "chosen" not in typed and "back" not in typed:
        return await _pictures(request, db, viewer, post, _("Choose a picture."))
    is_present = chosen == text_of(typed, "cover") and not _is_for_text(typed)
    if "back" in typed or is_present:
        return await _back(request, db, viewer, post, PostForm.parse(typed)[0])
    if not chosen:
        return await _with_cover(request, db, viewer, post, None)
    picture = await media.picture_at(db, chosen, viewer)
    if picture is None:
        return await _pictures(request, db, viewer, post, _("This picture is not there any more. Choose another one."))
    return await _with(request, db, viewer, post, picture)


async def _with(request: Asked, db: AsyncSession, viewer: User, post: Post | None, picture: Media) -> Response[Any]:
    """Open the editor with a picture where it was asked for: as the cover, or at the end of the text."""
    typed = await read_form(request)
    if not _is_for_text(typed):
        return await _with_cover(request, db, viewer, post, picture)
    form, _errors = PostForm.parse(typed)
    form = replace(form, body="\n\n".join(filter(None, (form.body.rstrip("\n"), picture.markdown))))
    notice = _("The picture stands at the end of the text. It is saved with the post.")
    return await _back(request, db, viewer, post, form, notice)


async def _with_cover(
    request: Asked, db: AsyncSession, viewer: User, post: Post | None, picture: Media | None
) -> Response[Any]:
    """Open the editor with another cover, and with what the library says that it shows."""
    form, _errors = PostForm.parse(await read_form(request))
    typed_before = "" if form.cover else form.cover_alt
    alt = typed_before or picture.alt if picture else ""
    form = replace(form, cover=picture.url if picture else "", cover_alt=alt)
    notice = (
        _("The cover is chosen. It is saved with the post.") if picture else _("The cover is removed once you save.")
    )
    return await _back(request, db, viewer, post, form, notice)


def _is_for_text(typed: Mapping[str, object]) -> bool:
    return typed.get("into") == "text"


async def _back(
    request: Asked, db: AsyncSession, viewer: User, post: Post | None, form: PostForm, notice: str = ""
) -> Response[Any]:
    notice = notice or _("Your text is here as you left it. It is not saved yet.")
    return await editor(request, db, viewer, post, form, {}, notice=notice)
