"""What lists of a million posts need: an index of what is not published, by status; on SQLite, where each word stands,
so that common words are known as such.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_desk_indexes"
down_revision = "0016_counters"
branch_labels = None
depends_on = None


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    where = sa.text("status != 'published'")
    columns = ["kind", "status", "saved_at", "id"]
    op.create_index("ix_posts_unpublished", "posts", columns, sqlite_where=where, postgresql_where=where)
    if is_sqlite():
        # It holds nothing itself: it is a view of what the index holds.
        op.execute("CREATE VIRTUAL TABLE search_index_places USING fts5vocab(search_index, instance)")
        op.drop_table("search_index_vocabulary")


def downgrade() -> None:
    if is_sqlite():
        op.execute("CREATE VIRTUAL TABLE search_index_vocabulary USING fts5vocab(search_index, row)")
        op.drop_table("search_index_places")
    op.drop_index("ix_posts_unpublished", "posts")
