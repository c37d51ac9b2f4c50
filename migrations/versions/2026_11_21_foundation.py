"""The foundation: people, posts, tags, files, revisions, redirects, sign-ins, events, and the site's one row.

Going back below this drops every table, and with them all that was written.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Moment() -> DateTimeUTC:  # noqa: N802 - stands where a type stands
    return DateTimeUTC(timezone=True)


def Data() -> sa.JSON:  # noqa: N802 - stands where a type stands
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("window_ends_at", Moment(), nullable=False),
        sa.Column("count", Whole(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_table(
        "site",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("tagline", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_site_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
    )
    op.create_table(
        "tags",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=180), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("key", name="uq_tags_key"),
        sa.UniqueConstraint("slug", name="uq_tags_slug"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
    )
    op.create_table(
        "users",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=762), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_role_status", "users", ["role", "status"])

    op.create_table(
        "events",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_id", Whole(), nullable=True),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", Whole(), nullable=True),
        sa.Column("detail", Data(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_events_actor_id_users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_actor_id", "events", ["actor_id"])
    op.create_index("ix_events_at", "events", ["at"])

    op.create_table(
        "logins",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_logins_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
        sa.UniqueConstraint("token_hash", name="uq_logins_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"])
    op.create_index("ix_logins_user_id", "logins", ["user_id"])

    op.create_table(
        "media",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("original_name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("size", Whole(), nullable=False),
        sa.Column("width", Whole(), nullable=True),
        sa.Column("height", Whole(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("uploaded_by_id", Whole(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name="fk_media_uploaded_by_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.UniqueConstraint("name", name="uq_media_name"),
        sa.UniqueConstraint("fingerprint", name="uq_media_fingerprint"),
    )
    op.create_index("ix_media_uploaded_by_id", "media", ["uploaded_by_id"])

    op.create_table(
        "posts",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.Column("revision_number", Whole(), nullable=False),
        sa.Column("owner_id", Whole(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("is_featured", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=250), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("contents", Data(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("words", Whole(), nullable=False),
        sa.Column("reading_minutes", Whole(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("source_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("first_published_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_posts_owner_id_users", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("slug", name="uq_posts_slug"),
        sa.UniqueConstraint("source", name="uq_posts_source"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_posts_feed",
        "posts",
        ["published_at", "id"],
        sqlite_where=sa.text("status = 'published'"),
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("ix_posts_owner_id_status", "posts", ["owner_id", "status"])
    op.create_index("ix_posts_updated_at", "posts", ["updated_at"])

    op.create_table(
        "post_authors",
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("position", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_authors_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_post_authors_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "user_id", name="pk_post_authors"),
    )
    op.create_index("ix_post_authors_user_id", "post_authors", ["user_id"])

    op.create_table(
        "post_media",
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("media_id", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_post_media_media_id_media", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_media_post_id_posts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "media_id", name="pk_post_media"),
    )
    op.create_index("ix_post_media_media_id", "post_media", ["media_id"])

    op.create_table(
        "post_tags",
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("tag_id", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_tags_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_post_tags_tag_id_tags", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name="pk_post_tags"),
    )
    op.create_index("ix_post_tags_tag_id", "post_tags", ["tag_id"])

    op.create_table(
        "redirects",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("post_id", Whole(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_redirects_post_id_posts", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_redirects"),
        sa.UniqueConstraint("path", name="uq_redirects_path"),
    )
    op.create_index("ix_redirects_post_id", "redirects", ["post_id"])

    op.create_table(
        "revisions",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("post_id", Whole(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("tags", Data(), nullable=False),
        sa.Column("authors", Data(), nullable=False),
        sa.Column("saved_by_id", Whole(), nullable=True),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_revisions_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["users.id"], name="fk_revisions_saved_by_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("post_id", "number", name="uq_revisions_post_id_number"),
    )
    op.create_index("ix_revisions_saved_by_id", "revisions", ["saved_by_id"])

    op.execute(
        "INSERT INTO site (id, title, tagline, language, timezone, version) "
        "VALUES (1, 'A new publication', '', 'en', 'UTC', 1)"
    )


def downgrade() -> None:
    """Drop everything: before this there was nothing."""
    for table in (
        "revisions",
        "redirects",
        "post_tags",
        "post_media",
        "post_authors",
        "posts",
        "media",
        "logins",
        "events",
        "users",
        "tokens",
        "tags",
        "site",
        "attempts",
    ):
        op.drop_table(table)
