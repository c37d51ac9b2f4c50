"""Light or dark, as a reader chose it for this site."""

from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.web import appearance
from blog.web.guards import ALWAYS_OPEN, serves
from blog.web.input import own_path, read_form, text_of
from blog.web.rendering import Asked, see
from blog.web.state import house


class Appearance(Controller):
    opt = serves(policy.Action.READ) | ALWAYS_OPEN

    @post("/appearance", name="appearance.update", status_code=200)
    async def update(self, request: Asked) -> Response[Any]:
        """Keep the choice in this browser, and go back to the page."""
        typed = await read_form(request)
        response = see(own_path(text_of(typed, "back"), "/"))
        appearance.keep(response, text_of(typed, "theme"), house(request).settings)
        return response
