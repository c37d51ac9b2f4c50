"""Indexes by which SQLite reads the right posts at once, also where it knows nothing of what is in a table."""

import sqlalchemy as sa
from alembic import op

revision = "0009_indexes"
down_revision = "0008_review"
branch_labels = None
depends_on = None

ENDING = sa.text("status = 'published' AND expires_at IS NOT NULL")
FEATURED = {"sqlite_where": sa.text("is_featured = 1"), "postgresql_where": sa.text("is_featured")}


def upgrade() -> None:
    for name in ("ix_posts_desk", "ix_posts_updated_at", "ix_posts_featured", "ix_posts_ends"):
        op.drop_index(name, "posts")
    op.create_index("ix_posts_desk", "posts", ["updated_at", "id", "kind", "status", "published_at", "expires_at"])
    op.create_index("ix_posts_featured", "posts", ["is_featured", "published_at", "id", "expires_at"], **FEATURED)
    op.create_index(
        "ix_posts_ends",
        "posts",
        ["kind", "expires_at", "published_at"],
        sqlite_where=ENDING,
        postgresql_where=ENDING,
    )


def downgrade() -> None:
    for name in ("ix_posts_desk", "ix_posts_featured", "ix_posts_ends"):
        op.drop_index(name, "posts")
    op.create_index("ix_posts_desk", "posts", ["kind", "status", "published_at"])
    op.create_index("ix_posts_updated_at", "posts", ["updated_at"])
    op.create_index("ix_posts_featured", "posts", ["published_at", "id"], **FEATURED)
    op.create_index(
        "ix_posts_ends",
        "posts",
        ["expires_at", "kind", "published_at"],
        sqlite_where=ENDING,
        postgresql_where=ENDING,
    )
