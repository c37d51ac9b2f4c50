"""What reviewing needs: the steps of reviews, comments, links for guests with their approvals, and news for people.

Going back below this drops all of these; posts keep their states.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_review"
down_revision = "0007_publishing"
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Moment() -> DateTimeUTC:  # noqa: N802 - stands where a type stands
    return DateTimeUTC(timezone=True)


def Data() -> sa.JSON:  # noqa: N802 - stands where a type stands
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", Whole(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        key("reviews", "post_id", "posts", "CASCADE"),
        key("reviews", "by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_post_id", "reviews", ["post_id", "id"])
    op.create_index("ix_reviews_by_id", "reviews", ["by_id"])
    # What was submitted before this keeps its place in the queue.
    op.execute(
        "INSERT INTO reviews (post_id, step, note, by_id, at) "
        "SELECT id, 'submitted', '', owner_id, updated_at FROM posts WHERE status = 'pending' ORDER BY updated_at, id"
    )
    op.create_table(
        "notices",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("news", sa.String(length=20), nullable=False),
        sa.Column("by_id", Whole(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        key("notices", "user_id", "users", "CASCADE"),
        key("notices", "post_id", "posts", "CASCADE"),
        key("notices", "by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_user_id", "notices", ["user_id", "read_at", "id"])
    op.create_index("ix_notices_post_id", "notices", ["post_id"])
    op.create_index("ix_notices_by_id", "notices", ["by_id"])
    op.create_table(
        "shares",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("revision_number", Whole(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("files", Data(), nullable=False),
        sa.Column("cover_id", Whole(), nullable=True),
        sa.Column("cover_alt", sa.Text(), nullable=False),
        sa.Column("made_by_id", Whole(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("last_used_at", Moment(), nullable=True),
        key("shares", "post_id", "posts", "CASCADE"),
        key("shares", "cover_id", "media", "SET NULL"),
        key("shares", "made_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        sa.UniqueConstraint("token_hash", name="uq_shares_token_hash"),
        sqlite_autoincrement=True,
    )
    for column in ("post_id", "cover_id", "made_by_id"):
        op.create_index(f"ix_shares_{column}", "shares", [column])
    op.create_table(
        "approvals",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("share_id", Whole(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        key("approvals", "post_id", "posts", "CASCADE"),
        key("approvals", "share_id", "shares", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_approvals_post_id", "approvals", ["post_id"])
    op.create_index("ix_approvals_share_id", "approvals", ["share_id"])
    op.create_table(
        "comments",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("answers_id", Whole(), nullable=True),
        sa.Column("author_id", Whole(), nullable=True),
        sa.Column("share_id", Whole(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("place", Whole(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.Column("resolved_by_id", Whole(), nullable=True),
        key("comments", "post_id", "posts", "CASCADE"),
        key("comments", "answers_id", "comments", "CASCADE"),
        key("comments", "author_id", "users", "SET NULL"),
        key("comments", "share_id", "shares", "CASCADE"),
        key("comments", "resolved_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sqlite_autoincrement=True,
    )
    for column in ("post_id", "answers_id", "author_id", "share_id", "resolved_by_id"):
        op.create_index(f"ix_comments_{column}", "comments", [column])


def downgrade() -> None:
    for table in ("comments", "approvals", "shares", "notices", "reviews"):
        op.drop_table(table)
