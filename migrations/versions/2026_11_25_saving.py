"""Nothing lost: revisions of all fields, working copies, what clashed, who has a post open; canonical URLs.

Going back below this drops the working copies and what clashed; what readers see stays.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_saving"
down_revision = "0004_tags"
branch_labels = None
depends_on = None

COLUMNS = (
    ("posts", "shown_revision", "BIGINT DEFAULT 0 NOT NULL"),
    ("posts", "canonical_url", "VARCHAR(1000) DEFAULT '' NOT NULL"),
    ("posts", "description", "TEXT DEFAULT '' NOT NULL"),
    ("revisions", "language", "VARCHAR(35) DEFAULT '' NOT NULL"),
    ("revisions", "visibility", "VARCHAR(20) DEFAULT 'public' NOT NULL"),
    ("revisions", "cover", "TEXT DEFAULT '' NOT NULL"),
    ("revisions", "cover_alt", "TEXT DEFAULT '' NOT NULL"),
    ("revisions", "canonical_url", "TEXT DEFAULT '' NOT NULL"),
    ("revisions", "description", "TEXT DEFAULT '' NOT NULL"),
    ("revisions", "also_by", "JSON DEFAULT '[]' NOT NULL"),
    ("revisions", "keeping", "VARCHAR(20) DEFAULT 'kept' NOT NULL"),
    ("revisions", "begun_at", "TIMESTAMP WITH TIME ZONE"),
)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def spelled(kind: str) -> str:
    if is_sqlite():
        return kind.replace("BIGINT", "INTEGER").replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
    return kind.replace("JSON", "JSONB")


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {spelled(kind)}")
    op.execute("UPDATE posts SET shown_revision = revision_number")
    # What old revisions did not note was as it is now, as far as anybody knows.
    op.execute(
        "UPDATE revisions SET language = coalesce(p.language, ''), visibility = p.visibility, cover_alt = p.cover_alt, "
        "cover = coalesce((SELECT '/media/' || m.name FROM media AS m WHERE m.id = p.cover_id), '') "
        "FROM posts AS p WHERE p.id = revisions.post_id"
    )
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "clashes",
        sa.Column("id", whole, nullable=False),
        sa.Column("post_id", whole, nullable=False),
        sa.Column("user_id", whole, nullable=False),
        sa.Column("version", whole, nullable=False),
        sa.Column("form", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("kept_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_clashes_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_clashes_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_clashes"),
        sa.UniqueConstraint("post_id", "user_id", name="uq_clashes_post_id_user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clashes_user_id", "clashes", ["user_id"])
    op.create_table(
        "presences",
        sa.Column("post_id", whole, nullable=False),
        sa.Column("user_id", whole, nullable=False),
        sa.Column("seen_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_presences_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_presences_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "user_id", name="pk_presences"),
    )
    op.create_index("ix_presences_user_id", "presences", ["user_id"])


def downgrade() -> None:
    op.drop_table("presences")
    op.drop_table("clashes")
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
