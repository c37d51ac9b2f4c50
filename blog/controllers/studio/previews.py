"""How a text would look, rendered as readers would see it and saved nowhere."""

import json
from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.content.markdown import Rendered
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
        """Show the text of the editor's form as a page, or as JSON beside the text while it is being written."""
        form, _ = PostForm.parse(await read_form(request))
        errors: Errors = {}
        rendered = await saving.render(db, form, errors)
        if "application/json" in request.headers.get("accept", ""):
            return _told(rendered, errors)
        return page(
            request,
            "studio/preview.html",
            status=200 if rendered else 422,
            title=form.title,
            markup=rendered.html if rendered else "",
            authors=[viewer],
            problem=errors.get("body"),
        )


def _told(rendered: Rendered | None, errors: Errors) -> Response[Any]:
    said: dict[str, object] = {"message": errors.get("body", "")}
    if rendered:
        said = {"html": rendered.html, "words": rendered.words, "minutes": rendered.reading_minutes}
    headers = {"content-type": "application/json"}
    return Response(json.dumps(said).encode(), status_code=200 if rendered else 422, headers=headers)
