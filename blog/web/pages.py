"""The page cache: finished answers for readers who are nobody in particular, ready to be sent as they are.

A page is kept by its path, the query parameters that its route names, and the reader's colour scheme; never for
somebody with a session. It counts as long as its stamp does: the site's version, which grows with every change that
readers can see, and how many scheduled posts have appeared meanwhile. Of many who ask for one page at once, one has
it rendered; the others get the page as it was, or wait when there is none.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar.types import HTTPScope, Message

from blog.web import compression, routes
from blog.web.addresses import header
from blog.web.headers import Headers

LIMIT = 6 * 1024 * 1024
"""Bytes of pages that a process keeps; those that nobody asked for the longest go first."""
OVERHEAD = 2000
REVALIDATED = (b"cache-control", b"public, max-age=0, s-maxage=1")
"""Browsers ask again each time, and a CDN after a second; both with the validators, so mostly for a 304."""

LONGEST_QUERY = 2000
_TOLD_ANEW = frozenset({b"etag", b"last-modified", b"cache-control", b"vary"})
_TOLD_AGAIN = frozenset({b"etag", b"last-modified", b"cache-control", b"vary", b"content-security-policy"})

UNCHANGED = "unchanged"
MOST_REMEMBERED = 4000
LONGEST_REMEMBERED = 500
"""Bytes of the headers by which a request is known again."""
_LOOKED_AT = frozenset({b"host", b"cookie", b"accept-encoding", b"if-none-match", b"if-modified-since"})

NEVER = datetime.min.replace(tzinfo=UTC)

Stamp = tuple[int, int]


class Ready:
    """An answer as it goes out: its two ASGI messages."""

    __slots__ = ("body", "end", "headers", "read", "start", "status")

    def __init__(self, status: int, headers: Headers, body: bytes, read: int = 0) -> None:
        self.status, self.headers, self.body, self.read = status, headers, body, read
        self.start: Any = {"type": "http.response.start", "status": status, "headers": headers}
        self.end: Any = {"type": "http.response.body", "body": body, "more_body": False}

    def without_body(self) -> "Ready":
        return Ready(self.status, self.headers, b"")


@dataclass(slots=True)
class Finished:
    """An answer as a whole: what the application sent, and that in each coding somebody asked for."""

    status: int
    headers: Headers
    body: bytes
    """As it is, or packed once it is kept."""
    read: int = 0
    """The id of the post that is read with it, if any."""
    is_packed: bool = False
    stamp: Stamp = (-1, -1)
    etag: str = ""
    modified: datetime = NEVER
    coded: dict[str, Ready] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        others = (ready.body for ready in self.coded.values() if ready.body is not self.body)
        return sum(map(len, others)) + len(self.body) + OVERHEAD * (1 + len(self.coded))

    @property
    def compresses(self) -> bool:
        return self.is_packed or (len(self.body) >= compression.SMALLEST and compression.is_text(self.headers))

    @property
    def may_be_kept(self) -> bool:
        return self.status == 200 and not any(name == b"set-cookie" for name, _ in self.headers)

    def stamped(self, stamp: Stamp, before: "Finished | None") -> "Finished":
        """Give a page that may be kept its validators, those of the page `before` it where that was the same."""
        if not self.may_be_kept:
            return self
        told = dict(self.headers)
        self.stamp = stamp
        self.etag = f'W/"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        if b"last-modified" in told:
            self.modified = parsedate_to_datetime(told[b"last-modified"].decode())
        elif before is not None and before.etag == self.etag:
            self.modified = before.modified
        else:
            self.modified = datetime.now(UTC).replace(microsecond=0)
        self.headers = [pair for pair in self.headers if pair[0] not in _TOLD_ANEW] + [
            (b"etag", self.etag.encode()),
            (b"last-modified", format_datetime(self.modified.astimezone(UTC), usegmt=True).encode()),
            REVALIDATED,
            (b"vary", b"accept-encoding, cookie"),
        ]
        return self

    def pack(self) -> None:
        """Take less room: a fifth for most pages."""
        if self.compresses and not self.is_packed:
            self.body, self.is_packed = compression.packed(self.body), True

    def as_coded(self, coding: str) -> Ready:
        """Give the answer in a content coding, "" for none, or as `UNCHANGED`; made when first asked for."""
        if coding not in self.coded:
            self.coded[coding] = self._unchanged() if coding == UNCHANGED else self._coded(coding)
        return self.coded[coding]

    def _coded(self, coding: str) -> Ready:
        body = compression.unpacked(self.body) if self.is_packed else self.body
        if coding:
            body = self.body if self.is_packed and coding == compression.PACKED else compression.coded(body, coding)
        told = [(b"content-encoding", coding.encode())] if coding else []
        return Ready(self.status, [*self.headers, *told, (b"content-length", str(len(body)).encode())], body, self.read)

    def _unchanged(self) -> Ready:
        # RFC 9110, section 15.4.5, says what a 304 repeats.
        return Ready(304, [pair for pair in self.headers if pair[0] in _TOLD_AGAIN], b"", self.read)

    def is_known_to(self, scope: HTTPScope) -> bool:
        """Tell whether the client has this very page already (RFC 9110, section 13)."""
        if known := header(scope, b"if-none-match"):
            # A date counts only where no tag is given (section 13.1.3).
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            return known.strip() == "*" or self.etag.removeprefix("W/") in tags
        try:
            since = header(scope, b"if-modified-since")
            return bool(since) and self.modified <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page that may be kept: its key, and of what the client sent all that the page may depend on."""

    key: str
    query: bytes
    headers: list[tuple[bytes, bytes]]


