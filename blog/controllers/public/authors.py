"""Those who write."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.controllers.public.listing import listing
from blog.queries import users
from blog.queries.posts import Within
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, page


class PublicAuthors(Controller):
    path = "/authors"
    opt = serves(policy.Action.READ)

    @get("/{username:str}", name="authors.show", opt=kept("page"))
    async def show(self, request: Asked, username: PathText, db: Db, now: Now) -> Response[Any]:
        """Show an author with the posts whose byline names them."""
        author = await users.author(db, username, now)
        if author is None:
            raise NotFound
        found = await listing(request, db, now, Within(author=author), f"author {author.id}")
        return page(request, "public/authors/show.html", author=author, page=found)
