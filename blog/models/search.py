"""What is known of a post's words: for search, and to tell which posts are alike."""

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId


class SearchText(Base):
    """The plain words of a post, from which search cuts its excerpts, and the language that they were indexed in.

    The index beside it, `search_index`, is each database's own: FTS5 on SQLite, tsvector on PostgreSQL.
    """

    __tablename__ = "search_texts"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(Text)


class SimilarPost(Base):
    """Another post that is about the same, found when the first was saved; it counts in both directions."""

    __tablename__ = "similar_posts"
    __table_args__ = (Index("ix_similar_posts_other_id_score", "other_id", "score"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[float]


class SearchDue(Base):
    """A post whose tags changed with those of many others, and are not yet what search knows of it.

    It may stand here several times, and after it was deleted; a short transaction for a few posts at a time takes them
    in.
    """

    __tablename__ = "search_due"

    id: Mapped[RowId]
    post_id: Mapped[int]
