"""Opening the editor: who else is there, and which revision somebody begins from."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write
from blog.forms.posts import PostForm
from blog.models import Post, User
from blog.queries import presences, revisions


async def opened(db: AsyncSession, post: Post, form: PostForm, viewer: User, now: datetime) -> Sequence[str]:
    """Note that the viewer has the post open and begins from the form's revision; name the others who have it open.

    Mostly there is nothing to write. What is written is committed at once; the caller has changed nothing.
    """
    is_kept = await revisions.is_kept(db, post, form.version)
    if not is_kept or not await presences.is_noted(db, post, viewer, now):
        await db.commit()
        await begin_write(db)
        if not is_kept:
            await revisions.keep(db, post, form.version)
        await presences.note(db, post, viewer, now)
        await db.commit()
    return await presences.others(db, post, viewer, now)
