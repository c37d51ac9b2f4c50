"""An archive of ours into this blog: `blog import markdown FOLDER` finds its marker and comes here.

Into an empty blog everything comes as it was: exporting it again gives the same bytes. Into one that has something of
its own it comes as any import does: nothing that is there is changed, and what is there already does not come twice.
First everything is read, so that a broken archive changes nothing; then people and settings, files, tags, posts and
redirects are written, in transactions of their own. The same command goes on where it was stopped.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from blog.content.markdown import ContentRefused, Shown
from blog.content.slugs import tag_key
from blog.content.worker import in_turn, render_in_turn
from blog.database import Sessions, begin_write
from blog.media import shown
from blog.models import Event, Opening
from blog.queries import archives, imports
from blog.queries import media as media_queries
from blog.queries import site as sites
from blog.search import Document
from blog.storage import Storage
from blog.transfer.archive import lists, names, posts, told
from blog.transfer.archive.facts import Unfit
from blog.transfer.archive.files import Uses, bring_files
from blog.transfer.archive.leads import bring_redirects, bring_tags, ways
from blog.transfer.archive.people import Company, apply_site, bring_people, shown_by
from blog.transfer.archive.reading import Archive, TextFile
from blog.transfer.pipeline import insist_on_storage
from blog.transfer.report import Report
from blog.transfer.terms import ImportRefused, Progress

BATCH = 16
FILES_AT_ONCE = 500


async def import_archive(
    sessions: Sessions, storage: Storage, folder: Path, *, now: datetime, progress: Progress, dry_run: bool
) -> Report:
    """Bring an archive in and tell what was done; in a dry run, what would be done. Raise ImportRefused, before
    anything was written.
    """
    if not dry_run:
        await insist_on_storage(storage)
    return await _Bringing(sessions, storage, Archive(folder), now, progress, dry_run).run()


class _Bringing:
    def __init__(
        self, sessions: Sessions, storage: Storage, archive: Archive, now: datetime, progress: Progress, dry_run: bool
    ) -> None:
        self.sessions = sessions
        self.storage = storage
        self.archive = archive
        self.now = now
        self.progress = progress
        self.dry_run = dry_run
        self.report = Report(is_rehearsal=dry_run)
        self.company = Company()
        self.moved: dict[str, str] = {}
        self.done = self.total = 0

    async def run(self) -> Report:
        counts = await asyncio.to_thread(self.archive.insist_on_whole)
        self.site = await asyncio.to_thread(self.archive.site)
        self.people = await asyncio.to_thread(self.archive.listed, names.PEOPLE, lists.person)
        files = await asyncio.to_thread(self.archive.listed, names.MEDIA, lists.media)
        subjects = await asyncio.to_thread(self.archive.listed, names.TAGS, lists.tag)
        leads = await asyncio.to_thread(self.archive.listed, names.REDIRECTS, lists.redirect)
        texts = await asyncio.to_thread(self._texts)
        self._compare(counts, files=len(files), texts=len(texts) + self.report.skipped)
        self.total, self.done = len(files) + len(texts), 0
        self.progress(self.done, self.total)
        if self.dry_run:
            return await self._rehearsed(files, subjects, leads, texts)
        is_empty = await self._people_and_settings()
        uses = Uses(portraits=set(shown_by(self.people).values()), icon=self.site.icon, moved=self.moved)
        await bring_files(
            self.sessions,
            self.storage,
            self.archive,
            files,
            self.company,
            uses,
            now=self.now,
            report=self.report,
            step=lambda: self._step(1),
        )
        await self._pictures(is_empty)
        tag_ids = await bring_tags(self.sessions, subjects, self.report)
        for begin in range(0, len(texts), BATCH):
            batch = texts[begin : begin + BATCH]
            await self._posts(batch)
            self._step(len(batch))
        rows = ways(leads, self.people, self.company, subjects, tag_ids)
        await bring_redirects(self.sessions, rows, self.now, self.report)
        changed = self.report.imported + self.report.pictures_kept + self.report.authors_made
        if changed + self.report.tags_made + self.report.redirects_made:
            await self._record()
        return self.report

    async def _rehearsed(
        self,
        files: Sequence[lists.ToldMedia],
        subjects: Sequence[lists.ToldTag],
        leads: Sequence[lists.ToldRedirect],
        texts: Sequence[TextFile],
    ) -> Report:
        """Count what is not here yet; the transaction in which people are looked for is rolled back."""
        for begin in range(0, len(texts), BATCH):
            batch = texts[begin : begin + BATCH]
            read = await asyncio.to_thread(self._read, batch)
            async with self.sessions() as db:
                known = await posts.known(db, [(post, text) for _, post, _, text in read])
                paths = {path for _, post, _, _ in read for path in post.aliases}
                self.report.redirects_made += len(paths - (await imports.leads_to(db, paths)).keys())
            self.report.unchanged += sum(here is not None for here in known)
            self.report.imported += sum(here is None for here in known)
            self._step(len(batch))
        async with self.sessions() as db:
            is_empty = await archives.is_empty(db)
            await bring_people(db, self.people, is_empty=is_empty, now=self.now, report=self.report)
            here = await archives.tag_ids(db)
            await db.rollback()
            for begin in range(0, len(files), FILES_AT_ONCE):
                some = {one.name for one in files[begin : begin + FILES_AT_ONCE]}
                self.report.pictures_kept += len(some - (await archives.files_by_name(db, some)).keys())
        self.report.tags_made = sum(tag_key(one.name) not in here for one in subjects)
        self.report.redirects_made += len(leads)
        self._step(len(files))
        return self.report

    def _step(self, done: int) -> None:
        self.done += done
        self.progress(self.done, self.total)

    def _compare(self, counts: dict[str, int], *, files: int, texts: int) -> None:
        """Tell when the archive is not what its maker counted: somebody copied a part of it, or edited it."""
        for found, expected, what in (
            (files, counts["media"], "files in media.yaml"),
            (texts, counts["posts"] + counts["pages"], "posts and pages"),
            (len(self.people), counts["people"], "people"),
        ):
            if found != expected:
                self.report.doubt(names.MARKER, None, f"There were {expected:,} {what}; now there are {found:,}.")

    def _texts(self) -> list[TextFile]:
        """Look through all posts, the oldest first: so they get their numbers in the order that they had."""
        found: list[TextFile] = []
        slugs: dict[str, str] = {}
        for file in self.archive.texts(lambda file, reason: self.report.skip(file, None, reason)):
            try:
                post, _ = self.archive.post(file, self.now)
            except Unfit as unfit:
                self.report.skip(file, None, str(unfit))
                continue
            if other := slugs.get(post.words.slug):
                self.report.skip(file, None, f"It has the address of {other}.")
                continue
            slugs[post.words.slug] = file
            found.append(TextFile(file, post.words.slug, post.created_at, post.source))
        return sorted(found, key=lambda one: (one.created_at, one.source or "", one.slug))

    async def _people_and_settings(self) -> bool:
        """Bring people in, and the settings into an empty blog; tell whether it is one."""
        footer = ""
        if self.site.footer:
            try:
                footer = str((await render_in_turn(self.site.footer, language=self.site.language)).html)
            except ContentRefused as refused:
                raise ImportRefused(f"{names.SITE}: “footer”: {refused}") from refused
        async with self.sessions() as db:
            await begin_write(db)
            is_empty = await archives.is_empty(db)
            self.company = await bring_people(db, self.people, is_empty=is_empty, now=self.now, report=self.report)
            row = await sites.current(db)
            if is_empty:
                apply_site(row, self.site, footer)
                await sites.touch(db)
                if row.registration != Opening.CLOSED:
                    self.report.doubt(names.SITE, None, "People can ask for accounts here, as in the archive.")
            elif row.title != self.site.title:
                self.report.doubt(
                    names.SITE, None, "The settings stayed as they are, because something was here already."
                )
            self.language = row.language
            await db.commit()
        return is_empty

    async def _pictures(self, is_empty: bool) -> None:
        """Give people and the site their pictures, where they have none yet."""
        async with self.sessions() as db:
            await begin_write(db)
            portraits = shown_by(self.people)
            urls = {self.moved.get(url, url) for url in (*portraits.values(), self.site.logo, self.site.icon) if url}
            found = await media_queries.at_urls(db, urls)
            for username, url in portraits.items():
                user_id = self.company.ids[username]
                if user_id in self.company.made and (media := found.get(self.moved.get(url, url))):
                    user = (await archives.users_by_id(db, [user_id]))[user_id]
                    user.picture_id = media.id
            row = await sites.current(db)
            # A stopped import goes on: by then something is here, but the settings are the archive's.
            if is_empty or row.title == self.site.title:
                for place, url in (("logo", self.site.logo), ("icon", self.site.icon)):
                    media = found.get(self.moved.get(url, url))
                    if media and getattr(row, place) is None:
                        setattr(row, place, media)
                        await sites.touch(db)
            await db.commit()

    async def _posts(self, batch: Sequence[TextFile]) -> None:
        ready = await self._ready(batch)
        if not ready:
            return
        try:
            await self._store(ready)
        except (IntegrityError, StaleDataError):
            # Somebody else wrote the same in the same moment.
            for one in ready:
                try:
                    await self._store([one])
                except (IntegrityError, StaleDataError):
                    self.report.skip(one.file, None, "Somebody changed the same meanwhile; import it again.")

    async def _store(self, ready: Sequence[posts.Ready]) -> None:
        told_now = Report()
        async with self.sessions() as db:
            await posts.store(db, ready, self.company, self.now, told_now)
            await db.commit()
        self.report.add(told_now)

    async def _ready(self, batch: Sequence[TextFile]) -> list[posts.Ready]:
        """Read and render those of some posts that are not here yet."""
        read = await asyncio.to_thread(self._read, batch)
        async with self.sessions() as db:
            known = await posts.known(db, [(post, text) for _, post, _, text in read])
            fresh = [one for one, here in zip(read, known, strict=True) if here is None]
            files = await posts.look_for(db, [self._body(post.words) for _, post, _, _ in fresh])
        look = {url: shown(media) for url, media in files.items()}
        for (file, *_), here in zip(read, known, strict=True):
            if here is not None:
                self.report.unchanged += 1
                if not here[1]:
                    self.report.doubt(
                        file, None, "The post is here already, not quite the same, and was left as it is."
                    )
        made = await asyncio.gather(*(self._rendered(*one, look=look) for one in fresh))
        return [one for one in made if one is not None]

    def _read(self, batch: Sequence[TextFile]) -> list[tuple[str, told.ToldPost, told.ToldChange | None, bytes]]:
        found: list[tuple[str, told.ToldPost, told.ToldChange | None, bytes]] = []
        for one in batch:
            try:
                post, was_odd = self.archive.post(one.file, self.now)
                if was_odd:
                    self.report.doubt(one.file, None, "Control characters were taken out of the text.")
                found.append((one.file, post, self._change(one), self.archive.text(one.file)))
            except Unfit as unfit:
                self.report.skip(one.file, None, str(unfit))
        return found

    def _change(self, one: TextFile) -> told.ToldChange | None:
        try:
            return self.archive.change(one.slug, self.now)
        except Unfit as unfit:
            self.report.doubt(one.file, None, f"Its unpublished changes were left out: {unfit}")
            return None

    async def _rendered(
        self,
        file: str,
        post: told.ToldPost,
        change: told.ToldChange | None,
        text: bytes,
        *,
        look: Mapping[str, Shown],
    ) -> posts.Ready | None:
        language = post.words.language or self.language
        post = posts.with_moved(post, self.moved)
        try:
            rendered = await render_in_turn(post.words.body, look.get, language=language)
            about = " ".join([post.words.excerpt, *post.words.tags])
            document = await in_turn(Document.of, post.words.title, about, rendered.text, language)
        except ContentRefused as error:
            self.report.skip(file, None, str(error))
            return None
        return posts.Ready(file, text, post, change, rendered, document)

    def _body(self, words: told.Words) -> str:
        return posts.moved_in(words.body, self.moved)

    async def _record(self) -> None:
        async with self.sessions() as db:
            await begin_write(db)
            name, row = self.archive.root.name.encode(errors="replace").decode(), await sites.current(db)
            db.add(Event.about("site.imported", row, self.now, None, name=name, posts=self.report.imported))
            await db.commit()
