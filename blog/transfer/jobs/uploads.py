"""What was uploaded: which program made it, and the importer for that."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from blog.database import Sessions
from blog.storage import Storage
from blog.transfer.ghost import import_ghost
from blog.transfer.markdown import import_folder
from blog.transfer.report import Report
from blog.transfer.terms import ImportRefused, Progress
from blog.transfer.threads import Check
from blog.transfer.wordpress import import_wordpress
from blog.transfer.zips import is_zip, unpacked

UNKNOWN = (
    "This is no export that can be read. Send a zip of Markdown files, an archive of a blog like this, "
    "a WordPress export (XML) or a Ghost export (JSON), the last two alone or in a zip with their pictures."
)
ONE_AT_A_TIME = "This is an export of its own; one is imported at a time. Send it again by itself."
LOOKED_AT = 65536
MEDIA_FOLDERS = {"wordpress": "uploads", "ghost": "content"}
DEEPEST_MEDIA = 4
"""How deep below the export they are looked for: `site/wp-content/uploads` is common."""
LONGEST_STEM = 150
_WORDPRESS = re.compile(rb"<rss\b[^>]*wordpress\.org/export/", re.DOTALL)
_GHOST = re.compile(rb'^\s*\{\s*("db"\s*:\s*\[|"data"\s*:\s*\{|"meta"\s*:\s*\{)')


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload on the disk: the program that made it, the file or folder to read, and where its pictures lie.

    `others` names further exports in the same zip, which are not read with it.
    """

    source: str
    path: Path
    media: Path | None = None
    others: tuple[str, ...] = ()


def safe_name(name: str) -> str:
    """Give the name under which an upload may lie on a disk: posts are found again by that of a folder in a zip."""
    stem = re.sub(r"[^\w. -]", "-", Path(name).stem).strip(". ").encode()[:LONGEST_STEM].decode(errors="ignore")
    return f"{stem or 'upload'}{Path(name).suffix.lower() if len(Path(name).suffix) < 6 else ''}"


@contextmanager
def opened(file: Path, scratch: Path, check: Check) -> Iterator[Upload]:
    """Find out what a file is by its content; a zip is unpacked for as long as this lasts. Raise ImportRefused, and
    what `check` raises.
    """
    if not is_zip(file):
        if not (source := _program_of(file)):
            raise ImportRefused(UNKNOWN)
        yield Upload(source, file)
        return
    with unpacked(file, within=scratch, check=check) as folder:
        yield _within(folder)


async def import_upload(
    upload: Upload, sessions: Sessions, storage: Storage, *, dry_run: bool, now: datetime, progress: Progress
) -> Report:
    """Import what was uploaded; raise ImportRefused."""
    match upload.source:
        case "wordpress":
            report = await import_wordpress(
                sessions, storage, upload.path, media=upload.media, fetch_media=False, dry_run=dry_run, now=now,
                progress=progress,
            )  # fmt: skip
        case "ghost":
            report = await import_ghost(
                sessions, storage, upload.path, media=upload.media, dry_run=dry_run, now=now, progress=progress
            )
        case _:
            report = await import_folder(
                sessions, storage, upload.path, assets=None, now=now, progress=progress, dry_run=dry_run,
                is_trusted=False,
            )  # fmt: skip
    for name in upload.others:
        report.skip(name, None, ONE_AT_A_TIME)
    return report


def _within(folder: Path) -> Upload:
    """Find the export in an unpacked zip, and the folder of pictures beside it."""
    found = [
        (path, source)
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in {".xml", ".json"} and path.is_file() and (source := _program_of(path))
    ]
    if not found:
        return Upload("markdown", folder)
    (path, source), *others = found
    return Upload(source, path, _media_in(folder, MEDIA_FOLDERS[source]), tuple(other.name for other, _ in others))


def _media_in(folder: Path, name: str) -> Path:
    """Find the folder in which a program keeps pictures, the highest of that name; else they lie beside the export."""
    level = [folder]
    for _ in range(DEEPEST_MEDIA):
        level = sorted(path for place in level for path in place.iterdir() if path.is_dir())
        if found := next((path for path in level if path.name.lower() == name), None):
            return found
    return folder


def _program_of(file: Path) -> str:
    """Tell by its first bytes which program's export a file is; empty when it is none."""
    with file.open("rb") as begin:
        head = begin.read(LOOKED_AT)
    if _WORDPRESS.search(head):
        return "wordpress"
    return "ghost" if _GHOST.match(head.removeprefix(b"\xef\xbb\xbf")) else ""
