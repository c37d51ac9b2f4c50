"""`blog export`: everything into a folder, or into one zip as it goes out.

A folder holds a marker. It says "unfinished" from the first file that changes to the last, so what a stop leaves behind
does not look whole; the next export into the same folder mends it. Whatever else lies there, such as .git, stays.
"""

import asyncio
import filecmp
import os
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from blog.database import Sessions
from blog.storage import Storage
from blog.transfer.archive import names
from blog.transfer.archive.entries import Entry, Exported, VanishedError, entries, marker
from blog.transfer.terms import ExportRefused, Progress

FRESH = ".blog-exporting"
"""What is called so until it is whole."""
SMALL = 256 * 1024
OTHERS = frozenset({FRESH, ".git", ".gitattributes", ".gitignore", ".DS_Store", "lost+found"})
"""What may lie in a folder that counts as empty."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a zip: two exports of the same content are the same bytes."""


async def export_folder(
    sessions: Sessions, storage: Storage, folder: Path, *, now: datetime, progress: Progress
) -> Exported:
    """Write everything into a folder, in place of an earlier export that is there. Raise ExportRefused.

    `progress` is called with how many posts and files are done and how many there are.
    """
    told = Exported()
    try:
        await asyncio.to_thread(_claim, folder)
        written: set[str] = set()
        async for entry in entries(sessions, storage, told, now=now, progress=progress):
            written.add(entry.path)
            await _put(folder, entry)
        await asyncio.to_thread(_clear, folder, written)
        await asyncio.to_thread(_replace, folder / names.MARKER, marker(told))
    except VanishedError as error:
        raise ExportRefused(str(error)) from error
    except OSError as error:
        raise ExportRefused(f"{error.filename or folder} cannot be written: {error.strerror or error}.") from error
    return told


async def export_zip_file(
    sessions: Sessions, storage: Storage, file: Path, *, now: datetime, progress: Progress
) -> Exported:
    """Write everything into one zip, which gets its name when it is whole. Raise ExportRefused."""
    told = Exported()
    fresh = file.with_name(file.name + FRESH)
    try:
        with await asyncio.to_thread(fresh.open, "wb") as out:
            async for piece in export_zip(sessions, storage, now=now, progress=progress, told=told):
                await asyncio.to_thread(out.write, piece)
        os.replace(fresh, file)
    except VanishedError as error:
        raise ExportRefused(str(error)) from error
    except OSError as error:
        raise ExportRefused(f"{error.filename or file} cannot be written: {error.strerror or error}.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return told


async def export_zip(
    sessions: Sessions, storage: Storage, *, now: datetime, progress: Progress, told: Exported | None = None
) -> AsyncIterator[bytes]:
    """Give everything as the bytes of one zip, a few at a time; `told` is filled with how much that was.

    The database is held at its moment until all texts are read, so who sends this to somebody slow puts it into a file
    first: `export_zip_file`.
    """
    told, out = told or Exported(), _Outlet()
    with ZipFile(out, "w", allowZip64=True) as packed:
        async for entry in entries(sessions, storage, told, now=now, progress=progress):
            with packed.open(_info(entry.path), "w", force_zip64=True) as file:
                async for piece in entry.pieces:
                    file.write(piece)
                    if out.is_full:
                        yield out.taken()
            yield out.taken()
        with packed.open(_info(names.MARKER), "w") as file:
            file.write(marker(told))
    yield out.taken()


def _claim(folder: Path) -> None:
    """Insist that the folder is ours to fill, and mark what will be in it as unfinished."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / names.MARKER).is_file() and set(os.listdir(folder)) - OTHERS:
        raise ExportRefused(f"{folder} is not empty, and holds no earlier export. Name a new or an empty folder.")
    within = [
        Path(place) / name for top in names.FOLDERS for place, inner, _ in os.walk(folder / top) for name in inner
    ]
    for path in (*(folder / name for name in (*names.FOLDERS, *names.LISTS, names.MARKER)), *within):
        # Somebody's link could have us write and delete elsewhere.
        if path.is_symlink():
            raise ExportRefused(f"{path} is a link; an export is written into real folders only.")
    _replace(folder / names.MARKER, marker(None))


async def _put(folder: Path, entry: Entry) -> None:
    """Write a file whole or not at all; one that is there with the same bytes is left alone."""
    path, fresh = folder / entry.path, folder / FRESH
    with await asyncio.to_thread(fresh.open, "wb") as file:
        async for piece in entry.pieces:
            # What is small is written faster than a thread is begun.
            await asyncio.to_thread(file.write, piece) if len(piece) > SMALL else file.write(piece)
    if path.is_file() and filecmp.cmp(fresh, path, shallow=False):
        fresh.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(fresh, path)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.parent / FRESH
    fresh.write_bytes(content)
    os.replace(fresh, path)


def _clear(folder: Path, written: set[str]) -> None:
    """Take away what an earlier export left and this one does not have."""
    for top in names.FOLDERS:
        for place, _, files in os.walk(folder / top, topdown=False):
            here = Path(place)
            for name in files:
                if (here / name).relative_to(folder).as_posix() not in written:
                    (here / name).unlink()
            with suppress(OSError):  # not empty
                here.rmdir()


def _info(path: str) -> ZipInfo:
    info = ZipInfo(path, LONG_AGO)
    # Pictures and films are packed already.
    info.compress_type = ZIP_STORED if path.startswith(f"{names.FILES}/") else ZIP_DEFLATED
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    return info


class _Outlet(RawIOBase):
    """Takes what the zip writes and gives it on; it cannot go back, so the zip tells sizes after each file."""

    FULL = 256 * 1024

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: object) -> int:
        self._waiting += data  # type: ignore[arg-type]  # bytes, whatever holds them
        return len(data)  # type: ignore[arg-type]  # as above

    @property
    def is_full(self) -> bool:
        return len(self._waiting) > self.FULL

    def taken(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
