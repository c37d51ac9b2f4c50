"""Everything out and in again: the same bytes, whatever was written, on both databases."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cast import TODAY
from hypothesis import HealthCheck, Phase, given, settings
from transfer.made_up import blogs, file_name, fill
from transfer.old_site import png

from blog.database import Sessions, make_engine, make_sessions
from blog.settings import Settings
from blog.storage import Storage, open_storage
from blog.transfer.archive.export import export_folder
from blog.transfer.markdown import import_folder
from blog.transfer.report import Report

COLOURS = ("teal", "navy", "olive", "maroon")


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, tuple[str, str]]:
    """Give the files that are not the same, in both states."""
    return {
        file: (
            before.get(file, b"none")[:2000].decode(errors="replace"),
            after.get(file, b"none")[:2000].decode(errors="replace"),
        )
        for file in before.keys() | after.keys()
        if before.get(file) != after.get(file)
    }


async def written_out(sessions: Sessions, storage: Storage, folder: Path) -> dict[str, bytes]:
    await export_folder(sessions, storage, folder, now=TODAY, progress=lambda done, total: None)
    return bytes_in(folder)


async def brought_in(sessions: Sessions, storage: Storage, folder: Path) -> Report:
    return await import_folder(sessions, storage, folder, assets=None, now=TODAY, progress=lambda done, total: None)


@settings(
    # Each writes a whole blog out and in three times, on both databases.
    max_examples=max(1, settings().max_examples // 20),
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(blog=blogs())
def test_whatever_was_written_comes_back_byte_for_byte(blog: Any, database: str, copies: Any) -> None:
    async def there_and_back(folder: Path) -> None:
        before = make_engine(Settings(database_url=await asyncio.to_thread(copies, database), secret_key="s" * 40))
        after = make_engine(Settings(database_url=await asyncio.to_thread(copies, database), secret_key="s" * 40))
        here, there = (open_storage(Settings(media_url=str(folder / name))) for name in ("here", "there"))
        await here.put({file_name(one["number"]): png(COLOURS[one["number"]]) for one in blog["files"]})
        async with make_sessions(before)() as db:
            await fill(db, blog)
            await db.commit()
        try:
            first = await written_out(make_sessions(before), here, folder / "first")
            report = await brought_in(make_sessions(after), there, folder / "first")
            assert (report.imported, report.skipped) == (len(blog["posts"]), 0), report.lines
            second = await written_out(make_sessions(after), there, folder / "second")
            assert changed(first, second) == {}
            again = await brought_in(make_sessions(after), there, folder / "first")
            assert (again.imported, again.unchanged) == (0, len(blog["posts"]))
            assert changed(first, await written_out(make_sessions(after), there, folder / "second")) == {}
        finally:
            await before.dispose()
            await after.dispose()

    with TemporaryDirectory() as folder:
        asyncio.run(there_and_back(Path(folder)))
