"""What running a site needs: its settings, applications for an account, redirects made by hand, profiles, names that stay.

Going back below this drops the redirects made by hand, applications, and the names of people who were deleted.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0010_people"
down_revision = "0009_indexes"
branch_labels = None
depends_on = None

COLUMNS = (
    ("users", "language", "VARCHAR(35) DEFAULT '' NOT NULL"),
    ("users", "timezone", "VARCHAR(64) DEFAULT '' NOT NULL"),
    ("users", "last_seen_at", "TIMESTAMP WITH TIME ZONE"),
    ("revisions", "saved_by_name", "VARCHAR(100) DEFAULT '' NOT NULL"),
    ("reviews", "name", "VARCHAR(100) DEFAULT '' NOT NULL"),
    ("redirects", "target", "VARCHAR(2000) DEFAULT '' NOT NULL"),
    ("redirects", "code", "BIGINT DEFAULT 0 NOT NULL"),
    ("redirects", "hits", "BIGINT DEFAULT 0 NOT NULL"),
    ("redirects", "last_hit_at", "TIMESTAMP WITH TIME ZONE"),
    ("site", "description", "TEXT DEFAULT '' NOT NULL"),
    ("site", "posts_per_page", "BIGINT DEFAULT 10 NOT NULL"),
    ("site", "footer", "TEXT DEFAULT '' NOT NULL"),
    ("site", "footer_html", "TEXT DEFAULT '' NOT NULL"),
    ("site", "registration", "VARCHAR(20) DEFAULT 'closed' NOT NULL"),
    ("site", "new_visibility", "VARCHAR(20) DEFAULT 'public' NOT NULL"),
    ("site", "first_steps", "BOOLEAN DEFAULT false NOT NULL"),
)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def spelled(kind: str) -> str:
    if is_sqlite():
        kind = kind.replace("BIGINT", "INTEGER").replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
        return kind.replace("DEFAULT false", "DEFAULT 0")
    return kind


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {spelled(kind)}")
    # SQLite gets its foreign keys by making the tables anew.
    with op.batch_alter_table("site") as batch:
        for column in ("logo_id", "icon_id"):
            batch.add_column(sa.Column(column, Whole(), nullable=True))
            batch.create_foreign_key(f"fk_site_{column}_media", "media", [column], ["id"], ondelete="SET NULL")
    with op.batch_alter_table("redirects") as batch:
        batch.add_column(sa.Column("user_id", Whole(), nullable=True))
        batch.create_foreign_key("fk_redirects_user_id_users", "users", ["user_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_redirects_user_id", "redirects", ["user_id"])
    op.create_table(
        "registrations",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=762), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("expires_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registrations"),
        sa.UniqueConstraint("token_hash", name="uq_registrations_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_registrations_email_key", "registrations", ["email_key"])
    op.create_index("ix_registrations_expires_at", "registrations", ["expires_at"])


def downgrade() -> None:
    op.drop_table("registrations")
    op.execute("DELETE FROM redirects WHERE user_id IS NOT NULL OR code <> 0")
    op.drop_index("ix_redirects_user_id", "redirects")
    with op.batch_alter_table("redirects") as batch:
        batch.drop_constraint("fk_redirects_user_id_users", type_="foreignkey")
        batch.drop_column("user_id")
    with op.batch_alter_table("site") as batch:
        for column in ("logo_id", "icon_id"):
            batch.drop_constraint(f"fk_site_{column}_media", type_="foreignkey")
            batch.drop_column(column)
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
