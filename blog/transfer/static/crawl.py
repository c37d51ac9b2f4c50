"""Fetching every page that a reader can reach into a folder, and remembering what became of each address."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from blog.database import Sessions
from blog.queries import addresses
from blog.transfer.static import links
from blog.transfer.static.asking import Answer, Application, ask
from blog.transfer.static.folder import SiteFolder
from blog.transfer.static.places import HTML, NOT_FOUND, file_of, key_of, needs_server, resolved
from blog.transfer.terms import ExportRefused, Progress

SEEDS = (
    "/", "/archive", "/tags", "/sitemap.xml", "/feed.xml", "/rss.xml", "/feed.json", "/robots.txt", "/llms.txt",
    "/favicon.ico", "/apple-touch-icon.png",
)  # fmt: skip
"""Where the way through the site begins; links lead to the rest."""
WITH_ADDRESSES = frozenset({
    "application/xml", "application/atom+xml", "application/rss+xml", "application/feed+json", "text/plain",
    "text/markdown",
})  # fmt: skip
"""Types of texts in which the site's own addresses stand whole."""
LED = frozenset({301, 302, 303, 307, 308})
HIDDEN = frozenset({401, 403, 404, 410})
MOST_HOPS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What an address showed: a file of this type, or that it leads on."""

    file: str = ""
    content_type: str = ""
    leads_to: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a link ends: at a file under its key, and perhaps a place there that a redirect named; or elsewhere."""

    key: str
    found: Found
    place: str = ""

    @property
    def is_elsewhere(self) -> bool:
        return bool(self.found.leads_to)


class Crawl:
    """The way through a site: `found` holds every address that was asked for, None where readers find nothing."""

    def __init__(self, app: Application, folder: SiteFolder, bases: tuple[str, ...], progress: Progress) -> None:
        self.app = app
        self.folder = folder
        self.bases = bases
        self.progress = progress
        self.found: dict[str, Found | None] = {}
        self.redirects: list[str] = []
        self.named: dict[str, set[str]] = {}
        """Places of pages that others name, by the key of the page."""
        self.left_out: list[str] = []
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._asked = self._done = 0
        self._files: set[str] = set()
        self._folders: set[str] = set()

    async def run(self, sessions: Sessions, now: datetime, together: int) -> None:
        """Fetch all that can be reached, so many at a time; raise ExportRefused when one cannot be shown just now."""
        await self._seed(sessions, now)
        askers = [asyncio.create_task(self._ask_on()) for _ in range(together)]
        all_done = asyncio.create_task(self._waiting.join())
        try:
            # Whichever comes first: all is fetched, or somebody met what ends the export.
            await asyncio.wait([all_done, *askers], return_when=asyncio.FIRST_COMPLETED)
            for asker in askers:
                if asker.done():
                    asker.result()
        finally:
            for task in (all_done, *askers):
                task.cancel()
            await asyncio.gather(all_done, *askers, return_exceptions=True)
        await self._fetch_not_found()

    def claim(self, file: str) -> bool:
        """Take a name for a file, unless another file or a folder has it."""
        parents = [str(parent) for parent in Path(file).parents][:-1]
        if file in self._files or file in self._folders or any(parent in self._files for parent in parents):
            return False
        self._files.add(file)
        self._folders.update(parents)
        return True

    def followed(self, key: str) -> Arrived | None:
        """Follow redirects from an address to where they end; None when that is nowhere."""
        place = ""
        for _ in range(MOST_HOPS):
            found = self.found.get(key)
            if found is None:
                return None
            here = resolved(found.leads_to, key, self.bases) if found.leads_to else None
            if here is None:
                return Arrived(key, found, place)
            key, place = here[0], here[1] or place
        return None

    async def _seed(self, sessions: Sessions, now: datetime) -> None:
        for path in SEEDS:
            self._want(path)
        async with sessions() as db:
            async for path in addresses.of_live_posts(db, now):
                self._want(key_of(path))
            async for path in addresses.of_redirects(db):
                key = key_of(path)
                if not needs_server(key) and resolved(key, "/", ()) == (key, ""):
                    self._want(key)
                    self.redirects.append(key)

    def _want(self, key: str) -> None:
        if key not in self.found and not needs_server(key):
            self.found[key] = None
            self._waiting.put_nowait(key)

    async def _ask_on(self) -> None:
        while True:
            key = await self._waiting.get()
            await self._fetch(key)
            self._done += 1
            self.progress(self._done, len(self.found))
            self._waiting.task_done()

    async def _fetch(self, key: str) -> None:
        answer, spare = await self._ask(key)
        if answer.status in LED:
            self._lead(key, answer)
        elif answer.status == 200 and answer.is_whole:
            await self._keep(key, answer, spare)
        elif answer.status not in HIDDEN:
            raise ExportRefused(f"{unquote(key)} cannot be shown just now (status {answer.status}). Try again.")
        spare.unlink(missing_ok=True)

    async def _ask(self, key: str) -> tuple[Answer, Path]:
        self._asked += 1
        spare = self.folder.spare(self._asked)
        with spare.open("wb") as into:
            return await ask(self.app, key, self.bases[0], into), spare

    def _lead(self, key: str, answer: Answer) -> None:
        location = answer.headers.get("location", "")
        self.found[key] = Found(leads_to=location, code=answer.status)
        if here := resolved(location, key, self.bases):
            self._want(here[0])
            self._name(*here)

    async def _keep(self, key: str, answer: Answer, spare: Path) -> None:
        file = file_of(key, answer.content_type)
        if file is None or not self.claim(file):
            self.left_out.append(key)
            return
        self.found[key] = Found(file, answer.content_type)
        if answer.content_type == HTML:
            self._note(key, await asyncio.to_thread(self.folder.read, spare))
        elif answer.content_type in WITH_ADDRESSES:
            text = await asyncio.to_thread(self.folder.read, spare)
            for address in links.addresses_in(text, self.bases):
                if here := resolved(address, key, self.bases):
                    self._want(here[0])
        self.folder.take(spare, file)

    def _note(self, key: str, html: str) -> None:
        """Note where a page leads, and which places of others it names."""
        for tag, name, link in links.links_of(html):
            if name == "content" and not link.startswith(self.bases):
                continue
            here = resolved(link, key, self.bases)
            if here is None or name == "cite":
                continue
            self._want(here[0])
            if tag == "a":
                self._name(*here)

    def _name(self, key: str, place: str) -> None:
        if place:
            self.named.setdefault(key, set()).add(place)

    async def _fetch_not_found(self) -> None:
        """Fetch the page that web hosts show at an address where nothing is."""
        key = f"/{NOT_FOUND}"
        answer, spare = await self._ask(key)
        if answer.status == 404 and answer.content_type == HTML and self.claim(NOT_FOUND):
            self.found[key] = Found(NOT_FOUND, HTML)
            self._note(key, await asyncio.to_thread(self.folder.read, spare))
            self.folder.take(spare, NOT_FOUND)
        spare.unlink(missing_ok=True)
