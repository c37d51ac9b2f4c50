"""What every model shares: the metadata with its names, and column types that mean the same on both databases."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from advanced_alchemy.types import BigIntIdentity, DateTimeUTC
from sqlalchemy import Enum, MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import JSON

from blog.database import NAMING_CONVENTION

RowId = Annotated[int, mapped_column(BigIntIdentity, primary_key=True)]
LARGEST_ID = 2**63 - 1
PortableJSON = JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """The declarative base of all models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this from the class
        int: BigIntIdentity,
        datetime: DateTimeUTC(timezone=True),
        list[Any]: PortableJSON,
        dict[str, Any]: PortableJSON,
    }


def stored_enum(kind: type[StrEnum]) -> Enum:
    """Store an enum as its value in a text column, so that a new member needs no migration of types."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda kind: [member.value for member in kind])
