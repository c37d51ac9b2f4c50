"""How often readers opened a post on a day."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base


class PostViews(Base):
    """A post's views on one day by the site's clock. They stay when the post goes, so that past days keep their sums."""

    __tablename__ = "post_views"
    __table_args__ = (Index("ix_post_views_post_id", "post_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    views: Mapped[int]
