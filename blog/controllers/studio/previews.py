"""How a text would look, rendered as readers would see it and saved nowhere."""

from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.controllers.studio import saving
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.web.arguments import Db, Viewer
from blog.web.guards import SLOW, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page


class Previews(Controller):
    path = "/studio/preview"
    opt = serves(policy.Action.WRITE)

    @post("/", name="studio.previews.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer) -> Response[Any]:
        """Show the text of the editor's form as a page."""
        form, _ = PostForm.parse(await read_form(request))
        errors: Errors = {}
        rendered = await saving.render(db, form, errors)
        return page(
            request,
            "studio/preview.html",
            status=200 if rendered else 422,
            title=form.title,
            markup=rendered.html if rendered else "",
            authors=[viewer],
            problem=errors.get("body"),
        )
