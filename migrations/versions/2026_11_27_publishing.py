"""Posts that end by themselves, and a trash that empties itself.

The end stands in the indexes of what is live, and triggers carry it to `post_tags.live_until`, so that lists and counts
go on reading indexes alone. What is in the trash already is given its whole time from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_publishing"
down_revision = "0006_media"
branch_labels = None
depends_on = None

LIVE = "status = 'published' AND kind = 'post'"
COUNTED = "{0}.status = 'published' AND {0}.kind = 'post' AND {0}.published_at IS NOT NULL"


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    moment = "DATETIME" if is_sqlite() else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE posts ADD COLUMN expires_at {moment}")
    op.execute(f"ALTER TABLE posts ADD COLUMN trashed_at {moment}")
    op.execute(f"ALTER TABLE post_tags ADD COLUMN live_until {moment}")
    now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if is_sqlite() else "now()"
    op.execute(f"UPDATE posts SET trashed_at = {now} WHERE status = 'trashed'")
    indexes(["published_at", "id", "expires_at"], ["tag_id", "live_at", "post_id", "live_until"])
    op.create_index(
        "ix_posts_ends",
        "posts",
        ["expires_at", "kind", "published_at"],
        **where("status = 'published' AND expires_at IS NOT NULL"),
    )
    op.create_index("ix_posts_pending", "posts", ["updated_at", "id"], **where("status = 'pending'"))
    op.create_index("ix_posts_trashed_at", "posts", ["trashed_at"], **where("trashed_at IS NOT NULL"))
    triggers(("live_at", "published_at"), ("live_until", "expires_at"))


def downgrade() -> None:
    triggers(("live_at", "published_at"))
    op.drop_index("ix_posts_trashed_at", "posts")
    op.drop_index("ix_posts_pending", "posts")
    op.drop_index("ix_posts_ends", "posts")
    indexes(["published_at", "id"], ["tag_id", "live_at", "post_id"])
    op.execute("ALTER TABLE post_tags DROP COLUMN live_until")
    op.execute("ALTER TABLE posts DROP COLUMN trashed_at")
    op.execute("ALTER TABLE posts DROP COLUMN expires_at")


def indexes(of_posts: list[str], of_tags: list[str]) -> None:
    """Make the indexes of what is live anew with these columns."""
    op.drop_index("ix_posts_feed", "posts")
    op.drop_index("ix_posts_owner_feed", "posts")
    op.drop_index("ix_post_tags_feed", "post_tags")
    op.create_index("ix_posts_feed", "posts", of_posts, **where(LIVE))
    op.create_index("ix_posts_owner_feed", "posts", ["owner_id", *of_posts], **where(LIVE))
    op.create_index("ix_post_tags_feed", "post_tags", of_tags)


def triggers(*carried: tuple[str, str]) -> None:
    """Make the triggers anew that count posts by day and carry these columns of a post to its tags."""
    watched = ", ".join(["status", "kind", *(column for _, column in carried)])
    if is_sqlite():
        sqlite_triggers(watched, carried)
    else:
        postgresql_triggers(watched, carried)


def sqlite_triggers(watched: str, carried: tuple[tuple[str, str], ...]) -> None:
    more = (
        "INSERT INTO post_days (day, posts) SELECT substr(NEW.published_at, 1, 10), 1 "
        f"WHERE {COUNTED.format('NEW')} ON CONFLICT (day) DO UPDATE SET posts = posts + 1;"
    )
    fewer = (
        f"UPDATE post_days SET posts = posts - 1 WHERE {COUNTED.format('OLD')} "
        "AND day = substr(OLD.published_at, 1, 10);"
    )
    anew = ", ".join(f"{kept} = CASE WHEN {COUNTED.format('NEW')} THEN NEW.{column} END" for kept, column in carried)
    new = ", ".join(
        f"{kept} = (SELECT CASE WHEN {COUNTED.format('posts')} THEN {column} END FROM posts WHERE posts.id = NEW.post_id)"
        for kept, column in carried
    )
    op.execute("DROP TRIGGER posts_counted_anew")
    op.execute("DROP TRIGGER post_tags_live")
    op.execute(
        f"CREATE TRIGGER posts_counted_anew AFTER UPDATE OF {watched} ON posts "
        f"BEGIN {fewer} {more} UPDATE post_tags SET {anew} WHERE post_id = NEW.id; END"
    )
    op.execute(
        f"CREATE TRIGGER post_tags_live AFTER INSERT ON post_tags BEGIN UPDATE post_tags SET {new} "
        "WHERE post_id = NEW.post_id AND tag_id = NEW.tag_id; END"
    )


def postgresql_triggers(watched: str, carried: tuple[tuple[str, str], ...]) -> None:
    day = "CAST({0}.published_at AT TIME ZONE 'UTC' AS date)"
    anew = ", ".join(f"{kept} = CASE WHEN {COUNTED.format('NEW')} THEN NEW.{column} END" for kept, column in carried)
    found = ", ".join(f"CASE WHEN {COUNTED.format('posts')} THEN posts.{column} END" for _, column in carried)
    kept = ", ".join(f"NEW.{name}" for name, _ in carried)
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION posts_counted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND {COUNTED.format("OLD")} THEN
                UPDATE post_days SET posts = posts - 1 WHERE day = {day.format("OLD")};
            END IF;
            IF TG_OP <> 'DELETE' AND {COUNTED.format("NEW")} THEN
                INSERT INTO post_days (day, posts) VALUES ({day.format("NEW")}, 1)
                ON CONFLICT (day) DO UPDATE SET posts = post_days.posts + 1;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                UPDATE post_tags SET {anew} WHERE post_id = NEW.id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION post_tags_live() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT {found} INTO {kept} FROM posts WHERE posts.id = NEW.post_id;
            RETURN NEW;
        END $$
        """
    )
    op.execute("DROP TRIGGER posts_counted ON posts")
    op.execute(
        f"CREATE TRIGGER posts_counted AFTER INSERT OR DELETE OR UPDATE OF {watched} ON posts "
        "FOR EACH ROW EXECUTE FUNCTION posts_counted()"
    )
