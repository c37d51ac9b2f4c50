"""A numbered page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Base

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Base)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, the number of this page (from 1), how many pages and how many rows there are in all."""

    items: Sequence[Row]
    number: int
    pages: int
    total: int


async def fetch_page(db: AsyncSession, rows: Select[Stored], number: int, size: int) -> Page[Stored] | None:
    """Fetch page `number` of `rows`, which are ordered; None when it is past the end. The first page always exists."""
    counted: Select[Any] = rows.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = (await db.scalar(counted)) or 0
    pages = max(1, -(-total // size))
    if number > pages:
        return None
    items = (await db.scalars(rows.limit(size).offset((number - 1) * size))).all()
    return Page(items, number, pages, total)
