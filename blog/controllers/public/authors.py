"""Those who write."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.queries import posts, users
from blog.queries.posts import Within
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.input import page_number
from blog.web.rendering import Asked, page
from blog.web.state import house


class PublicAuthors(Controller):
    path = "/authors"
    opt = serves(policy.Action.READ)

    @get("/{username:str}", name="authors.show", opt=kept("page"))
    async def show(self, request: Asked, username: PathText, db: Db, now: Now) -> Response[Any]:
        """Show an author with the posts whose byline names them."""
        number = page_number(request.query_params.get("page"))
        author = await users.author(db, username, now)
        if author is None:
            raise NotFound
        within = Within(author=author)
        total = await house(request).known(f"author {author.id}", lambda: posts.count(db, now, within))
        found = await posts.live_page(db, now, number, total, within)
        if found is None:
            raise NotFound
        return page(request, "public/authors/show.html", author=author, page=found)
