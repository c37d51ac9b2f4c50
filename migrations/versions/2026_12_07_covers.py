"""Covers of imported posts are as public as these are: they are noted among what the posts show."""

from alembic import op

revision = "0018_covers"
down_revision = "0017_desk_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO post_media (post_id, media_id) SELECT id, cover_id FROM posts WHERE cover_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM post_media WHERE post_id = posts.id AND media_id = posts.cover_id)"
    )


def downgrade() -> None:
    """Leave them: they are shown."""
