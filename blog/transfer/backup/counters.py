"""The numbers that tables give to new rows. They go on after the largest ever given: events tell of rows by number, and
no new row may take the place of one that was deleted.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from blog.transfer.backup.tables import KeptTable

_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, :column)")
_SET = text("SELECT setval(CAST(:sequence AS regclass), :number)")
_KNOWN = text("SELECT name, seq FROM sqlite_sequence")
_COUNTED = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
_FORGET = text("DELETE FROM sqlite_sequence WHERE name = :name")
_NOTE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)")


async def read_counters(connection: AsyncConnection, kept: Sequence[KeptTable]) -> dict[str, int]:
    """Tell the largest number that each table gave so far, where the database knows it."""
    if connection.dialect.name == "sqlite":
        known = {name: number for name, number in await connection.execute(_KNOWN)}  # noqa: C416 - rows are not pairs
        return {one.name: known[one.name] for one in kept if one.name in known}
    found = {}
    for name, sequence in (await _sequences(connection, kept)).items():
        if number := await _last(connection, sequence):
            found[name] = number
    return found


async def move_counters(connection: AsyncConnection, kept: Sequence[KeptTable], known: Mapping[str, int]) -> None:
    """Let each table go on after the largest number in it, and after the one that is known; none goes back.

    On PostgreSQL a counter is no part of the transaction: one that went back would stay so if the rest was undone.
    """
    if connection.dialect.name == "sqlite":
        counted = set(await connection.scalars(_COUNTED))
        had = await read_counters(connection, kept)
        for one in kept:
            if one.name in counted:
                number = max(await _largest(connection, one), known.get(one.name, 0), had.get(one.name, 0))
                await connection.execute(_FORGET, {"name": one.name})
                await connection.execute(_NOTE, {"name": one.name, "number": number})
        return
    sequences = await _sequences(connection, kept)
    for one in kept:
        if sequence := sequences.get(one.name):
            had_number = await _last(connection, sequence)
            number = max(await _largest(connection, one), known.get(one.name, 0))
            if number > had_number:
                await connection.execute(_SET, {"sequence": sequence, "number": number})


async def _sequences(connection: AsyncConnection, kept: Sequence[KeptTable]) -> dict[str, str]:
    found = {}
    for one in kept:
        if len(one.key) == 1:
            asked = {"table": one.name, "column": one.key[0].name}
            if sequence := await connection.scalar(_SEQUENCE, asked):
                found[one.name] = sequence
    return found


async def _last(connection: AsyncConnection, sequence: str) -> int:
    # The name comes from PostgreSQL itself, quoted where it must be.
    query = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - see above
    return await connection.scalar(query) or 0


async def _largest(connection: AsyncConnection, kept: KeptTable) -> int:
    return await connection.scalar(select(func.max(kept.key[0]))) or 0
