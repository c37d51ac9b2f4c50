"""The post of an address, loaded and allowed: 404 when the viewer may not know of it, 403 when not change it."""

from collections.abc import Awaitable, Callable

from blog.models import Post, User
from blog.queries import posts
from blog.web.arguments import Db, PathId, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.input import row_id

Rule = Callable[[User, Post], bool]


def post_if(rule: Rule) -> Callable[..., Awaitable[Post]]:
    """Make the dependency that gives the post if this rule of the policy allows it."""

    async def allowed_post(post_id: PathId, db: Db, viewer: Viewer) -> Post:
        post = await posts.for_desk(db, row_id(post_id), viewer)
        if post is None:
            raise NotFound
        if not rule(viewer, post):
            raise Refusal(403)
        return post

    return allowed_post
