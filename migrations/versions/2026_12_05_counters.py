"""What keeps tags, authors and the sitemap fast on a million posts: their posts counted as they come and go.

Triggers keep `post_counts`, and in `post_authors` when a post appears under a co-author and when it leaves, as they do
for tags. A popular tag is counted by whoever publishes: on PostgreSQL, once for all rows of a statement, and in a row
that nobody else holds, so that writers neither wait for each other nor meet in a circle.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0016_counters"
down_revision = "0015_transfers"
branch_labels = None
depends_on = None

COUNTED = "{0}.status = 'published' AND {0}.kind = 'post' AND {0}.published_at IS NOT NULL"
CARRIED = (("live_at", "published_at"), ("live_until", "expires_at"))
WATCHED = "status, kind, published_at, expires_at"
SUBJECTS = (
    ("post_tags", "tag", "tag_id", "{0}.live_at IS NOT NULL"),
    ("post_authors", "author", "user_id", "{0}.live_at IS NOT NULL"),
    ("posts", "author", "owner_id", COUNTED),
)
"""Tables whose rows are counted: of what kind the subject is, which column names it, and which rows count."""


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    for kept, _ in CARRIED:
        op.add_column("post_authors", sa.Column(kept, DateTimeUTC(timezone=True), nullable=True))
    source = "(SELECT {0} FROM posts WHERE posts.id = post_authors.post_id)"
    found = ", ".join(f"{kept} = {source.format(by_co_author('posts', column))}" for kept, column in CARRIED)
    op.execute(f"UPDATE post_authors SET {found}")
    op.create_index("ix_post_authors_feed", "post_authors", ["user_id", "live_at", "post_id", "live_until"])
    op.drop_index("ix_post_authors_user_id", "post_authors")
    ends = where("live_until IS NOT NULL")
    op.create_index("ix_post_authors_ends", "post_authors", ["user_id", "live_until", "live_at"], **ends)
    op.create_index("ix_post_tags_ends", "post_tags", ["tag_id", "live_until", "live_at"], **ends)
    ends = where("status = 'published' AND kind = 'post' AND expires_at IS NOT NULL")
    op.create_index("ix_posts_owner_ends", "posts", ["owner_id", "expires_at", "published_at"], **ends)
    op.create_table(
        "post_counts",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", Whole(), nullable=False),
        sa.Column("posts", Whole(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post_counts"),
    )
    each = " UNION ALL ".join(
        f"SELECT '{subject}' AS subject, {column} AS subject_id FROM {table} WHERE {counts.format(table)}"
        for table, subject, column, counts in SUBJECTS
    )
    op.execute(
        "INSERT INTO post_counts (subject, subject_id, posts) "
        f"SELECT subject, subject_id, count(*) FROM ({each}) AS counted GROUP BY subject, subject_id"
    )
    op.create_index("ix_post_counts_subject", "post_counts", ["subject", "subject_id"])
    if is_sqlite():
        sqlite_carrying("post_tags", "post_authors")
        sqlite_counting()
    else:
        postgresql_carrying("post_tags", "post_authors")
        postgresql_counting()


def downgrade() -> None:
    if is_sqlite():
        for table, *_ in SUBJECTS:
            for event in ("new", "anew", "gone"):
                op.execute(f"DROP TRIGGER {table}_told_{event}")
        op.execute("DROP TRIGGER post_authors_live")
        op.execute("DROP TRIGGER post_authors_live_anew")
        op.execute("DROP TRIGGER posts_handed_on")
        sqlite_carrying("post_tags")
    else:
        for table, *_ in SUBJECTS:
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_told_{event} ON {table}")
                op.execute(f"DROP FUNCTION {table}_told_{event}")
        op.execute("DROP FUNCTION post_counts_add")
        op.execute("DROP TRIGGER post_authors_live ON post_authors")
        op.execute("DROP FUNCTION post_authors_live")
        op.execute("DROP TRIGGER posts_handed_on ON posts")
        op.execute("DROP FUNCTION posts_handed_on")
        postgresql_carrying("post_tags")
    op.drop_table("post_counts")
    op.drop_index("ix_posts_owner_ends", "posts")
    op.drop_index("ix_post_tags_ends", "post_tags")
    op.drop_index("ix_post_authors_ends", "post_authors")
    op.create_index("ix_post_authors_user_id", "post_authors", ["user_id"])
    op.drop_index("ix_post_authors_feed", "post_authors")
    for kept, _ in CARRIED:
        op.execute(f"ALTER TABLE post_authors DROP COLUMN {kept}")


def by_tag(post: str, column: str) -> str:
    """Say when a post appears under its tags, or leaves them."""
    return f"CASE WHEN {COUNTED.format(post)} THEN {post}.{column} END"


def by_co_author(post: str, column: str, person: str = "post_authors.user_id") -> str:
    """Say when a post appears under a co-author, or leaves them. An owner who is one too has it as the owner."""
    return f"CASE WHEN {COUNTED.format(post)} AND {post}.owner_id <> {person} THEN {post}.{column} END"


def carried_to(*tables: str) -> str:
    """Carry the times of a changed post to its rows in these tables."""
    says = {"post_tags": by_tag, "post_authors": by_co_author}
    return " ".join(
        f"UPDATE {table} SET "
        + ", ".join(f"{kept} = {says[table]('NEW', column)}" for kept, column in CARRIED)
        + " WHERE post_id = NEW.id;"
        for table in tables
    )


def sqlite_carrying(*tables: str) -> None:
    """Make the trigger anew that counts posts by day and carries their times."""
    more = (
        "INSERT INTO post_days (day, posts) SELECT substr(NEW.published_at, 1, 10), 1 "
        f"WHERE {COUNTED.format('NEW')} ON CONFLICT (day) DO UPDATE SET posts = posts + 1;"
    )
    fewer = (
        f"UPDATE post_days SET posts = posts - 1 WHERE {COUNTED.format('OLD')} "
        "AND day = substr(OLD.published_at, 1, 10);"
    )
    op.execute("DROP TRIGGER posts_counted_anew")
    op.execute(
        f"CREATE TRIGGER posts_counted_anew AFTER UPDATE OF {WATCHED} ON posts "
        f"BEGIN {fewer} {more} {carried_to(*tables)} END"
    )


def sqlite_counting() -> None:
    found = ", ".join(
        f"{kept} = (SELECT {by_co_author('posts', column)} FROM posts WHERE posts.id = NEW.post_id)"
        for kept, column in CARRIED
    )
    found = f"UPDATE post_authors SET {found} WHERE post_id = NEW.post_id AND user_id = NEW.user_id;"
    op.execute(
        "CREATE TRIGGER posts_handed_on AFTER UPDATE OF owner_id ON posts "
        f"WHEN OLD.owner_id <> NEW.owner_id BEGIN {carried_to('post_authors')} END"
    )
    op.execute(f"CREATE TRIGGER post_authors_live AFTER INSERT ON post_authors BEGIN {found} END")
    op.execute(
        "CREATE TRIGGER post_authors_live_anew AFTER UPDATE OF post_id, user_id ON post_authors "
        f"WHEN OLD.post_id <> NEW.post_id OR OLD.user_id <> NEW.user_id BEGIN {found} END"
    )
    for table, subject, column, counts in SUBJECTS:
        is_counted, was_counted = counts.format("NEW"), counts.format("OLD")
        more = sqlite_add(subject, f"NEW.{column}", f"+ ({is_counted})")
        fewer = sqlite_add(subject, f"OLD.{column}", f"- ({was_counted})")
        watched = f"status, kind, published_at, {column}" if table == "posts" else f"live_at, {column}"
        is_other = f"OLD.{column} <> NEW.{column} OR ({was_counted}) <> ({is_counted})"
        op.execute(f"CREATE TRIGGER {table}_told_new AFTER INSERT ON {table} WHEN {is_counted} BEGIN {more} END")
        op.execute(f"CREATE TRIGGER {table}_told_gone AFTER DELETE ON {table} WHEN {was_counted} BEGIN {fewer} END")
        op.execute(
            f"CREATE TRIGGER {table}_told_anew AFTER UPDATE OF {watched} ON {table} "
            f"WHEN {is_other} BEGIN {fewer} {more} END"
        )


def sqlite_add(subject: str, subject_id: str, change: str) -> str:
    """Change a number; whoever writes to SQLite is alone, so each has one row."""
    its = f"subject = '{subject}' AND subject_id = {subject_id}"
    return (
        f"INSERT INTO post_counts (subject, subject_id, posts) SELECT '{subject}', {subject_id}, 0 "
        f"WHERE NOT EXISTS (SELECT 1 FROM post_counts WHERE {its}); "
        f"UPDATE post_counts SET posts = posts {change} WHERE {its};"
    )


def postgresql_carrying(*tables: str) -> None:
    """Make the trigger anew that counts posts by day and carries their times."""
    day = "CAST({0}.published_at AT TIME ZONE 'UTC' AS date)"
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
                {carried_to(*tables)}
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute("DROP TRIGGER posts_counted ON posts")
    op.execute(
        f"CREATE TRIGGER posts_counted AFTER INSERT OR DELETE OR UPDATE OF {WATCHED} ON posts "
        "FOR EACH ROW EXECUTE FUNCTION posts_counted()"
    )


def postgresql_counting() -> None:
    op.execute(
        f"""
        CREATE FUNCTION posts_handed_on() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {carried_to("post_authors")}
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER posts_handed_on AFTER UPDATE OF owner_id ON posts FOR EACH ROW "
        "WHEN (OLD.owner_id <> NEW.owner_id) EXECUTE FUNCTION posts_handed_on()"
    )
    found = ", ".join(by_co_author("posts", column, "NEW.user_id") for _, column in CARRIED)
    op.execute(
        f"""
        CREATE FUNCTION post_authors_live() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT {found} INTO NEW.live_at, NEW.live_until FROM posts WHERE posts.id = NEW.post_id;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER post_authors_live BEFORE INSERT OR UPDATE OF post_id, user_id ON post_authors "
        "FOR EACH ROW EXECUTE FUNCTION post_authors_live()"
    )
    # Where all rows of a subject are held by others, it gets one more; readers add them up.
    op.execute(
        """
        CREATE FUNCTION post_counts_add(its_subject text, its_id bigint, more bigint) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE post_counts SET posts = posts + more WHERE id = (
                SELECT id FROM post_counts WHERE subject = its_subject AND subject_id = its_id
                LIMIT 1 FOR UPDATE SKIP LOCKED
            );
            IF NOT FOUND THEN
                INSERT INTO post_counts (subject, subject_id, posts) VALUES (its_subject, its_id, more);
            END IF;
        END $$
        """
    )
    old, new = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
    for table, subject, column, counts in SUBJECTS:
        fewer = f"SELECT {column} AS its_id, -1 AS more FROM old_rows WHERE {counts.format('old_rows')}"
        more = f"SELECT {column} AS its_id, 1 AS more FROM new_rows WHERE {counts.format('new_rows')}"
        for event, seen, rows in (
            ("insert", new, more), ("update", f"{old} {new}", f"{fewer} UNION ALL {more}"), ("delete", old, fewer),
        ):  # fmt: skip
            name = f"{table}_told_{event}"
            op.execute(
                f"""
                CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM post_counts_add('{subject}', its_id, more) FROM (
                        SELECT its_id, sum(more) AS more FROM ({rows}) AS changes GROUP BY its_id HAVING sum(more) <> 0
                    ) AS summed;
                    RETURN NULL;
                END $$
                """
            )
            op.execute(
                f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} REFERENCING {seen} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
