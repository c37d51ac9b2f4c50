"""The way of posts from any source into the blog.

A source tells first what posts there are, without their bodies, so that it is known where each will be. Then, a few at
a time, each is read whole and converted, its pictures are kept, its text is rendered, and it is stored. A post is found
again by its id in the source, and nothing is written for one that did not change. Whatever is wrong with one post is
told in the report and stops nothing else. A rehearsal goes the same way and writes nothing.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from blog.content.markdown import ContentRefused
from blog.content.worker import in_turn, render_in_turn
from blog.database import Sessions, begin_write
from blog.models import Event, Visibility
from blog.queries import site
from blog.search import Document
from blog.storage import Storage, StorageAway
from blog.transfer import rehearsal
from blog.transfer.anchors import dead_anchors
from blog.transfer.convert import PENDING, Converted
from blog.transfer.keeping import Files, files_of
from blog.transfer.origin import Source
from blog.transfer.places import Places
from blog.transfer.planning import Plan, planned
from blog.transfer.report import Report
from blog.transfer.source import NotAPost, Person, SourcePost
from blog.transfer.store import Prepared, store
from blog.transfer.terms import ImportRefused, Progress
from blog.transfer.threads import Check, to_its_end

VERSION = 1
"""Grows when the same post would become another one, so that the next import brings all posts up to date."""
BATCH = 32


async def run_import(
    sessions: Sessions, storage: Storage, source: Source, *, now: datetime, progress: Progress, dry_run: bool
) -> Report:
    """Import all posts of a source and tell what was done; in a dry run, what would be done, and write nothing.

    `progress` is called with how many posts are done and how many there are. Raise ImportRefused.
    """
    if not dry_run:
        await insist_on_storage(storage)
    return await _Import(sessions, storage, source, now, progress, dry_run).run()


async def insist_on_storage(storage: Storage) -> None:
    """See that pictures can be kept; raise ImportRefused."""
    try:
        await storage.check()
    except StorageAway as away:
        raise ImportRefused(f"Pictures cannot be kept: {away}.") from away


class _Import:
    def __init__(
        self, sessions: Sessions, storage: Storage, source: Source, now: datetime, progress: Progress, dry_run: bool
    ) -> None:
        self.sessions = sessions
        self.storage = storage
        self.source = source
        self.now = now
        self.progress = progress
        self.dry_run = dry_run
        self.report = Report(is_rehearsal=dry_run)
        self.places = Places(now)
        self.language = ""
        self.tags: set[str] = set()
        # One transaction of ours at a time: SQLite lets only one write anyway, and waiting here costs nothing.
        self.writing = asyncio.Lock()
        self.files = Files(sessions, storage, source, now, self.writing, is_rehearsal=dry_run)

    async def run(self) -> Report:
        heads = await to_its_end(self._heads)
        if not heads and not self.report.skipped:
            raise ImportRefused(self.source.nothing)
        plans = await self._planned(heads)
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
        await self.files.keep_others(self.report)
        self.report.pictures_kept = len(self.files.new)
        await asyncio.to_thread(self.source.finish, self.report, self.places)
        changed = self.report.imported + self.report.updated
        if changed and not self.dry_run:
            await self._record(changed)
        return self.report

    async def _record(self, changed: int) -> None:
        async with self.sessions() as db:
            await begin_write(db)
            current = await site.current(db)
            db.add(Event.about("site.imported", current, self.now, None, name=self.source.name, posts=changed))
            await db.commit()

    def _heads(self, check: Check) -> list[SourcePost]:
        """Read what posts there are, oldest first: of two that want one address the older gets it."""
        heads = [post.head() for post in self.source.heads(self.report.skip, check)]
        return sorted(heads, key=lambda post: (post.date or self.now, post.file))

    async def _planned(self, heads: list[SourcePost]) -> list[Plan]:
        async with self.sessions() as db:
            self.language = (await site.current(db)).language
        plans = await planned(self.sessions, heads, self.source.kind, self.source.has_lasting_ids, self.report)
        for plan in plans:
            self.places.add(plan.head, plan.slug)
        return plans

    async def _prepare(self, plans: Sequence[Plan]) -> list[Prepared]:
        """Convert and render some posts; those that did not change or cannot be taken are left out."""
        texts = await asyncio.to_thread(lambda: [self._read(plan) for plan in plans])
        found = [(plan, *text) for plan, text in zip(plans, texts, strict=True) if text is not None]
        prepared = await asyncio.gather(*(self._prepare_one(*one) for one in found))
        return [one for one in prepared if one is not None]

    def _read(self, plan: Plan) -> tuple[SourcePost, Converted] | None:
        try:
            post = self.source.whole(plan.head)
            return post, self.source.convert(post, self.places, self.files.refused)
        except NotAPost as error:
            self.report.skip(plan.head.file, error.line, str(error))
            return None

    async def _prepare_one(self, plan: Plan, post: SourcePost, converted: Converted) -> Prepared | None:
        digest = _digest(post, converted)
        is_same = plan.known is not None and plan.known.source_hash == digest
        if not is_same and await self.files.keep(converted):
            converted = await asyncio.to_thread(self.source.convert, post, self.places, self.files.refused)
            digest = _digest(post, converted)
            is_same = plan.known is not None and plan.known.source_hash == digest
        for line, reason in converted.doubts:
            self.report.doubt(post.file, line, reason)
        if is_same:
            self.report.unchanged += 1
            return None
        body, seen = converted.body, {}
        paths: dict[str, str] = {}
        for file, place in files_of(converted).items():
            if kept := self.files.kept.get(file):
                body = body.replace(PENDING + file, kept.url)
                seen[kept.url] = kept.shown
                paths |= dict.fromkeys(self.source.describe(place).paths, kept.url)
        language = post.language or self.language
        try:
            rendered = await render_in_turn(body, seen.get, language=language)
            about = " ".join([post.excerpt, *post.tags])
            document = await in_turn(Document.of, post.title, about, rendered.text, language)
        except ContentRefused as error:
            self.report.skip(post.file, post.body_line, str(error))
            return None
        # What only rendering shows is told when a post is written, not each time that its file is found unchanged.
        for line, reason in dead_anchors(post, rendered.html):
            self.report.doubt(post.file, line, reason)
        cover = self.files.kept.get(converted.cover)
        return Prepared(
            post,
            plan.source,
            digest,
            plan.slug,
            plan.known is None,
            plan.moves,
            body,
            rendered,
            document,
            byline=tuple(self.source.people.get(name) or Person(name) for name in post.authors),
            cover=cover.url if cover else "",
            file_paths=paths,
        )

    async def _store(self, batch: Sequence[Prepared]) -> None:
        """Store a batch; when somebody else wrote the same in the same moment, store its posts one by one."""
        if not batch:
            return
        if self.dry_run:
            async with self.sessions() as db:
                self.report.add(await rehearsal.rehearse(db, batch, self.report.authors, self.tags))
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
    # Only what a post has more than others is added, so that those of earlier imports stay the same.
    more: dict[str, object] = {"page": post.is_page, "pending": post.is_pending, "featured": post.is_featured}
    more["cover"] = (converted.cover, post.cover_alt) if converted.cover else None
    more["visibility"] = None if post.visibility == Visibility.PUBLIC else post.visibility
    more["expires"] = post.expires
    facts += [pair for pair in more.items() if pair[1]]
    return sha256(json.dumps(facts, default=str).encode()).hexdigest()
