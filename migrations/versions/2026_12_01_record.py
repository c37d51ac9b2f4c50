"""The activity log as a chain that cannot be changed unnoticed, where its events came from, and views counted by day.

Existing events are numbered anew without gaps and chained as they are; triggers refuse to change or delete any.
A later step that makes the table anew on SQLite must make these triggers again.
Going back below this drops the hashes, the addresses and the views.
"""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_record"
down_revision = "0011_mail"
branch_labels = None
depends_on = None

AT_ONCE = 1000
BEFORE_ALL = "0" * 64
INDEXES = {
    "ix_events_at": ["at", "id"],
    "ix_events_actor_id": ["actor_id", "at", "id"],
    "ix_events_action": ["action", "at", "id"],
    "ix_events_subject": ["subject", "at", "id"],
    "ix_events_subject_id": ["subject_id", "subject", "at", "id"],
}


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def Whole() -> sa.types.TypeEngine[int]:  # noqa: N802 - stands where a type stands
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Moment() -> DateTimeUTC:  # noqa: N802 - stands where a type stands
    return DateTimeUTC(timezone=True)


def Data() -> sa.JSON:  # noqa: N802 - stands where a type stands
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def Number(name: str, **more: Any) -> sa.Column[int]:  # noqa: N802 - stands where a column stands
    return sa.Column(name, Whole(), autoincrement=False, **more)


def upgrade() -> None:
    for name in ("ix_events_at", "ix_events_actor_id"):
        op.drop_index(name, "events")
    op.rename_table("events", "old_events")
    if not is_sqlite():
        op.execute("ALTER TABLE old_events RENAME CONSTRAINT pk_events TO pk_old_events")
        op.execute("ALTER SEQUENCE IF EXISTS events_id_seq RENAME TO old_events_id_seq")
    events = op.create_table(
        "events",
        Number("id", nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_id", Whole(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", Whole(), nullable=True),
        sa.Column("detail", Data(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    count, last = chain(events)
    for name, columns in INDEXES.items():
        op.create_index(name, "events", columns)
    op.drop_table("old_events")
    op.create_table(
        "event_origins",
        Number("event_id", nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_event_origins_event_id_events"),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_origins"),
    )
    op.create_index("ix_event_origins_at", "event_origins", ["at"])
    head = op.create_table(
        "event_head",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_event_head_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_event_head"),
    )
    op.bulk_insert(head, [{"id": 1, "number": count, "hash": last}])
    refuse_changes()
    op.create_table(
        "post_views",
        sa.Column("day", sa.Date(), nullable=False),
        Number("post_id", nullable=False),
        sa.Column("views", Whole(), nullable=False),
        sa.PrimaryKeyConstraint("day", "post_id", name="pk_post_views"),
    )
    op.create_index("ix_post_views_post_id", "post_views", ["post_id", "day"])


def chain(events: sa.Table) -> tuple[int, str]:
    """Copy the old events in pieces, each with its hash; give how many they are and the last hash."""
    connection = op.get_bind()
    names = ("id", "at", "actor_id", "action", "subject", "subject_id", "detail")
    old = sa.table("old_events", *(sa.column(name, events.c[name].type) for name in names))
    people = sa.table("users", sa.column("id", Whole()), sa.column("name", sa.String()))
    query = sa.select(old, people.c.name).outerjoin_from(old, people, people.c.id == old.c.actor_id)
    query = query.order_by(old.c.id).limit(AT_ONCE)
    count, last = 0, BEFORE_ALL
    rows = connection.execute(query).all()
    while rows:
        made = []
        for count, row in enumerate(rows, count + 1):  # noqa: B020 - it counts on
            one = row._asdict() | {"id": count, "actor_name": row.name or "", "commitment": ""}
            del one["name"]
            last = one["hash"] = hash_of(last, one)
            made.append(one)
        connection.execute(sa.insert(events), made)
        rows = connection.execute(query.where(old.c.id > rows[-1].id)).all()
    return count, last


def hash_of(before: str, event: dict[str, Any]) -> str:
    """As the program did when this step was written."""
    at = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    actor, subject = [event["actor_id"], event["actor_name"]], [event["subject"], event["subject_id"]]
    content = [event["id"], at, actor, event["action"], subject, event["detail"], event["commitment"]]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before.encode() + b"\n" + text.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_changes() -> None:
    if is_sqlite():
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_refuse_{deed.lower()} BEFORE {deed} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are neither changed nor deleted'); END"
            )
        return
    op.execute(
        """
        CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'events are neither changed nor deleted';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER events_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()"
    )


def downgrade() -> None:
    op.drop_table("post_views")
    op.drop_table("event_head")
    op.drop_table("event_origins")
    if is_sqlite():
        for deed in ("update", "delete"):
            op.execute(f"DROP TRIGGER events_refuse_{deed}")
    else:
        op.execute("DROP TRIGGER events_refuse ON events")
        op.execute("DROP FUNCTION events_refuse")
    for name in INDEXES:
        op.drop_index(name, "events")
    op.rename_table("events", "new_events")
    if not is_sqlite():
        op.execute("ALTER TABLE new_events RENAME CONSTRAINT pk_events TO pk_new_events")
    op.create_table(
        "events",
        sa.Column("id", Whole(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_id", Whole(), nullable=True),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", Whole(), nullable=True),
        sa.Column("detail", Data(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_events_actor_id_users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    names = "id, at, action, subject, subject_id, detail"
    op.execute(
        f"INSERT INTO events ({names}, actor_id) SELECT {names}, (SELECT users.id FROM users "
        "WHERE users.id = new_events.actor_id) FROM new_events ORDER BY new_events.id"
    )
    if not is_sqlite():
        op.execute("SELECT setval(pg_get_serial_sequence('events', 'id'), greatest(1, (SELECT max(id) FROM events)))")
    op.create_index("ix_events_actor_id", "events", ["actor_id"])
    op.create_index("ix_events_at", "events", ["at"])
    op.drop_table("new_events")
