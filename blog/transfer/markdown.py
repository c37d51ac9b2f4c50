"""Import a folder of Markdown files.

First every file is read, so that it is known where each post will be; then each post is converted, its pictures are
kept, its text is rendered, and a few posts at a time are stored. A post is found again by its file, and nothing is
written for one that did not change. Whatever is wrong with one file is told in the report and stops nothing else.
"""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from blog.content.files import MediaRefused
from blog.content.markdown import ContentRefused, Shown
from blog.content.slugs import numbered
from blog.content.worker import off_loop, render_off_loop
from blog.database import Sessions, begin_write
from blog.media import examine, keep, shown
from blog.media import store as put_away
from blog.models import Event
from blog.queries import imports, site
from blog.search import Document
from blog.storage import Storage, StorageAway
from blog.transfer.anchors import dead_anchors
from blog.transfer.convert import PENDING, Converted, convert
from blog.transfer.folder import Folder, Unreadable
from blog.transfer.places import Places
from blog.transfer.report import Report
from blog.transfer.source import NotAPost, SourcePost, read_source
from blog.transfer.store import Prepared, store

VERSION = 1
"""Grows when the same file would become another post, so that the next import brings all posts up to date."""
BATCH = 16
PICTURES_IN_HAND = 4
"""Pictures that are in memory at once: enough for all cores, and few when each takes 200 MB while it is decoded."""
LONGEST_SOURCE = 255

Progress = Callable[[int, int], None]


class ImportRefused(ValueError):
    """An import that cannot begin; the text is for the person who asked for it."""


async def import_folder(
    sessions: Sessions, storage: Storage, folder: Path, *, assets: Path | None, now: datetime, progress: Progress
) -> Report:
    """Import the Markdown files of a folder and tell what was done. `assets` is where absolute picture paths begin.

    `progress` is called with how many files are done and how many there are. Raise ImportRefused.
    """
    _check_folders(folder, assets)
    try:
        await storage.check()
    except StorageAway as away:
        raise ImportRefused(f"Pictures cannot be kept: {away}.") from away
    return await _Import(sessions, storage, Folder(folder, assets), now, progress).run()