class PageCache:
    """The pages that one process keeps."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[str, Finished] = OrderedDict()
        self._rendering: dict[str, asyncio.Event] = {}
        self._remembered: dict[tuple[object, ...], tuple[str, str, str]] = {}

    def ready_for(self, scope: HTTPScope, stamp: Stamp) -> Ready | None:
        """Give the answer to a request that was answered from here before, known again by its very bytes.

        Most requests are of this kind, and working out what they ask for would be most of their cost.
        """
        remembered = self._remembered.get(_bytes_of(scope))
        if remembered is None:
            return None
        key, etag, coding = remembered
        page = self._kept.get(key)
        if page is None or page.stamp != stamp or (coding == UNCHANGED and page.etag != etag):
            return None
        self._kept.move_to_end(key)
        return page.coded.get(coding)

    def remember(self, scope: HTTPScope, key: str, page: Finished, coding: str) -> None:
        """Note how a request was answered, for the next like it."""
        if self._kept.get(key) is not page:
            return
        known = _bytes_of(scope)
        if sum(len(part) for part in known if isinstance(part, bytes)) <= LONGEST_REMEMBERED:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[known] = key, page.etag, coding

    async def answer(self, key: str, stamp: Stamp, render: Callable[[], Awaitable[Finished]]) -> Finished:
        """Give the page; `render` makes it when it is not kept or has changed."""
        kept = self._kept.get(key)
        if kept is not None and kept.stamp == stamp:
            self._kept.move_to_end(key)
            return kept
        if (others := self._rendering.get(key)) is not None:
            if kept is not None:
                return kept
            await others.wait()
            kept = self._kept.get(key)
            return kept if kept is not None and kept.stamp == stamp else (await render()).stamped(stamp, kept)
        done = self._rendering[key] = asyncio.Event()
        try:
            made = (await render()).stamped(stamp, kept)
            if made.may_be_kept:
                self._keep(key, made)
        finally:
            del self._rendering[key]
            done.set()
        return made

    def coded(self, key: str, page: Finished, coding: str) -> Ready:
        """Give a page in a content coding, and count the bytes that this takes."""
        if coding in page.coded:
            return page.coded[coding]
        before = page.size
        made = page.as_coded(coding)
        if self._kept.get(key) is page:
            self._size += page.size - before
            self._make_room()
        return made

    def clear(self) -> None:
        self._kept.clear()
        self._remembered.clear()
        self._size = 0

    def _keep(self, key: str, made: Finished) -> None:
        made.pack()
        if (old := self._kept.pop(key, None)) is not None:
            self._size -= old.size
        self._kept[key] = made
        self._size += made.size
        self._make_room()

    def _make_room(self) -> None:
        while self._size > self._limit and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size


def has_session(scope: HTTPScope) -> bool:
    """Tell whether somebody may be signed in; whether they are is for the application to find out."""
    return "session=" in header(scope, b"cookie")


def asked_of(scope: HTTPScope, theme: str) -> Asked | None:
    """Read which page a request asks for; None for one that is not to be kept."""
    if scope["method"] != "GET" or has_session(scope) or len(scope["query_string"]) > LONGEST_QUERY:
        return None
    path = scope["path"]
    used = routes.kept_at(path)
    if used is None:
        return None
    given = dict(reversed(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)))
    query = urlencode(sorted((name, value) for name, value in given.items() if name in used))
    headers = [(b"cookie", f"theme={theme}".encode())] if theme else []
    return Asked(f"{theme} {path}?{query}", query.encode(), headers)


def _bytes_of(scope: HTTPScope) -> tuple[object, ...]:
    """Give all of a request that its answer may depend on, as it came."""
    known: list[object] = [scope["method"], scope["path"], scope["query_string"]]
    for pair in scope["headers"]:
        if pair[0] in _LOOKED_AT:
            known += pair
    return tuple(known)


class Collector:
    """Takes what the application sends, to be kept or sent later."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # How long the body is depends on the coding that it is sent in.
            self.headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
        elif message["type"] == "http.response.body":
            self.parts.append(message["body"])
