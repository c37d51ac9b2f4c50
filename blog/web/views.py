"""Counting how often posts are read, without cookies and without knowing by whom.

An answer that is a post says so in `scope["state"]`. When it has gone out, the outer layer notes it here: a number in
memory. Every few seconds, and when the process stops, the numbers are written; a crash loses what came since. Left
out are programs, pages fetched ahead, HEAD, and the people of the desk. A reader who comes back counts again.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import lru_cache
from typing import Any

from litestar import Litestar
from litestar.types import HTTPScope, Scope

from blog import policy
from blog.database import Sessions
from blog.models import Post, User
from blog.queries import views

FLUSH_SECONDS = 5.0
MOST_POSTS = 20_000
"""Posts that are counted between two writes; those beyond are left out, so that memory stays bounded."""
LONGEST_AGENT = 400
READ = frozenset({200, 304})
_AHEAD = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_PROGRAMS = re.compile(
    rb"(?<!cu)bots?\b|bot_|robot|crawl|spider|slurp|fetch|scan|preview|monitor|check|archiv|search|index|http|feed|rss|"
    rb"headless|lighthouse|phantom|selenium|playwright|puppeteer|facebookexternal|whatsapp|telegram|embedly|validator|"
    rb"curl|wget|python|java/|perl|ruby|node|inspect|ping|proxy|prerender|gpt|claude|perplexity",
    re.IGNORECASE,
)

log = logging.getLogger("blog")


class Views:
    """The views that one process has seen and not written yet."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._to_write: dict[tuple[date, int], int] = {}
        self._writing = asyncio.Lock()

    def note(self, scope: HTTPScope, post_id: int) -> None:
        """Count one view, if a reader's browser asked for it to show it."""
        agent = b""
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value
            elif name in _AHEAD and b"fetch" in value.lower():
                return
        if len(agent) <= LONGEST_AGENT and _is_browser(agent):
            seen = self._seen
            if post_id in seen:
                seen[post_id] += 1
            elif len(seen) < MOST_POSTS:
                seen[post_id] = 1

    async def flush(self, sessions: Sessions, day: date) -> None:
        """Write what was seen, as of this day; when that fails, the next time writes it too."""
        async with self._writing:
            seen, self._seen = self._seen, {}
            for post_id, number in seen.items():
                key = day, post_id
                if key in self._to_write or len(self._to_write) < MOST_POSTS:
                    self._to_write[key] = self._to_write.get(key, 0) + number
            if self._to_write:
                async with sessions() as db:
                    await views.add(db, self._to_write)
                self._to_write = {}


def mark_read(scope: Scope, post: Post, viewer: User | None) -> None:
    """Say that this answer shows a post to be read; who writes here themselves is not a reader."""
    if viewer is None or not policy.may(viewer, policy.Action.WRITE):
        scope["state"]["read"] = post.id


def counting(flush: Callable[[], Any], seconds: float) -> Any:
    """Make the part of the application's life in which views are written; with 0 seconds nobody does."""

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(_flush_often(flush, seconds, stop)) if seconds else None
        try:
            yield
        finally:
            stop.set()
            if task is not None:
                await task

    return life


async def _flush_often(flush: Callable[[], Any], seconds: float, stop: asyncio.Event) -> None:
    while True:
        is_last = stop.is_set()
        try:
            await flush()
        except Exception as error:
            log.warning("views could not be written: %s", error)
        if is_last:
            return
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            continue


@lru_cache(2000)
def _is_browser(agent: bytes) -> bool:
    """Tell browsers from programs, which mostly say what they are."""
    return agent.startswith((b"Mozilla/", b"Opera/")) and _PROGRAMS.search(agent) is None
