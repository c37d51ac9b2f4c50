"""What reading needs: pages, languages, covers, picture sizes, people's pictures and links, search, the site's looks.

Going back below this drops the pages with the columns; nothing else that was written is lost.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_reading"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

COLUMNS = (
    ("site", "accent", "VARCHAR(7) DEFAULT '' NOT NULL"),
    ("site", "navigation", "JSON DEFAULT '[]' NOT NULL"),
    ("users", "links", "JSON DEFAULT '[]' NOT NULL"),
    ("posts", "kind", "VARCHAR(20) DEFAULT 'post' NOT NULL"),
    ("posts", "language", "VARCHAR(35)"),
    ("posts", "cover_alt", "TEXT DEFAULT '' NOT NULL"),
    ("media", "variants", "JSON DEFAULT '[]' NOT NULL"),
    ("media", "colour", "VARCHAR(7) DEFAULT '' NOT NULL"),
)
PICTURES = (("users", "picture_id"), ("posts", "cover_id"))


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind if is_sqlite() else kind.replace('JSON', 'JSONB')}")
    for table, column in PICTURES:
        # SQLite gets its foreign key by making the table anew.
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.add_column(sa.Column(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
            batch.create_foreign_key(f"fk_{table}_{column}_media", "media", [column], ["id"], ondelete="SET NULL")
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_posts_featured",
        "posts",
        ["published_at", "id"],
        sqlite_where=sa.text("is_featured = 1"),
        postgresql_where=sa.text("is_featured"),
    )
    op.create_table(
        "search_texts",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_search_texts_post_id_posts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name="pk_search_texts"),
    )
    op.create_table(
        "similar_posts",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_similar_posts_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["posts.id"], name="fk_similar_posts_other_id_posts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "other_id", name="pk_similar_posts"),
    )
    op.create_index("ix_similar_posts_other_id", "similar_posts", ["other_id"])
    if is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            "title, title_stems, about, about_stems, body, body_stems, "
            "tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\", prefix = '3')"
        )
        op.execute("CREATE VIRTUAL TABLE search_index_vocabulary USING fts5vocab(search_index, row)")
        # FTS5 knows no foreign keys.
        op.execute(
            "CREATE TRIGGER search_texts_deleted AFTER DELETE ON search_texts "
            "BEGIN DELETE FROM search_index WHERE rowid = old.post_id; END"
        )
    else:
        op.create_table(
            "search_index",
            sa.Column("post_id", sa.BigInteger(), nullable=False),
            sa.Column("vector", postgresql.TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(
                ["post_id"], ["search_texts.post_id"], name="fk_search_index_post_id", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("post_id", name="pk_search_index"),
        )
        op.create_index("ix_search_index_vector", "search_index", ["vector"], postgresql_using="gin")


def downgrade() -> None:
    """Drop the pages, which the schema below cannot tell from posts, and what was added."""
    op.execute("DELETE FROM posts WHERE kind = 'page'")
    if is_sqlite():
        op.execute("DROP TRIGGER search_texts_deleted")
        op.drop_table("search_index_vocabulary")
    op.drop_table("search_index")
    op.drop_table("search_texts")
    op.drop_table("similar_posts")
    op.drop_index("ix_posts_featured", "posts")
    for table, column in PICTURES:
        op.drop_index(f"ix_{table}_{column}", table)
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(f"fk_{table}_{column}_media", type_="foreignkey")
            batch.drop_column(column)
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
