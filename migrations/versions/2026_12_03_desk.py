"""What the desk was missing: the names that tags had before they were renamed or merged; when a post was saved last,
seen or not, and an index of those with changes that readers do not see; which answers a guest may read; the most alike
of many posts by an index.

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


DESK = ("id", "kind", "status", "published_at", "expires_at")


def _index(name: str, column: str, which: str) -> None:
    where = sa.text(which)
    op.create_index(name, "posts", [column, "id"], sqlite_where=where, postgresql_where=where)


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
    kind = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE posts ADD COLUMN saved_at {kind} DEFAULT '1970-01-01 00:00:00' NOT NULL")
    op.execute("UPDATE posts SET saved_at = updated_at")
    op.execute(
        "UPDATE posts SET saved_at = r.saved_at FROM revisions AS r "
        "WHERE r.post_id = posts.id AND r.number = posts.revision_number AND posts.revision_number != posts.shown_revision"
    )
    for name in ("ix_posts_desk", "ix_posts_pending"):
        op.drop_index(name, "posts")
    op.create_index("ix_posts_desk", "posts", ["saved_at", *DESK])
    _index("ix_posts_pending", "saved_at", "status = 'pending'")
    _index("ix_posts_unseen", "saved_at", "revision_number != shown_revision")
    op.create_index("ix_similar_posts_other_id_score", "similar_posts", ["other_id", "score"])
    op.drop_index("ix_similar_posts_other_id", "similar_posts")
    # None of what was said before was meant for guests.
    op.execute("ALTER TABLE comments ADD COLUMN is_for_guest BOOLEAN NOT NULL DEFAULT FALSE")


def downgrade() -> None:
    op.execute("ALTER TABLE comments DROP COLUMN is_for_guest")
    op.create_index("ix_similar_posts_other_id", "similar_posts", ["other_id"])
    op.drop_index("ix_similar_posts_other_id_score", "similar_posts")
    for name in ("ix_posts_unseen", "ix_posts_pending", "ix_posts_desk"):
        op.drop_index(name, "posts")
    op.create_index("ix_posts_desk", "posts", ["updated_at", *DESK])
    _index("ix_posts_pending", "updated_at", "status = 'pending'")
    op.execute("ALTER TABLE posts DROP COLUMN saved_at")
    op.drop_table("tag_aliases")
