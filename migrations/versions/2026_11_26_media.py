"""What the library of files needs: bytes that can be replaced under one address, and focal points.

Going back below this is possible while no file was replaced; one that was is then looked for under its address.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_media"
down_revision = "0005_saving"
branch_labels = None
depends_on = None

COLUMNS = (
    ("stored", "VARCHAR(80) DEFAULT '' NOT NULL"),
    ("focus_x", "INTEGER DEFAULT 50 NOT NULL"),
    ("focus_y", "INTEGER DEFAULT 50 NOT NULL"),
)


def upgrade() -> None:
    for column, kind in COLUMNS:
        whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
        op.execute(sa.text(f"ALTER TABLE media ADD COLUMN {column} {kind.replace('INTEGER', whole)}"))
    op.execute("UPDATE media SET stored = name")
    op.create_index("ix_media_created_at", "media", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_media_created_at", "media")
    for column, _ in COLUMNS:
        op.execute(f"ALTER TABLE media DROP COLUMN {column}")
