"""Many posts at once: fetching them to be changed, and what a change of many leaves behind."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from blog import policy
from blog.models import Base, BulkChange, Event, Kind, Post, Revision, User
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
    """Give posts a revision with their tags as they are now; all else is copied, within the database.

    Who has one of them open in the editor is told of it, and does not take the tags back by saving.
    """
    own = ("id", "number", "tags", "saved_by_id", "saved_at")
    table = Base.metadata.tables[Revision.__tablename__]
    copied = [column.name for column in table.columns if column.name not in own]
    last = select(
        *(table.c[name] for name in copied),
        table.c.number + 1,
        bindparam("its_tags", type_=table.c.tags.type),
        literal(by.id),
        literal(now, type_=table.c.saved_at.type),
    ).where(table.c.post_id == bindparam("its_id"), table.c.number == bindparam("its_number"))
    statement = insert(table).from_select([*copied, *own[1:]], last)
    rows = [
        {"its_id": post.id, "its_number": post.revision_number, "its_tags": sorted(tag.name for tag in post.tags)}
        for post in posts
    ]
    if rows:
        await (await db.connection()).execute(statement, rows)
    for post in posts:
        post.revision_number += 1


async def record(db: AsyncSession, events: Sequence[Event]) -> None:
    """Write events in one statement."""
    kept = ("at", "actor_id", "action", "subject", "subject_id", "detail")
    if events:
        await db.execute(insert(Event), [{name: getattr(event, name) for name in kept} for event in events])


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
    return query.options(*options).order_by(Post.updated_at.desc(), Post.id.desc())
