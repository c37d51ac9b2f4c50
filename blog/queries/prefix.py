"""Words that begin so, found through an index on both databases."""

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

LAST = "\U0010ffff"
"""Comes after every letter, in bytes too."""


def begins(db: AsyncSession, column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """Select what begins with this, letter by letter; PostgreSQL needs an index with `text_pattern_ops` for it.

    A range serves, because neither database uses an index for LIKE with a parameter at all times.
    """
    if db.get_bind().dialect.name == "postgresql":
        ordered: tuple[Any, Any] = (column.op("~>=~")(prefix), column.op("~<~")(prefix + LAST))
        return and_(*ordered)
    return and_(column >= prefix, column < prefix + LAST)
