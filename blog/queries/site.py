"""The publication's own row."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Site

CHANNEL = "blog_site"


async def current(db: AsyncSession) -> Site:
    """Fetch the site's settings; the first migration made the row."""
    query = select(Site).where(Site.id == 1).options(joinedload(Site.logo), joinedload(Site.icon))
    return (await db.scalars(query)).one()


async def version(db: AsyncSession) -> int:
    """Tell how many changes readers have been able to see so far."""
    return await db.scalar(_VERSION) or 0


async def touch(db: AsyncSession) -> None:
    """Note that readers will see a change, in the transaction that makes it; PostgreSQL tells it on to who listens."""
    await db.execute(
        update(Site).where(Site.id == 1).values(version=Site.version + 1).execution_options(synchronize_session=False)
    )
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_notify(CHANNEL, "")))


async def hold(db: AsyncSession) -> None:
    """Let others who would change what belongs together wait until this transaction ends."""
    await db.execute(select(Site.id).where(Site.id == 1).with_for_update())


async def move_past(db: AsyncSession, seen: int) -> None:
    """Let every process notice that all is another now: the version must be one that none of them has seen."""
    if await version(db) <= seen:
        await db.execute(
            update(Site).where(Site.id == 1).values(version=seen).execution_options(synchronize_session=False)
        )
        await touch(db)


_VERSION = select(Site.version).where(Site.id == 1)
