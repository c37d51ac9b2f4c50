"""What mail needs: the outbox, invitations, links that belong to somebody, and who wants news by mail.

Going back below this drops the invitations and the letters that wait; links for a new password or address end.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0011_mail"
down_revision = "0010_people"
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Moment() -> DateTimeUTC:  # noqa: N802 - stands where a type stands
    return DateTimeUTC(timezone=True)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    yes, no = ("1", "0") if is_sqlite() else ("true", "false")
    op.create_table(
        "mails",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("unsubscribe", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("tries", Whole(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=False),
        sa.Column("held_until", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_mails_due", "mails", ["next_try_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_mails_created_at", "mails", ["created_at"])
    op.create_table(
        "invitations",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=762), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("by_id", Whole(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name="fk_invitations_by_id_users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        sqlite_autoincrement=True,
    )
    for column in ("email_key", "by_id", "expires_at"):
        op.create_index(f"ix_invitations_{column}", "invitations", [column])
    # SQLite gets its foreign key by making the table anew.
    with op.batch_alter_table("tokens") as batch:
        batch.add_column(sa.Column("user_id", Whole(), nullable=True))
        batch.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch.create_foreign_key("fk_tokens_user_id_users", "users", ["user_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])
    op.execute(f"ALTER TABLE users ADD COLUMN wants_mail BOOLEAN DEFAULT {yes} NOT NULL")
    op.execute(f"ALTER TABLE notices ADD COLUMN is_mailed BOOLEAN DEFAULT {no} NOT NULL")
    # What people were told before there was mail is no news any more.
    op.execute(f"UPDATE notices SET is_mailed = {yes}")
    op.create_index(
        "ix_notices_unmailed",
        "notices",
        ["user_id"],
        sqlite_where=sa.text("is_mailed = 0"),
        postgresql_where=sa.text("NOT is_mailed"),
    )


def downgrade() -> None:
    op.drop_index("ix_notices_unmailed", "notices")
    # Older versions do not know this kind of news.
    op.execute("DELETE FROM notices WHERE news = 'submitted'")
    op.execute("ALTER TABLE notices DROP COLUMN is_mailed")
    op.execute("ALTER TABLE users DROP COLUMN wants_mail")
    op.execute("DELETE FROM tokens WHERE user_id IS NOT NULL")
    op.drop_index("ix_tokens_user_id", "tokens")
    with op.batch_alter_table("tokens") as batch:
        batch.drop_constraint("fk_tokens_user_id_users", type_="foreignkey")
        batch.drop_column("email")
        batch.drop_column("user_id")
    op.drop_table("invitations")
    op.drop_table("mails")
