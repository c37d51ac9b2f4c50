"""The files that posts of an import show: looked at, kept once each, and found again where they were."""

import asyncio
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from blog.content.files import File, MediaRefused
from blog.content.markdown import Shown
from blog.database import Sessions, begin_write
from blog.media import examine, keep, look_at, shown
from blog.media import store as put_away
from blog.queries import redirects
from blog.storage import Storage
from blog.transfer.convert import Converted, Place
from blog.transfer.folder import Unreadable
from blog.transfer.origin import Source
from blog.transfer.report import Report

IN_HAND = 4
"""Files that are in memory at once: enough for all cores, and few when a picture takes 200 MB while it is decoded."""
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is here now: its address, and what pages need to know of it."""

    url: str
    shown: Shown


class Files:
    """The files of one import by digest: those kept, those new here, and those refused, by place and with the reason."""

    def __init__(
        self,
        sessions: Sessions,
        storage: Storage,
        source: Source,
        now: datetime,
        writing: asyncio.Lock,
        *,
        is_rehearsal: bool,
    ) -> None:
        self.sessions = sessions
        self.storage = storage
        self.source = source
        self.now = now
        self.writing = writing
        self.is_rehearsal = is_rehearsal
        self.kept: dict[str, Kept] = {}
        self.new: set[str] = set()
        self.refused: dict[Place, str] = {}
        self.in_hand = asyncio.Semaphore(IN_HAND)

    async def keep(self, converted: Converted) -> bool:
        """Keep the files of a post; tell whether one was refused, so that the text must do without it."""
        files = files_of(converted)
        await self._keep_all(files, converted.pictures)
        return any(place in self.refused for place in files.values())

    async def keep_others(self, report: Report) -> None:
        """Keep the files that no post shows, and let their old addresses lead to them; those that do already stay."""
        files = await asyncio.to_thread(lambda: list(self.source.more_files()))
        for start in range(0, len(files), AT_ONCE):
            batch = {digest: place for digest, place in files[start : start + AT_ONCE] if digest not in self.kept}
            paths = {digest: self.source.describe(place).paths for digest, place in batch.items()}
            async with self.sessions() as db:
                leading = await redirects.leading(db, [path for some in paths.values() for path in some])
            wanted = {
                digest: place
                for digest, place in batch.items()
                if not paths[digest] or not leading.issuperset(paths[digest])
            }
            before = set(self.refused)
            await self._keep_all(wanted, ())
            for place in set(self.refused) - before:
                report.doubt(self.source.describe(place).name, None, f"It cannot be kept: {self.refused[place]}")
            ways = {path: kept.url for digest in wanted if (kept := self.kept.get(digest)) for path in paths[digest]}
            if ways:
                async with self.writing, self.sessions() as db:
                    await begin_write(db)
                    report.files_led += await redirects.put_new(db, ways, self.now)
                    await db.commit()

    async def _keep_all(self, files: Mapping[str, Place], pictures: Container[str]) -> None:
        if self.is_rehearsal:
            await asyncio.to_thread(self._look_at, files, pictures)
        else:
            await asyncio.gather(*(self._keep(digest, place, digest in pictures) for digest, place in files.items()))

    def _look_at(self, files: Mapping[str, Place], pictures: Container[str]) -> None:
        """See whether files could be kept, and keep none; what would have to be fetched is not looked at."""
        for digest, place in files.items():
            if digest in self.new or place in self.refused:
                continue
            try:
                if isinstance(place, Path):
                    file = look_at(self.source.open_file(place), self.source.is_trusted)
                    _insist_on_picture(file, digest in pictures)
                self.new.add(digest)
            except (MediaRefused, Unreadable) as error:
                self.refused[place] = str(error)

    async def _keep(self, digest: str, place: Place, is_picture: bool) -> None:
        async with self.in_hand:
            if digest in self.kept or place in self.refused:
                return
            try:
                content = await asyncio.to_thread(self.source.open_file, place)
                file = await examine(content, trusted=self.source.is_trusted)
                _insist_on_picture(file, is_picture)
            except (MediaRefused, Unreadable) as error:
                self.refused[place] = str(error)
                return
            async with self.sessions() as db:
                stored = await put_away(db, self.storage, file, by=None)
            described = self.source.describe(place)
            async with self.writing, self.sessions() as db:
                media = await keep(db, self.storage, stored, described.name, now=self.now, by=None)
                media.alt = media.alt or described.alt
                await db.commit()
            self.kept[digest] = Kept(media.url, shown(media))
            if media.created_at == self.now:
                self.new.add(media.url)


def files_of(converted: Converted) -> dict[str, Place]:
    """Give all files of a text by digest."""
    return {**converted.pictures, **converted.files}


def _insist_on_picture(file: File, is_picture: bool) -> None:
    if is_picture and not file.content_type.startswith("image/"):
        raise MediaRefused("The file is not a picture.")
