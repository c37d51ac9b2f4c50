"""Somebody leaves for good: what they had goes to another, and what they did keeps their name."""

from dataclasses import dataclass

from sqlalchemy import CursorResult, Text, Update, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import CoAuthor, Comment, Media, Notice, Post, Redirect, Review, Revision, User


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a person has: how many posts and pages, places in the bylines of others, and files."""

    posts: int
    places: int
    files: int

    @property
    def any(self) -> bool:
        return bool(self.posts or self.places or self.files)


async def belongings(db: AsyncSession, person: User) -> Belongings:
    """Count what somebody would leave behind."""
    posts = select(func.count(Post.id)).where(Post.owner_id == person.id).scalar_subquery()
    places = select(func.count()).select_from(CoAuthor).where(CoAuthor.user_id == person.id).scalar_subquery()
    files = select(func.count(Media.id)).where(Media.uploaded_by_id == person.id).scalar_subquery()
    return Belongings(*(await db.execute(select(posts, places, files))).one())


async def hold(db: AsyncSession, *ids: int) -> set[int]:
    """Hold people until the transaction ends, and give the ids of those who are still there."""
    return set(await db.scalars(select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update()))


async def pass_on(db: AsyncSession, person: User, heir: User) -> int:
    """Give what a person has to another one, who then stands in their place in every byline; tell how many posts.

    The old address of the author leads to the heir.
    """
    posts = update(Post).where(Post.owner_id == person.id).values(owner_id=heir.id, version=Post.version + 1)
    passed = await _changed(db, posts)
    owned = select(Post.id).where(Post.owner_id == heir.id)
    also = select(CoAuthor.post_id).where(CoAuthor.user_id == heir.id)
    # Nobody stands in a byline twice.
    twice = delete(CoAuthor).where(CoAuthor.user_id.in_([person.id, heir.id]), CoAuthor.post_id.in_(owned))
    await db.execute(twice.execution_options(synchronize_session=False))
    twice = delete(CoAuthor).where(CoAuthor.user_id == person.id, CoAuthor.post_id.in_(also))
    await db.execute(twice.execution_options(synchronize_session=False))
    await _changed(db, update(CoAuthor).where(CoAuthor.user_id == person.id).values(user_id=heir.id))
    await _changed(db, update(Media).where(Media.uploaded_by_id == person.id).values(uploaded_by_id=heir.id))
    await _changed(db, update(Redirect).where(Redirect.user_id == person.id).values(user_id=heir.id))
    return passed


async def leave(db: AsyncSession, person: User) -> None:
    """Delete a person who owns nothing any more; the database drops what was only theirs, such as their sign-ins."""
    name = person.name
    await _changed(db, update(Revision).where(Revision.saved_by_id == person.id).values(saved_by_name=name))
    await _changed(db, update(Comment).where(Comment.author_id == person.id).values(name=name))
    await _changed(db, update(Review).where(Review.by_id == person.id).values(name=name))
    await _changed(db, update(Notice).where(Notice.by_id == person.id).values(name=name))
    await _name_among_others(db, person)
    await db.execute(delete(User).where(User.id == person.id).execution_options(synchronize_session=False))
    db.expunge(person)


async def _name_among_others(db: AsyncSession, person: User) -> None:
    """Put the name in place of the id where a person's changes were merged into what another saved."""
    ids = cast(Revision.also_by, Text)
    written = or_(*(ids.contains(f"{before}{person.id}{after}") for before in "[ ," for after in "],"))
    rows = (await db.execute(select(Revision.id, Revision.also_by).where(written))).all()
    for revision_id, also_by in rows:
        named = [person.name if saver == person.id else saver for saver in also_by]
        await _changed(db, update(Revision).where(Revision.id == revision_id).values(also_by=named))


async def _changed(db: AsyncSession, statement: Update) -> int:
    result = await db.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what an UPDATE gives
    return result.rowcount
