"""How often somebody tried to sign in, counted where every process sees it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base


class Attempt(Base):
    """The count of one bucket (an account, or an address) in its present window."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    window_ends_at: Mapped[datetime]
    count: Mapped[int]
