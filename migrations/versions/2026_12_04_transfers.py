"""Imports and exports that admins ask for on a page, as jobs.

Going back below this drops the list of them; what they brought in stays.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_transfers"
down_revision = "0014_desk"
branch_labels = None
depends_on = None


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    moment = DateTimeUTC(timezone=True)
    told = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "transfers",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("done", Whole(), nullable=False),
        sa.Column("total", Whole(), nullable=False),
        sa.Column("tries", Whole(), nullable=False),
        sa.Column("held_until", moment, nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("told", told, nullable=False),
        sa.Column("upload", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("result_size", Whole(), nullable=False),
        sa.Column("asked_by_id", Whole(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name="fk_transfers_asked_by_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transfers_asked_by_id", "transfers", ["asked_by_id"])
    is_open = sa.text("state IN ('waiting', 'running')")
    op.create_index("ix_transfers_open", "transfers", ["id"], sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.drop_table("transfers")
