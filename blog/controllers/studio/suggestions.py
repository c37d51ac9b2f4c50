"""What a writer may mean by the first letters typed, for fields that complete themselves."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.content.text import clean_text
from blog.models import Post, Tag, User
from blog.queries import own, suggestions
from blog.web import routes
from blog.web.arguments import Db, Now, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.rendering import Asked
from blog.web.state import site_of

LONGEST_QUERY = 200


class Suggestions(Controller):
    path = "/studio/suggestions"
    opt = serves(policy.Action.WRITE)

    @get("/", name="studio.suggestions")
    async def index(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """List tags, authors or posts that may be meant, as JSON; only what the viewer may use."""
        q = clean_text(request.query_params.get("q", "")[:LONGEST_QUERY])
        match request.query_params.get("kind"):
            case "tag":
                tags = await suggestions.tags(db, viewer, now, q)
                items = [_item(tag.name, tag.name, _of_tag(viewer, tag)) for tag in tags]
            case "author":
                items = [
                    _item(username, name, _of_author(username)) for username, name in await suggestions.authors(db, q)
                ]
            case "post":
                found = await _posts(request, db, viewer, q)
                items = [
                    _item(post.path, post.title, routes.url("studio.posts.edit", post_id=post.id)) for post in found
                ]
            case _:
                raise NotFound
        return Response(json.dumps({"items": items}, ensure_ascii=False).encode(), media_type="application/json")


async def _posts(request: Asked, db: AsyncSession, viewer: User, q: str) -> Sequence[Post]:
    """Find posts by words of their titles, tags and excerpts; before anything is typed, those last worked on."""
    if not q.strip():
        return await suggestions.posts(db, viewer, None)
    terms = search.parse(q, site_of(request.scope).language)
    among = None if policy.may(viewer, policy.Action.EDIT_ALL) else own.ids_of(viewer)
    return await suggestions.posts(db, viewer, await search.headed(db, terms, among)) if terms else []


def _item(value: str, label: str, address: str) -> dict[str, str]:
    return {"value": value, "label": label, "address": address}


def _of_tag(viewer: User, tag: Tag) -> str:
    if policy.may(viewer, policy.Action.EDIT_ALL):
        return routes.url("studio.tags.edit", tag_id=tag.id)
    return f"{routes.url('studio.posts.index')}?{urlencode({'tag': tag.slug})}"


def _of_author(username: str) -> str:
    return f"{routes.url('studio.posts.index')}?{urlencode({'author': username})}"
