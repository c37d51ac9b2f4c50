"""Look at a backup before anything of it is written: every member, every row, and whether its rows find their files."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from blog.media import stored_names
from blog.storage import NAME
from blog.transfer.backup.archive import Archive, BackupRefused, Manifest, rows_name
from blog.transfer.backup.making import Progress, quietly
from blog.transfer.backup.tables import KeptTable, Unfit, batches

OF_EVERY_SITE = frozenset({"site", "event_head"})
"""Tables that have one row, from before anything is written."""


async def look_at_backup(path: Path, progress: Progress = quietly) -> Manifest:
    """Check a file as far as that goes without a database; give what it says of itself. Raise BackupRefused."""
    with await asyncio.to_thread(Archive, path) as archive:
        await check_members(archive, progress)
        return archive.manifest


async def check_members(archive: Archive, progress: Progress) -> None:
    """See that every member is what the manifest says."""
    names = list(archive.manifest.members)
    for number, name in enumerate(names, 1):
        await asyncio.to_thread(archive.verify, name)
        progress("Checking", number, len(names))


def check_tables(archive: Archive, kept: Sequence[KeptTable]) -> None:
    """See that the file has the tables and columns of a schema, no more and no less, and that every row is one of them."""
    told = {name: sorted(table.columns) for name, table in archive.manifest.tables.items()}
    for one in kept:
        if told.pop(one.name, None) != sorted(one.names):
            raise _refused(archive, f"its table {one.name} is not that of the schema {archive.manifest.schema}")
    if told:
        raise _refused(archive, f"the schema {archive.manifest.schema} has no table {min(told)}")
    for one in kept:
        for _ in rows_of(archive, one):
            pass


def check_site(rows: Archive, files: Archive, media: KeptTable) -> None:
    """See that the rows make a site, and that the file has what its media need. Both archives are one, unless the rows
    were brought up from an older schema.
    """
    for name in OF_EVERY_SITE:
        if rows.manifest.tables[name].rows != 1:
            raise _refused(files, f"its table {name} must have one row")
    there = {*files.media, *files.manifest.missing}
    try:
        for name in files_of(rows, media):
            if not NAME.fullmatch(name) or name not in there:
                raise _refused(files, f"a file that a row names is not in it: {name!r:.60}")
    except (TypeError, ValueError) as error:
        raise _refused(files, "a row of media does not say what its copies are") from error


def files_of(rows: Archive, media: KeptTable) -> Iterator[str]:
    """List the files of all rows of media in a backup."""
    for batch in rows_of(rows, media):
        for row in batch:
            yield from stored_names(row["stored"], [(width, kind) for width, kind in row["variants"]])


def rows_of(archive: Archive, one: KeptTable) -> Iterator[list[dict[str, Any]]]:
    """Read the rows of a table as a database takes them, some megabytes at a time; raise BackupRefused."""
    name, number = rows_name(one.name), 0
    for batch in batches(archive.lines(name)):
        rows = []
        for number, line in enumerate(batch, number + 1):  # noqa: B020 - it counts on
            try:
                rows.append(one.read(line))
            except Unfit as unfit:
                raise _refused(archive, f"line {number} of {name} is no row of this blog's: {unfit}") from unfit
        yield rows
    if number != archive.manifest.tables[one.name].rows:
        raise _refused(archive, f"{name} has {number} rows, and its manifest tells of others")


def _refused(archive: Archive, why: str) -> BackupRefused:
    return BackupRefused(f"{archive.path} cannot be used: {why}.")
