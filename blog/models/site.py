"""The one row that says what this publication is called and how often its pages changed."""

from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId

LONGEST_TITLE = 100


class Site(Base):
    """The publication's own settings; `version` grows with every change that readers can see."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[RowId]
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    tagline: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(35))
    timezone: Mapped[str] = mapped_column(String(64))
    accent: Mapped[str] = mapped_column(String(7), default="")
    """The colour of links and buttons as #rrggbb; empty for the theme's own."""
    navigation: Mapped[list[Any]] = mapped_column(default=list)
    """The links beside the site's name, each a list of its label and its address."""
    version: Mapped[int]
