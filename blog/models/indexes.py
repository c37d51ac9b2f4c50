"""The indexes by which posts are found. Both databases read readers' lists from them alone, late pages included."""

from sqlalchemy import Index, text

# Queries must say this in these words to use the indexes: with parameters neither database can know that they apply.
_LISTED = text("status = 'published' AND kind = 'post'")
_PAGES = text("status = 'published' AND kind = 'page'")
_ENDING = text("status = 'published' AND expires_at IS NOT NULL")
_LISTED_AND_ENDING = text("status = 'published' AND kind = 'post' AND expires_at IS NOT NULL")
_IN_REVIEW = text("status = 'pending'")
_UNPUBLISHED = text("status != 'published'")
_TRASHED = text("trashed_at IS NOT NULL")
_UNSEEN = text("revision_number != shown_revision")

OF_POSTS = (
    # With the end in them, no row of the table is read to pass over or count what has ended.
    Index("ix_posts_feed", "published_at", "id", "expires_at", sqlite_where=_LISTED, postgresql_where=_LISTED),
    Index("ix_posts_pages", "published_at", sqlite_where=_PAGES, postgresql_where=_PAGES),
    Index(
        "ix_posts_owner_feed",
        "owner_id",
        "published_at",
        "id",
        "expires_at",
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    ),
    Index("ix_posts_ends", "kind", "expires_at", "published_at", sqlite_where=_ENDING, postgresql_where=_ENDING),
    Index(
        "ix_posts_owner_ends",
        "owner_id",
        "expires_at",
        "published_at",
        sqlite_where=_LISTED_AND_ENDING,
        postgresql_where=_LISTED_AND_ENDING,
    ),
    Index("ix_posts_trashed_at", "trashed_at", sqlite_where=_TRASHED, postgresql_where=_TRASHED),
    # SQLite takes an index for the columns that are compared with =, or else the one that it knows less of.
    Index(
        "ix_posts_featured",
        "is_featured",
        "published_at",
        "id",
        "expires_at",
        sqlite_where=text("is_featured = 1"),
        postgresql_where=text("is_featured"),
    ),
    Index("ix_posts_pending", "saved_at", "id", sqlite_where=_IN_REVIEW, postgresql_where=_IN_REVIEW),
    Index("ix_posts_unseen", "saved_at", "id", sqlite_where=_UNSEEN, postgresql_where=_UNSEEN),
    Index(
        "ix_posts_unpublished",
        "kind",
        "status",
        "saved_at",
        "id",
        sqlite_where=_UNPUBLISHED,
        postgresql_where=_UNPUBLISHED,
    ),
    Index("ix_posts_owner_id_status", "owner_id", "status"),
    # It begins with what no page for readers asks for, so that none is ever read by it.
    Index("ix_posts_desk", "saved_at", "id", "kind", "status", "published_at", "expires_at"),
)


def ending(name: str, whose: str) -> Index:
    """Find what ends by itself among a tag's posts, or among those in whose byline somebody stands: few."""
    condition = text("live_until IS NOT NULL")
    return Index(name, whose, "live_until", "live_at", sqlite_where=condition, postgresql_where=condition)
