"""What tags and bulk changes need: old addresses of tags, fast beginnings of their names, posts due for the search, undo."""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_tags"
down_revision = "0003_speed"
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Data() -> sa.JSON:  # noqa: N802 - stands where a type stands
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # SQLite gets its foreign key by making the table anew.
    with op.batch_alter_table("redirects") as batch:
        batch.add_column(sa.Column("tag_id", Whole(), nullable=True))
        batch.create_foreign_key("fk_redirects_tag_id_tags", "tags", ["tag_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_redirects_tag_id", "redirects", ["tag_id"])
    op.create_index("ix_tags_beginnings", "tags", ["key"], postgresql_ops={"key": "text_pattern_ops"})
    op.create_index("ix_posts_desk", "posts", ["kind", "status", "published_at"])
    op.create_table(
        "search_due",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_due"),
    )
    op.create_table(
        "bulk_changes",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("count", Whole(), nullable=False),
        sa.Column("left_out", Whole(), nullable=False),
        sa.Column("before", Data(), nullable=False),
        sa.Column("kept", Data(), nullable=False),
        sa.Column("done_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("undone_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_bulk_changes_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_changes_done_at", "bulk_changes", ["done_at"])
    op.create_index("ix_bulk_changes_user_id", "bulk_changes", ["user_id"])


def downgrade() -> None:
    """Drop the old addresses of tags with the column: without it they would say that the tags are gone."""
    op.drop_table("bulk_changes")
    op.drop_table("search_due")
    op.drop_index("ix_posts_desk", "posts")
    op.drop_index("ix_tags_beginnings", "tags")
    op.execute("DELETE FROM redirects WHERE tag_id IS NOT NULL")
    op.drop_index("ix_redirects_tag_id", "redirects")
    with op.batch_alter_table("redirects") as batch:
        batch.drop_constraint("fk_redirects_tag_id_tags", type_="foreignkey")
        batch.drop_column("tag_id")
