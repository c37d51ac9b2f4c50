"""What the desk was missing: the names that tags had before they were renamed or merged; an index of the posts with
changes that readers do not see; which answers a guest may read; the most alike of many posts by an index.

Going back below this drops them; texts that still name such a tag bring it back then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_desk"
down_revision = "0013_factor"
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tag_aliases",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("key", sa.String(length=180), nullable=False),
        sa.Column("tag_id", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_tag_aliases_tag_id_tags", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tag_aliases"),
        sa.UniqueConstraint("key", name="uq_tag_aliases_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tag_aliases_tag_id", "tag_aliases", ["tag_id"])
    unseen = sa.text("revision_number != shown_revision")
    columns = ["updated_at", "id"]
    op.create_index("ix_posts_unseen", "posts", columns, sqlite_where=unseen, postgresql_where=unseen)
    op.create_index("ix_similar_posts_other_id_score", "similar_posts", ["other_id", "score"])
    op.drop_index("ix_similar_posts_other_id", "similar_posts")
    # None of what was said before was meant for guests.
    op.execute("ALTER TABLE comments ADD COLUMN is_for_guest BOOLEAN NOT NULL DEFAULT FALSE")


def downgrade() -> None:
    op.execute("ALTER TABLE comments DROP COLUMN is_for_guest")
    op.create_index("ix_similar_posts_other_id", "similar_posts", ["other_id"])
    op.drop_index("ix_similar_posts_other_id_score", "similar_posts")
    op.drop_index("ix_posts_unseen", "posts")
    op.drop_table("tag_aliases")
