"""What keeps lists fast on a million posts: indexes of what is live, per site, owner and tag, and posts counted by day.

Triggers keep `post_tags.live_at` and `post_days` right whatever changes a post.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_speed"
down_revision = "0002_reading"
branch_labels = None
depends_on = None

LIVE = "status = 'published' AND kind = 'post'"
PAGES = "status = 'published' AND kind = 'page'"
COUNTED = "{0}.status = 'published' AND {0}.kind = 'post' AND {0}.published_at IS NOT NULL"


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.drop_index("ix_posts_feed", "posts")
    where = {"sqlite_where": sa.text(LIVE), "postgresql_where": sa.text(LIVE)}
    op.create_index("ix_posts_feed", "posts", ["published_at", "id"], **where)
    op.create_index("ix_posts_owner_feed", "posts", ["owner_id", "published_at", "id"], **where)
    where = {"sqlite_where": sa.text(PAGES), "postgresql_where": sa.text(PAGES)}
    op.create_index("ix_posts_pages", "posts", ["published_at"], **where)
    moment = "DATETIME" if is_sqlite() else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE post_tags ADD COLUMN live_at {moment}")
    op.execute(
        "UPDATE post_tags SET live_at = (SELECT CASE WHEN status = 'published' AND kind = 'post' THEN published_at END "
        "FROM posts WHERE posts.id = post_tags.post_id)"
    )
    op.create_index("ix_post_tags_feed", "post_tags", ["tag_id", "live_at", "post_id"])
    op.drop_index("ix_post_tags_tag_id", "post_tags")
    op.create_table(
        "post_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("posts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_post_days"),
    )
    day = "substr(published_at, 1, 10)" if is_sqlite() else "CAST(published_at AT TIME ZONE 'UTC' AS date)"
    op.execute(
        f"INSERT INTO post_days (day, posts) SELECT {day}, count(*) FROM posts "
        f"WHERE {COUNTED.format('posts')} GROUP BY 1"
    )
    if is_sqlite():
        sqlite_triggers()
    else:
        postgresql_triggers()


def sqlite_triggers() -> None:
    more = (
        "INSERT INTO post_days (day, posts) SELECT substr(NEW.published_at, 1, 10), 1 "
        f"WHERE {COUNTED.format('NEW')} ON CONFLICT (day) DO UPDATE SET posts = posts + 1;"
    )
    fewer = (
        f"UPDATE post_days SET posts = posts - 1 WHERE {COUNTED.format('OLD')} "
        "AND day = substr(OLD.published_at, 1, 10);"
    )
    tagged = (
        f"UPDATE post_tags SET live_at = CASE WHEN {COUNTED.format('NEW')} THEN NEW.published_at END "
        "WHERE post_id = NEW.id;"
    )
    op.execute(f"CREATE TRIGGER posts_counted_new AFTER INSERT ON posts BEGIN {more} END")
    op.execute(f"CREATE TRIGGER posts_counted_gone AFTER DELETE ON posts BEGIN {fewer} END")
    op.execute(
        "CREATE TRIGGER posts_counted_anew AFTER UPDATE OF status, published_at, kind ON posts "
        f"BEGIN {fewer} {more} {tagged} END"
    )
    op.execute(
        "CREATE TRIGGER post_tags_live AFTER INSERT ON post_tags BEGIN UPDATE post_tags SET live_at = "
        f"(SELECT CASE WHEN {COUNTED.format('posts')} THEN published_at END FROM posts WHERE posts.id = NEW.post_id) "
        "WHERE post_id = NEW.post_id AND tag_id = NEW.tag_id; END"
    )


def postgresql_triggers() -> None:
    day = "CAST({0}.published_at AT TIME ZONE 'UTC' AS date)"
    op.execute(
        f"""
        CREATE FUNCTION posts_counted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND {COUNTED.format("OLD")} THEN
                UPDATE post_days SET posts = posts - 1 WHERE day = {day.format("OLD")};
            END IF;
            IF TG_OP <> 'DELETE' AND {COUNTED.format("NEW")} THEN
                INSERT INTO post_days (day, posts) VALUES ({day.format("NEW")}, 1)
                ON CONFLICT (day) DO UPDATE SET posts = post_days.posts + 1;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                UPDATE post_tags SET live_at = CASE WHEN {COUNTED.format("NEW")} THEN NEW.published_at END
                WHERE post_id = NEW.id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER posts_counted AFTER INSERT OR DELETE OR UPDATE OF status, published_at, kind ON posts "
        "FOR EACH ROW EXECUTE FUNCTION posts_counted()"
    )
    op.execute(
        f"""
        CREATE FUNCTION post_tags_live() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT CASE WHEN {COUNTED.format("posts")} THEN posts.published_at END INTO NEW.live_at
            FROM posts WHERE posts.id = NEW.post_id;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER post_tags_live BEFORE INSERT ON post_tags FOR EACH ROW EXECUTE FUNCTION post_tags_live()"
    )


def downgrade() -> None:
    if is_sqlite():
        for trigger in ("posts_counted_new", "posts_counted_gone", "posts_counted_anew", "post_tags_live"):
            op.execute(f"DROP TRIGGER {trigger}")
    else:
        op.execute("DROP TRIGGER posts_counted ON posts")
        op.execute("DROP TRIGGER post_tags_live ON post_tags")
        op.execute("DROP FUNCTION posts_counted")
        op.execute("DROP FUNCTION post_tags_live")
    op.drop_table("post_days")
    op.create_index("ix_post_tags_tag_id", "post_tags", ["tag_id"])
    op.drop_index("ix_post_tags_feed", "post_tags")
    op.execute("ALTER TABLE post_tags DROP COLUMN live_at")
    op.drop_index("ix_posts_pages", "posts")
    op.drop_index("ix_posts_owner_feed", "posts")
    op.drop_index("ix_posts_feed", "posts")
    where = {"sqlite_where": sa.text("status = 'published'"), "postgresql_where": sa.text("status = 'published'")}
    op.create_index("ix_posts_feed", "posts", ["published_at", "id"], **where)
