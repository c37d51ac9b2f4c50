"""Syndication: Atom (RFC 4287) of the site, of a tag and of an author. Public posts only, whoever asks."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.models import Post
from blog.queries import posts, tags, users
from blog.web import routes
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.rendering import Asked, xml

ATOM = "application/atom+xml; charset=utf-8"


class Feeds(Controller):
    opt = serves(policy.Action.READ)

    @get("/feed.xml", name="feeds.site")
    async def site(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of the site."""
        return _atom(request, await posts.latest(db, now), "", routes.url("posts.index"))

    @get("/tags/{slug:str}/feed.xml", name="feeds.tag")
    async def tag(self, request: Asked, slug: PathText, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of a tag."""
        tag = await tags.by_slug(db, slug, None, now)
        if tag is None:
            raise NotFound
        return _atom(request, await posts.latest(db, now, tag=tag), tag.name, routes.url("tags.show", slug=slug))

    @get("/authors/{username:str}/feed.xml", name="feeds.author")
    async def author(self, request: Asked, username: PathText, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of an author."""
        author = await users.author(db, username, None, now)
        if author is None:
            raise NotFound
        path = routes.url("authors.show", username=username)
        return _atom(request, await posts.latest(db, now, author=author), author.name, path)


def _atom(request: Asked, entries: Sequence[Post], subject: str, path: str) -> Response[Any]:
    return xml(request, "public/feeds/atom.xml", ATOM, posts=entries, subject=subject, page_path=path)
