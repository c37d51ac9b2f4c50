"""What posts said before, and what clashed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Clash, Keeping, Post, Revision, User
from blog.models.revision import RUN
from blog.queries.page import Page, fetch_page
from blog.queries.upsert import insert

PAGE_SIZE = 20
SHRUNK, SHORT = 2, 200


async def page(db: AsyncSession, post: Post, number: int) -> Page[Revision] | None:
    """Fetch a page of a post's revisions, newest first, without those that others stand for."""
    query = select(Revision).where(Revision.post_id == post.id, Revision.keeping != Keeping.FOLDED)
    query = query.options(joinedload(Revision.saved_by)).order_by(Revision.number.desc())
    return await fetch_page(db, query, number, PAGE_SIZE)


async def by_number(db: AsyncSession, post: Post, number: int) -> Revision | None:
    """Fetch one revision with the person who saved it."""
    query = select(Revision).where(Revision.post_id == post.id, Revision.number == number)
    return await db.scalar(query.options(joinedload(Revision.saved_by)))


async def newest(db: AsyncSession, post: Post) -> Revision | None:
    """Fetch what a post says last, be it shown or a working copy."""
    return await by_number(db, post, post.revision_number)


async def before(db: AsyncSession, post: Post, number: int) -> Revision | None:
    """Fetch the revision before this one."""
    query = select(Revision).where(Revision.post_id == post.id, Revision.number < number)
    query = query.where(Revision.keeping != Keeping.FOLDED).order_by(Revision.number.desc()).limit(1)
    return await db.scalar(query.options(joinedload(Revision.saved_by)))


async def common(db: AsyncSession, post: Post, number: int) -> Revision | None:
    """Fetch the revision that a form began from, or the newest before it when that one is gone."""
    query = select(Revision).where(Revision.post_id == post.id, Revision.number <= number)
    return await db.scalar(query.order_by(Revision.number.desc()).limit(1))


async def savers_since(db: AsyncSession, post: Post, number: int) -> list[int]:
    """List the ids of those whose changes came after a revision, in their order."""
    query = select(Revision.saved_by_id, Revision.also_by).where(Revision.post_id == post.id, Revision.number > number)
    rows = (await db.execute(query.order_by(Revision.number))).all()
    found = [saver for saved_by, also_by in rows for saver in (saved_by, *also_by) if saver is not None]
    return list(dict.fromkeys(found))


async def fold(
    db: AsyncSession, post: Post, number: int, by: User, now: datetime, *, but: int, length: int
) -> tuple[datetime | None, list[int]]:
    """Let what this person is about to save stand for their own automatic save that it began from.

    Nobody else began from that, or opening the editor would have kept it. It stays until their next save, in case the
    answer to this one gets lost; revision `but` stays for good, and so does one that is much longer than the `length`
    of what is saved now: a text may have been deleted by mistake. Give when that run of saves began, and who else's
    changes are in it.
    """
    own = (Revision.post_id == post.id, Revision.saved_by_id == by.id, Revision.number != but)
    gone = delete(Revision).where(*own, Revision.number < number, Revision.keeping == Keeping.FOLDED)
    await db.execute(gone.execution_options(synchronize_session=False))
    run = (Revision.number == number, Revision.keeping == Keeping.AUTOMATIC, Revision.begun_at > now - RUN)
    similar = func.length(Revision.body) <= SHRUNK * length + SHORT
    folded = update(Revision).where(*own, *run, similar).values(keeping=Keeping.FOLDED)
    told = folded.returning(Revision.begun_at, Revision.also_by).execution_options(synchronize_session=False)
    row = (await db.execute(told)).one_or_none()
    return (row.begun_at, list(row.also_by)) if row else (None, [])


async def keep(db: AsyncSession, post: Post, number: int) -> None:
    """Keep a revision, because somebody begins from it."""
    kept = update(Revision).where(Revision.post_id == post.id, Revision.number == number)
    await db.execute(kept.values(keeping=Keeping.KEPT).execution_options(synchronize_session=False))


async def is_kept(db: AsyncSession, post: Post, number: int) -> bool:
    """Tell whether a revision stays for good."""
    query = select(Revision.keeping).where(Revision.post_id == post.id, Revision.number == number)
    return await db.scalar(query) in {Keeping.KEPT, None}


async def clash_of(db: AsyncSession, post: Post, user: User) -> Clash | None:
    """Fetch what a person typed that another's change stands against."""
    return await db.scalar(select(Clash).where(Clash.post_id == post.id, Clash.user_id == user.id))


async def keep_clash(
    db: AsyncSession, post: Post, user: User, form: dict[str, Any], version: int, now: datetime
) -> None:
    """Keep what a person typed, in place of what they typed before; it gets a new id."""
    await forget_clash(db, post, user)
    values = {"post_id": post.id, "user_id": user.id, "version": version, "form": form, "kept_at": now}
    again = insert(db, Clash).values(**values)
    await db.execute(again.on_conflict_do_update(index_elements=["post_id", "user_id"], set_=values))


async def forget_clash(db: AsyncSession, post: Post, user: User, *, version: int | None = None) -> None:
    """Forget what a person typed; with a version, only if it began there."""
    own = delete(Clash).where(Clash.post_id == post.id, Clash.user_id == user.id)
    if version is not None:
        own = own.where(Clash.version == version)
    await db.execute(own.execution_options(synchronize_session=False))


async def count(db: AsyncSession, post: Post) -> int:
    """Count a post's revisions as the list shows them."""
    query = select(func.count()).where(Revision.post_id == post.id, Revision.keeping != Keeping.FOLDED)
    return await db.scalar(query) or 0


async def names_of(db: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    """Give the names of people by their ids."""
    if not ids:
        return {}
    rows = await db.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}
