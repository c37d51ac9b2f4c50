"""Import a folder of Markdown files, whichever program they were written for."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from blog.content.files import Content
from blog.database import Sessions
from blog.storage import Storage
from blog.transfer.archive.bringing import import_archive
from blog.transfer.archive.reading import Archive
from blog.transfer.convert import Converted, Place, convert
from blog.transfer.folder import Folder, Unreadable
from blog.transfer.obsidian import Vault
from blog.transfer.origin import Described
from blog.transfer.pipeline import run_import
from blog.transfer.places import Places
from blog.transfer.reading import read_source
from blog.transfer.report import Report
from blog.transfer.source import NotAPost, Person, SourcePost
from blog.transfer.terms import ImportRefused, Progress
from blog.transfer.threads import Check, to_its_end
from blog.transfer.zips import is_zip, unpacked


async def import_folder(
    sessions: Sessions,
    storage: Storage,
    folder: Path,
    *,
    assets: Path | None,
    now: datetime,
    progress: Progress,
    dry_run: bool = False,
    is_trusted: bool = True,
) -> Report:
    """Import the Markdown files of a folder or zip, or an archive of ours, and tell what was done. `assets` is where
    absolute picture paths begin; drawings that are not `is_trusted`, an operator's own, are cleaned.

    `progress` is called with how many files are done and how many there are. Raise ImportRefused.
    """
    if is_zip(folder):
        with ExitStack() as stack:
            inside = await to_its_end(lambda check: stack.enter_context(unpacked(folder, check=check)))
            return await import_folder(
                sessions,
                storage,
                inside,
                assets=assets,
                now=now,
                progress=progress,
                dry_run=dry_run,
                is_trusted=is_trusted,
            )
    _check_folders(folder, assets)
    if Archive.is_at(folder):
        return await import_archive(sessions, storage, folder, now=now, progress=progress, dry_run=dry_run)
    source = MarkdownFolder(Folder(folder, assets), is_trusted=is_trusted)
    return await run_import(sessions, storage, source, now=now, progress=progress, dry_run=dry_run)


def _check_folders(*to_read: Path | None) -> None:
    for place in filter(None, to_read):
        try:
            os.scandir(place).close()
        except (OSError, ValueError) as error:
            problem = f"The folder {place} cannot be read"
            raise ImportRefused(f"{problem}: {getattr(error, 'strerror', error)}.") from error


class MarkdownFolder:
    """The Markdown files of a folder as posts. A post is found again by its file.

    Folders go by their name alone, so that a copy elsewhere is the same folder; a file of the same name that shares
    neither title, address nor date is another post.
    """

    kind = "markdown"
    has_lasting_ids = False
    people: Mapping[str, Person] = {}

    def __init__(self, folder: Folder, *, is_trusted: bool = True) -> None:
        self.folder = folder
        self.is_trusted = is_trusted
        self.name = folder.name.encode(errors="replace").decode()  # a folder's need not be text
        self.vault: Vault | None = None
        self.nothing = f"There are no Markdown files in {folder.root}."

    def heads(self, skip: Callable[[str, int | None, str], None], check: Check) -> Iterator[SourcePost]:
        for file in self.folder.markdown_files(lambda file, reason: skip(file, None, reason)):
            check()
            try:
                yield self._read(file)
            except NotAPost as error:
                skip(file, error.line, str(error))

    def whole(self, head: SourcePost) -> SourcePost:
        return self._read(head.file)

    def convert(self, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> Converted:
        if self.folder.habits.is_vault and self.vault is None:
            self.vault = Vault(places.files, self.folder.others())
        return convert(post, self.folder, places, refused, self.vault)

    def open_file(self, place: Place) -> Content:
        return self.folder.read_picture(Path(place))

    def describe(self, place: Place) -> Described:
        return Described(Path(place).name)

    def more_files(self) -> Iterator[tuple[str, Place]]:
        return iter(())

    def finish(self, report: Report, places: Places) -> None:
        """Have nothing to add."""

    def _read(self, file: str) -> SourcePost:
        try:
            text = self.folder.read_text(file)
            post = read_source(file, text, self.folder.habits, self.folder.siblings(file))
        except Unreadable as error:
            raise NotAPost(str(error)) from error
        return replace(post, source_id=f"{self.folder.name}/{file}")
