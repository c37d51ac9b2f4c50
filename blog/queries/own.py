"""The posts of somebody's desk, found through indexes."""

from sqlalchemy import ColumnElement, CompoundSelect, and_, select, union_all
from sqlalchemy.orm import aliased

from blog import policy
from blog.models import CoAuthor, Post, User


def on_desk_of(viewer: User) -> ColumnElement[bool]:
    """Select the posts that the viewer works on, as `policy.seen_by` does.

    A writer's own are few: said once more as a list, PostgreSQL begins with them instead of reading all posts.
    """
    if policy.may(viewer, policy.Action.EDIT_ALL):
        return policy.seen_by(viewer)
    return and_(policy.seen_by(viewer), Post.id.in_(ids_of(viewer)))


def ids_of(viewer: User) -> CompoundSelect[int]:
    """Select the ids of the posts in whose byline somebody stands."""
    own = aliased(Post)
    shared = select(CoAuthor.post_id).where(CoAuthor.user_id == viewer.id)
    return union_all(select(own.id).where(own.owner_id == viewer.id), shared)
