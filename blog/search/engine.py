"""Which engine a session's database has."""

from types import ModuleType

from sqlalchemy.ext.asyncio import AsyncSession

from blog.search import postgres, sqlite


def engine_of(db: AsyncSession) -> ModuleType:
    """Give the engine: `put`, `choose_way`, `leave_way`, `matches`, `newest`, `held_by` and `alike` mean the same in both."""
    return postgres if db.get_bind().dialect.name == "postgresql" else sqlite
