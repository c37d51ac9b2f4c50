"""What a new site's admin has done of what may be done first."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Event, Post, User


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Whether the admin has written something, looked after the site's looks, and is not alone any more."""

    has_written: bool
    has_dressed: bool
    has_company: bool


async def first_steps(db: AsyncSession, admin: User) -> FirstSteps:
    """Tell which of the first steps are taken."""
    written = exists(select(Post.id).where(Post.owner_id == admin.id))
    dressed = exists(select(Event.id).where(Event.action == "site.changed"))
    company = exists(select(User.id).where(User.email.is_not(None), User.id != admin.id))
    return FirstSteps(*(await db.execute(select(written, dressed, company))).one())
