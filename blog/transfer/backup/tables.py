"""Which tables a backup holds, in which order they go in, and how a row is written to mean the same on both databases.

A table that nobody thought of here is in the backup: what is left out must be said, with its reason.
"""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import sort_tables_and_constraints

from blog.models import Base, MailStatus
from blog.models.base import LARGEST_ID

LEFT_OUT = {
    "arrivals": "Signing in half-way lasts minutes.",
    "attempts": "How often somebody tried to sign in is counted by the hour.",
    "challenges": "Questions for passkeys are answered within minutes.",
    "logins": "Everybody signs in anew: a sign-in that was ended since must not come back with its cookie.",
    "post_counts": "Triggers count the posts of tags and authors as they come in.",
    "post_days": "Triggers count the posts as they come in.",
    "presences": "Who has an editor open is known for a minute.",
    "search_due": "The search index is made anew, and nothing is due then.",
    "tokens": "A link that works once must not work again when it was used since, or is found in the file.",
}
"""Tables that a backup does not hold, and why. They are empty after it was restored, but for what triggers write."""
COUNTING = frozenset({"post_counts", "post_days"})
"""Of these, those in which triggers write."""
DERIVED = {name: frozenset({"live_at", "live_until"}) for name in ("post_tags", "post_authors")}
"""Columns that triggers fill."""
WAITING_MAIL = "mails"
"""Of these, letters that wait are left out: they went out since, and their links are those of the tokens."""
FIRST_ROWS, MOST_ROWS, BYTES_AT_ONCE = 50, 1000, 4_000_000


class Unfit(ValueError):
    """A row that is not one of ours; the text says why."""


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table and what is kept of it. `late` are columns that point to rows which come later, or to the table itself."""

    table: Table
    columns: Sequence[Column[Any]]
    late: frozenset[str] = frozenset()
    _readers: dict[str, tuple[Callable[[Any], Any], bool]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def key(self) -> list[Column[Any]]:
        return list(self.table.primary_key.columns)

    def write(self, row: Any) -> bytes:
        """Write a row as a line of JSON, the same from both databases."""
        told = dict(zip(self.names, row, strict=True))
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        return text.encode("utf-8", "surrogatepass") + b"\n"

    def read(self, line: bytes) -> dict[str, Any]:
        """Read a row as the database takes it; raise Unfit."""
        try:
            told = json.loads(line.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError) as error:
            raise Unfit("it is not JSON") from error
        readers = self._of_columns()
        if not isinstance(told, dict) or told.keys() != readers.keys():
            raise Unfit("it has other columns")
        row: dict[str, Any] = {}
        for name, (reader, may_be_empty) in readers.items():
            value = told[name]
            try:
                row[name] = None if value is None and may_be_empty else reader(value)
            except (TypeError, ValueError) as error:
                raise Unfit(f"its {name} cannot be {value!r:.40}") from error
        return row

    def _of_columns(self) -> dict[str, tuple[Callable[[Any], Any], bool]]:
        if not self._readers:
            self._readers.update(
                {column.name: (_reader(column.type), bool(column.nullable)) for column in self.columns}
            )
        return self._readers


def kept_tables(metadata: MetaData = Base.metadata) -> list[KeptTable]:
    """List the tables of a backup in the order in which their rows go in."""
    kept = {
        table.name: {column.name for column in table.columns} - DERIVED.get(table.name, frozenset())
        for table in metadata.tables.values()
        if table.name not in LEFT_OUT
    }
    return told_tables(metadata, kept)


def told_tables(metadata: MetaData, told: Mapping[str, Collection[str]]) -> list[KeptTable]:
    """List those tables and columns that a backup tells of: an older version may have left out what this one keeps, or
    kept what this one leaves out.
    """
    kept: list[KeptTable] = []
    known: set[str] = set()
    for table in _sorted(metadata):
        if table.name not in told:
            continue
        columns = [column for column in table.columns if column.primary_key or column.name in told[table.name]]
        late = {column.name for column in columns for key in column.foreign_keys if key.column.table.name not in known}
        kept.append(KeptTable(table, columns, frozenset(late)))
        known.add(table.name)
    return kept


def emptied_tables(metadata: MetaData = Base.metadata) -> list[Table]:
    """List all tables in an order in which they can be emptied; those in which triggers count the others come last."""
    return sorted(_sorted(metadata)[::-1], key=lambda table: table.name in COUNTING)  # noqa: C415 - ties keep their order


def _sorted(metadata: MetaData) -> list[Table]:
    """List tables after those that they point to; people and files point to each other."""
    found = sort_tables_and_constraints(metadata.tables.values())  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return [table for table, _ in found if table is not None]


async def count(connection: AsyncConnection, kept: KeptTable) -> int:
    """Count the rows of a table that a backup holds."""
    query = select(func.count()).select_from(kept.table)
    return await connection.scalar(query.where(*_wanted(kept))) or 0


async def lines(connection: AsyncConnection, kept: KeptTable) -> AsyncIterator[list[bytes]]:
    """Fetch the rows of a table by key, written as lines, a few megabytes at a time."""
    is_postgresql = connection.dialect.name == "postgresql"
    key = [_ordered(column, is_postgresql) for column in kept.key]
    places = [kept.names.index(column.name) for column in kept.key]
    query = select(*kept.columns).where(*_wanted(kept)).order_by(*key)
    rows = (await connection.execute(query.limit(FIRST_ROWS))).all()
    while rows:
        written = [kept.write(row) for row in rows]
        yield written
        size = sum(map(len, written))
        most = max(1, min(MOST_ROWS, BYTES_AT_ONCE * len(rows) // size))
        last = [rows[-1][place] for place in places]
        after = key[0] > last[0] if len(key) == 1 else tuple_(*key) > tuple_(*last)
        rows = (await connection.execute(query.where(after).limit(most))).all()


def batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Gather lines that are some megabytes together."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) >= MOST_ROWS or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _wanted(kept: KeptTable) -> list[Any]:
    return [kept.table.c.status != MailStatus.WAITING] if kept.name == WAITING_MAIL else []


def _ordered(column: Column[Any], is_postgresql: bool) -> Any:
    """Compare texts letter by letter, as SQLite does, whatever the language of a server is."""
    return column.collate("C") if is_postgresql and isinstance(column.type, String) else column


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a backup holds no {type(value).__name__}")


def _reader(kind: Any) -> Callable[[Any], Any]:
    """Give what reads a value of a column of this type; it raises TypeError or ValueError."""
    if isinstance(kind, Enum) and kind.enum_class:
        return kind.enum_class
    if isinstance(kind, DateTimeUTC):
        return _moment
    if isinstance(kind, DateTime):
        return lambda value: _moment(value).replace(tzinfo=None)
    if isinstance(kind, Date):
        return lambda value: date.fromisoformat(_text(value))
    if isinstance(kind, Boolean):
        return _bool
    if isinstance(kind, Integer):
        return _whole
    if isinstance(kind, Float | Numeric):
        return _number
    if isinstance(kind, JSON):
        return _data
    return _text


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not -LARGEST_ID - 1 <= value <= LARGEST_ID:
        raise TypeError("no whole number that fits")
    return value


def _number(value: object) -> float:
    if type(value) not in {int, float}:
        raise TypeError("no number")
    return float(value)  # type: ignore[arg-type]  # it is one of these


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _data(value: object) -> object:
    if value is None:
        raise TypeError("nothing")
    return value
