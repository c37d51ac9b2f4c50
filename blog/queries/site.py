"""The publication's own row."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Site


async def current(db: AsyncSession) -> Site:
    """Fetch the site's settings; the first migration made the row."""
    return (await db.scalars(select(Site).where(Site.id == 1))).one()


async def touch(db: AsyncSession) -> None:
    """Note that readers will see a change, in the transaction that makes it."""
    await db.execute(
        update(Site).where(Site.id == 1).values(version=Site.version + 1).execution_options(synchronize_session=False)
    )
