"""Second factors: apps, passkeys, recovery codes, the second step of signing in; what sign-ins are worth, and when used.

Going back below this drops the second factors; who has one then signs in with the password alone.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_factor"
down_revision = "0012_record"
branch_labels = None
depends_on = None

KEEPS_IDS = {"sqlite_autoincrement": True}


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Moment() -> DateTimeUTC:  # noqa: N802 - stands where a type stands
    return DateTimeUTC(timezone=True)


def Data() -> sa.JSON:  # noqa: N802 - stands where a type stands
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "totps",
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("new_secret", sa.String(length=255), nullable=False),
        sa.Column("last_step", Whole(), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=True),
        key("totps", "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_totps"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("user_handle", sa.String(length=100), nullable=False),
        sa.Column("sign_count", Whole(), nullable=False),
        sa.Column("transports", Data(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=True),
        key("passkeys", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("user_id", Whole(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        key("recovery_codes", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.UniqueConstraint("user_id", "code_hash", name="uq_recovery_codes_user_id_code_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "arrivals",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", Whole(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        key("arrivals", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.UniqueConstraint("token_hash", name="uq_arrivals_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_arrivals_user_id", "arrivals", ["user_id"])
    op.create_index("ix_arrivals_expires_at", "arrivals", ["expires_at"])
    op.create_table(
        "challenges",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("login_id", Whole(), nullable=True),
        sa.Column("arrival_id", Whole(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        key("challenges", "login_id", "logins"),
        key("challenges", "arrival_id", "arrivals"),
        sa.PrimaryKeyConstraint("id", name="pk_challenges"),
        sa.UniqueConstraint("challenge_hash", name="uq_challenges_challenge_hash"),
        sqlite_autoincrement=True,
    )
    for column in ("login_id", "arrival_id", "expires_at"):
        op.create_index(f"ix_challenges_{column}", "challenges", [column])
    with op.batch_alter_table("logins", table_kwargs=KEEPS_IDS) as logins:
        logins.add_column(sa.Column("last_used_at", Moment(), nullable=True))
        logins.add_column(sa.Column("proved_at", Moment(), nullable=True))
        logins.add_column(sa.Column("has_second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE logins SET last_used_at = created_at, proved_at = created_at")
    with op.batch_alter_table("logins", table_kwargs=KEEPS_IDS) as logins:
        logins.alter_column("last_used_at", nullable=False)
        logins.alter_column("proved_at", nullable=False)
        logins.alter_column("has_second_factor", server_default=None)
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("second_factor_roles", Data(), server_default="[]", nullable=False))
    with op.batch_alter_table("notices", table_kwargs=KEEPS_IDS) as notices:
        notices.alter_column("post_id", existing_type=Whole(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM notices WHERE post_id IS NULL")
    with op.batch_alter_table("notices", table_kwargs=KEEPS_IDS) as notices:
        notices.alter_column("post_id", existing_type=Whole(), nullable=False)
    with op.batch_alter_table("site") as site:
        site.drop_column("second_factor_roles")
    for table in ("challenges", "arrivals", "recovery_codes", "passkeys", "totps"):
        op.drop_table(table)
    with op.batch_alter_table("logins", table_kwargs=KEEPS_IDS) as logins:
        for column in ("has_second_factor", "proved_at", "last_used_at"):
            logins.drop_column(column)