def _check_folders(*to_read: Path | None) -> None:
    for place in filter(None, to_read):
        try:
            os.scandir(place).close()
        except (OSError, ValueError) as error:
            problem = f"The folder {place} cannot be read"
            raise ImportRefused(f"{problem}: {getattr(error, 'strerror', error)}.") from error


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which post a file is and where it will be."""

    post: SourcePost
    source: str
    slug: str
    known: imports.Known | None
    moves: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    url: str
    shown: Shown


class _Import:
    def __init__(self, sessions: Sessions, storage: Storage, folder: Folder, now: datetime, progress: Progress) -> None:
        self.sessions = sessions
        self.storage = storage
        self.folder = folder
        self.now = now
        self.progress = progress
        self.report = Report()
        self.places = Places(now)
        self.language = ""
        self.refused: dict[Path, str] = {}
        self.kept: dict[str, _Kept] = {}
        self.new_pictures: set[str] = set()
        # One transaction of ours at a time: SQLite lets only one write anyway, and waiting here costs nothing.
        self.writing = asyncio.Lock()
        self.in_hand = asyncio.Semaphore(PICTURES_IN_HAND)

    async def run(self) -> Report:
        found = await asyncio.to_thread(self._read)
        if not found and not self.report.skipped:
            raise ImportRefused(f"There are no Markdown files in {self.folder.root}.")
        plans = await self._planned(found)
        total = done = self.report.skipped
        total += len(plans)
        self.progress(done, total)
        batches = [plans[start : start + BATCH] for start in range(0, len(plans), BATCH)]
        ahead = asyncio.create_task(self._prepare(batches[0])) if batches else None
        try:
            for number, batch in enumerate(batches):
                assert ahead is not None  # noqa: S101 - there is one as long as there is a batch
                prepared = await ahead
                following = batches[number + 1 :]
                ahead = asyncio.create_task(self._prepare(following[0])) if following else None
                await self._store(prepared)
                done += len(batch)
                self.progress(done, total)
        finally:
            if ahead is not None:
                ahead.cancel()
        self.report.pictures_kept = len(self.new_pictures)
        if changed := self.report.imported + self.report.updated:
            await self._record(changed)
        return self.report

    async def _record(self, changed: int) -> None:
        async with self.sessions() as db:
            await begin_write(db)
            name = self.folder.name.encode(errors="replace").decode()  # a folder's need not be text
            db.add(Event.about("site.imported", await site.current(db), self.now, None, name=name, posts=changed))
            await db.commit()

    def _read(self) -> list[SourcePost]:
        """Read every file, oldest post first: of two that want one address the older gets it."""
        found: list[SourcePost] = []
        for file in self.folder.markdown_files(lambda file, reason: self.report.skip(file, None, reason)):
            try:
                found.append(read_source(file, self.folder.read_text(file)))
            except NotAPost as error:
                self.report.skip(file, error.line, str(error))
            except Unreadable as error:
                self.report.skip(file, None, str(error))
        return sorted(found, key=lambda post: (post.date or self.now, post.file))

    async def _planned(self, found: Sequence[SourcePost]) -> list[_Plan]:
        """Decide which post each file is and where it will be."""
        async with self.sessions() as db:
            self.language = (await site.current(db)).language
            known = await imports.known(db, "markdown:")
            taken = await imports.taken_slugs(db)
            moved = await imports.leads_to(db, {f"/posts/{post.slug}" for post in found})
        plans: list[_Plan] = []
        for post in found:
            source, before = self._matched(post, known)
            slug = before.slug if before else ""
            if before is None or not _stays(before, post, moved):
                slug = numbered(post.slug, taken - {slug})
                if slug != post.slug:
                    self.report.doubt(post.file, None, f"The address “{post.slug}” is taken; the post is at “{slug}”.")
            taken.add(slug)
            self.places.add(post, slug)
            plans.append(_Plan(post, source, slug, before, before is not None and slug != before.slug))
        return plans

    def _matched(self, post: SourcePost, known: dict[str, imports.Known]) -> tuple[str, imports.Known | None]:
        """Find the post that this file became before. Folders go by their name alone, so that a copy elsewhere is the
        same folder; a file of the same name that shares neither title, address nor date is another post."""
        base = f"markdown:{self.folder.name}/{post.file}"
        if len(base) > LONGEST_SOURCE - 10:
            base = f"markdown:{sha256(base.encode()).hexdigest()}"
        source, number = base, 1
        while (before := known.get(source)) and not _same(before, post):
            number += 1
            source = f"{base}~{number}"
        return source, before

    async def _prepare(self, plans: Sequence[_Plan]) -> list[Prepared]:
        """Convert and render some posts; those that did not change or cannot be taken are left out."""
        texts = await asyncio.to_thread(lambda: [self._converted(plan) for plan in plans])
        prepared = await asyncio.gather(*(self._prepare_one(*pair) for pair in zip(plans, texts, strict=True)))
        return [one for one in prepared if one is not None]

    async def _prepare_one(self, plan: _Plan, text: tuple[Converted, str]) -> Prepared | None:
        converted, digest = text
        is_same = plan.known is not None and plan.known.source_hash == digest
        if not is_same and await self._keep_pictures(converted):
            converted, digest = await asyncio.to_thread(self._converted, plan)
            is_same = plan.known is not None and plan.known.source_hash == digest
        for line, reason in converted.doubts:
            self.report.doubt(plan.post.file, line, reason)
        if is_same:
            self.report.unchanged += 1
            return None
        body, seen = converted.body, {}
        for picture in converted.pictures:
            kept = self.kept[picture]
            body = body.replace(PENDING + picture, kept.url)
            seen[kept.url] = kept.shown
        try:
            rendered = await render_off_loop(body, seen.get, language=plan.post.language or self.language)
        except ContentRefused as error:
            self.report.skip(plan.post.file, plan.post.body_line, str(error))
            return None
        # What only rendering shows is told when a post is written, not each time that its file is found unchanged.
        for line, reason in dead_anchors(plan.post, rendered.html):
            self.report.doubt(plan.post.file, line, reason)
        about = " ".join([plan.post.excerpt, *plan.post.tags])
        document = await off_loop(
            Document.of, plan.post.title, about, rendered.text, plan.post.language or self.language
        )
        return Prepared(
            plan.post, plan.source, digest, plan.slug, plan.known is None, plan.moves, body, rendered, document
        )

    def _converted(self, plan: _Plan) -> tuple[Converted, str]:
        converted = convert(plan.post, self.folder, self.places, self.refused)
        return converted, _digest(plan.post, converted)

    async def _keep_pictures(self, converted: Converted) -> bool:
        """Keep the pictures of a post; tell whether one was refused, so that the text must do without it."""
        await asyncio.gather(*(self._keep_picture(digest, path) for digest, path in converted.pictures.items()))
        return any(path in self.refused for path in converted.pictures.values())

    async def _keep_picture(self, digest: str, path: Path) -> None:
        async with self.in_hand:
            if digest in self.kept:
                return
            try:
                content = await asyncio.to_thread(self.folder.read_picture, path)
                picture = await examine(content, trusted=True)
                if not picture.content_type.startswith("image/"):
                    raise MediaRefused("The file is not a picture.")
            except (MediaRefused, Unreadable) as error:
                self.refused[path] = str(error)
                return
            async with self.sessions() as db:
                stored = await put_away(db, self.storage, picture, by=None)
            async with self.writing, self.sessions() as db:
                media = await keep(db, self.storage, stored, path.name, now=self.now, by=None)
                await db.commit()
            self.kept[digest] = _Kept(media.url, shown(media))
            if media.created_at == self.now:
                self.new_pictures.add(media.url)

    async def _store(self, batch: Sequence[Prepared]) -> None:
        """Store a batch; when somebody else wrote the same in the same moment, store its posts one by one."""
        if not batch:
            return
        async with self.writing:
            try:
                await self._store_together(batch)
            except (IntegrityError, StaleDataError):
                for one in batch:
                    try:
                        await self._store_together([one])
                    except (IntegrityError, StaleDataError):
                        self.report.skip(one.post.file, None, "Somebody changed the post meanwhile; import it again.")

    async def _store_together(self, batch: Sequence[Prepared]) -> None:
        async with self.sessions() as db:
            told = await store(db, batch, self.now)
            await db.commit()
        self.report.add(told)


def _digest(post: SourcePost, converted: Converted) -> str:
    """Make the sum of all that decides how a post will be here: its file, its pictures, where its links lead."""
    facts = [VERSION, post.title, post.slug, post.date, post.updated, post.authors, post.tags, post.excerpt]
    facts += [fact for fact in (post.language, post.canonical_url, post.description) if fact]
    facts += [post.is_draft, post.aliases, post.permalinks, converted.body]
    return sha256(json.dumps(facts, default=str).encode()).hexdigest()


def _same(before: imports.Known, post: SourcePost) -> bool:
    return (
        before.title == post.title
        or before.slug == post.slug
        or before.slug.startswith(post.slug + "-")
        or (post.date is not None and before.created_at == post.date.astimezone(UTC))
    )


def _stays(before: imports.Known, post: SourcePost, moved: dict[str, int | None]) -> bool:
    """Tell whether a post keeps its address: it is the one that its file wishes for, a numbered one, or its editors
    moved it away from there."""
    return (
        before.slug == post.slug
        or before.slug.startswith(post.slug + "-")
        or moved.get(f"/posts/{post.slug}") == before.id
    )
