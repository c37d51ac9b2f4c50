"""INSERT … ON CONFLICT, which both databases speak and SQLAlchemy spells per dialect."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Base


def insert(db: AsyncSession, model: type[Base]) -> Any:
    """Begin an INSERT that can say what happens on conflict, in the dialect of this session's database."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)
