"""How many posts each day has."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base


class PostDay(Base):
    """The number of published posts of a day (UTC), scheduled ones included; triggers count, nobody writes here."""

    __tablename__ = "post_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    posts: Mapped[int]
