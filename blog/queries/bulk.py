"""Many posts at once: fetching them to be changed, and what a change of many leaves behind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from blog import policy
from blog.content.merge import merge_names
from blog.content.slugs import tag_key
from blog.models import Base, BulkChange, Keeping, Kind, Post, Revision, User
from blog.models.bulk import UNDO_LIFETIME


async def chosen(db: AsyncSession, viewer: User, ids: Sequence[int]) -> Sequence[Post]:
    """Fetch the posts of these ids that the viewer works on, with their tags, without their texts."""
    return (await db.scalars(_chosen(viewer, ids))).all()


async def held(db: AsyncSession, viewer: User, ids: Sequence[int]) -> Sequence[Post]:
    """Fetch posts to change them: whoever saves one of them at the same moment waits, then meets the change."""
    query = _chosen(viewer, ids).with_for_update(of=Post).execution_options(populate_existing=True)
    return (await db.scalars(query)).all()


def ids_of(posts: Sequence[Post]) -> Select[int]:
    """Select the ids of these posts."""
    return select(Post.id).where(Post.id.in_([post.id for post in posts]))


async def keep_revisions(db: AsyncSession, posts: Sequence[Post], *, now: datetime, by: User) -> None:
    """Give posts a revision with their tags and visibility as they are now; all else is copied, within the database.

    Who has one of them open in the editor is told of it, and does not take the change back by saving.
    """
    table = Base.metadata.tables[Revision.__tablename__]
    told = ("tags", "visibility")
    made = {"saved_by_id": by.id, "saved_at": now, "keeping": Keeping.KEPT, "also_by": [], "begun_at": None}
    copied = [column.name for column in table.columns if column.name not in {"id", "number", *told, *made}]
    last = select(
        *(table.c[name] for name in copied),
        table.c.number + 1,
        *(bindparam(f"its_{name}", type_=table.c[name].type) for name in told),
        *(literal(value, type_=table.c[name].type) for name, value in made.items()),
    ).where(table.c.post_id == bindparam("its_id"), table.c.number == bindparam("its_number"))
    statement = insert(table).from_select([*copied, "number", *told, *made], last)
    rows = await _told(db, posts)
    if rows:
        await (await db.connection()).execute(statement, rows)
    for post in posts:
        # What is beside a working copy stays what readers see.
        post.shown_revision += not post.has_working_copy
        post.revision_number += 1


async def _told(db: AsyncSession, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Say what the new revisions of posts hold; into a working copy the change is merged."""
    beside = [post.id for post in posts if post.has_working_copy]
    query = select(Revision.post_id, Revision.number, Revision.tags, Revision.visibility)
    query = query.join(Post, Post.id == Revision.post_id).where(Post.id.in_(beside))
    query = query.where(Revision.number.in_([Post.shown_revision, Post.revision_number]))
    known = {(row.post_id, row.number): row for row in await db.execute(query)} if beside else {}
    rows = []
    for post in posts:
        tags, visibility = sorted(tag.name for tag in post.tags), str(post.visibility)
        shown, last = known.get((post.id, post.shown_revision)), known.get((post.id, post.revision_number))
        if shown and last:
            tags = merge_names(shown.tags, last.tags, tags, tag_key)
            visibility = visibility if visibility != shown.visibility else last.visibility
        number = post.revision_number
        rows.append({"its_id": post.id, "its_number": number, "its_tags": tags, "its_visibility": visibility})
    return rows


async def change_of(db: AsyncSession, viewer: User, change_id: int, *, to_undo: bool = False) -> BulkChange | None:
    """Fetch what this person did with many posts; to be undone it is held, so that this happens only once."""
    query = select(BulkChange).where(BulkChange.id == change_id, BulkChange.user_id == viewer.id)
    return await db.scalar(query.with_for_update() if to_undo else query)


async def forget_old(db: AsyncSession, now: datetime) -> None:
    """Drop what cannot be undone any more."""
    await db.execute(delete(BulkChange).where(BulkChange.done_at < now - UNDO_LIFETIME))


def _chosen(viewer: User, ids: Sequence[int]) -> Select[Post]:
    query = select(Post).where(Post.id.in_(ids), policy.seen_by(viewer), Post.kind == Kind.POST)
    options = (selectinload(Post.co_authors), selectinload(Post.tags))
    return query.options(*options).order_by(Post.saved_at.desc(), Post.id.desc())
