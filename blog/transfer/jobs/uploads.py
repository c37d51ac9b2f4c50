"""What was uploaded: which program made it, and the importer for that."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from blog.database import Sessions
from blog.storage import Storage
from blog.transfer.ghost import import_ghost
from blog.transfer.markdown import import_folder
from blog.transfer.pipeline import ImportRefused
from blog.transfer.report import Report
from blog.transfer.wordpress import import_wordpress
from blog.transfer.zips import is_zip, unpacked

UNKNOWN = (
    "This is no export that can be read. Send a zip of Markdown files, an archive of a blog like this, "
    "a WordPress export (XML) or a Ghost export (JSON), the last two alone or in a zip with their pictures."
)
LOOKED_AT = 65536
LONGEST_STEM = 150
_WORDPRESS = re.compile(rb"<rss\b[^>]*wordpress\.org/export/", re.DOTALL)
_GHOST = re.compile(rb'^\s*\{\s*("db"\s*:\s*\[|"data"\s*:\s*\{|"meta"\s*:\s*\{)')

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload on the disk: the program that made it, the file or folder to read, and where its pictures lie."""

    source: str
    path: Path
    media: Path | None = None


def safe_name(name: str) -> str:
    """Give the name under which an upload may lie on a disk: posts are found again by that of a folder in a zip."""
    stem = re.sub(r"[^\w. -]", "-", Path(name).stem).strip(". ").encode()[:LONGEST_STEM].decode(errors="ignore")
    return f"{stem or 'upload'}{Path(name).suffix.lower() if len(Path(name).suffix) < 6 else ''}"


@contextmanager
def opened(file: Path, scratch: Path) -> Iterator[Upload]:
    """Find out what a file is by its content; a zip is unpacked for as long as this lasts. Raise ImportRefused."""
    if not is_zip(file):
        if not (source := _program_of(file)):
            raise ImportRefused(UNKNOWN)
        yield Upload(source, file)
        return
    with unpacked(file, within=scratch) as folder:
        yield _within(folder)


async def import_upload(
    upload: Upload, sessions: Sessions, storage: Storage, *, dry_run: bool, now: datetime, progress: Progress
) -> Report:
    """Import what was uploaded; raise ImportRefused."""
    match upload.source:
        case "wordpress":
            return await import_wordpress(
                sessions, storage, upload.path, media=upload.media, fetch_media=False, dry_run=dry_run, now=now,
                progress=progress,
            )  # fmt: skip
        case "ghost":
            return await import_ghost(
                sessions, storage, upload.path, media=upload.media, dry_run=dry_run, now=now, progress=progress
            )
        case _:
            return await import_folder(
                sessions, storage, upload.path, assets=None, now=now, progress=progress, dry_run=dry_run,
                is_trusted=False,
            )  # fmt: skip


def _within(folder: Path) -> Upload:
    """Find the export in an unpacked zip; its folder of pictures lies beside it."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".xml", ".json"} and path.is_file() and (source := _program_of(path)):
            return Upload(source, path, folder)
    return Upload("markdown", folder)


def _program_of(file: Path) -> str:
    """Tell by its first bytes which program's export a file is; empty when it is none."""
    with file.open("rb") as begin:
        head = begin.read(LOOKED_AT)
    if _WORDPRESS.search(head):
        return "wordpress"
    return "ghost" if _GHOST.match(head.removeprefix(b"\xef\xbb\xbf")) else ""
