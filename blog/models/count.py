"""How many posts each tag and each author has."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId


class PostCount(Base):
    """A part of the number of published posts of a subject, a "tag" or an "author", scheduled ones included.

    Triggers count, nobody writes here. Of a subject that several publish under at the same moment PostgreSQL keeps some
    rows, so that none of them waits: they are added up, and one alone means nothing.
    """

    __tablename__ = "post_counts"
    __table_args__ = (Index("ix_post_counts_subject", "subject", "subject_id"),)

    id: Mapped[RowId]
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    posts: Mapped[int]
