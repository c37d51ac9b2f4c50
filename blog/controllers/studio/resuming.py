"""Going on with what was typed before a sign-in had ended: the editor with the text in it, saved nowhere yet."""

import re
from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio.editor import editor
from blog.forms.posts import PostForm
from blog.languages import gettext as _
from blog.models import Kind, User
from blog.queries import posts
from blog.web.arguments import Db, Viewer
from blog.web.guards import SLOW, serves
from blog.web.input import read_form, text_of
from blog.web.rendering import Asked, page

_POST = re.compile(r"/studio/posts/(\d{1,18})", re.ASCII)


class Resumptions(Controller):
    path = "/studio/resumption"
    opt = serves(policy.Action.WRITE)

    @post("/", name="resumptions.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Open the editor with what was typed under another sign-in."""
        typed = await read_form(request)
        return await resume(request, db, viewer, typed, text_of(typed, "next"))


async def resume(
    request: Asked, db: AsyncSession, viewer: User, typed: Mapping[str, object], path: str
) -> Response[Any]:
    """Show the editor of this address with what was typed; who may not edit there any more gets the text to copy."""
    form, _errors = PostForm.parse(typed)
    match = _POST.fullmatch(path)
    kind = Kind.PAGE if path.startswith("/studio/pages") else Kind.POST
    found = await posts.for_desk(db, int(match[1]), viewer) if match else None
    needed = policy.Action.EDIT_ALL if kind == Kind.PAGE else policy.Action.WRITE
    may_edit = policy.may_edit(viewer, found) if found else not match and policy.may(viewer, needed)
    if not may_edit:
        return page(request, "studio/posts/kept.html", form=form)
    notice = _("Your text is here as you left it. It is not saved yet.")
    return await editor(request, db, viewer, found, form, {}, kind, notice)
