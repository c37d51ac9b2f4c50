"""The publication's own row."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Site

CHANNEL = "blog_site"


async def current(db: AsyncSession) -> Site:
    """Fetch the site's settings; the first migration made the row."""
    return (await db.scalars(select(Site).where(Site.id == 1))).one()


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


_VERSION = select(Site.version).where(Site.id == 1)
