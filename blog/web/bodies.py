"""Limits on what a client may send, and for how long it may take."""

import asyncio
import re
import time
from typing import Any

from litestar.types import HTTPScope, Receive

from blog.languages import gettext, mark
from blog.web.addresses import header
from blog.web.errors import Refusal

LARGEST_FORM = 1_000_000
LARGEST_SIGN_IN = LARGEST_FORM + 20_000
"""A sign-in may carry on what was typed into another form."""
LARGEST_PORTRAIT = 11_000_000
LARGEST_UPLOAD = 110_000_000
LARGEST_PACKAGE = 2_000_000_000
"""An export of another system with its pictures; it goes to the disk as it comes."""
PACKAGES = "/admin/transfers"
UPLOADS = re.compile(r"/studio/(media(/[0-9]+/file)?|posts(/[0-9]+)?/cover/file)")
SIGN_INS = frozenset({"/login", "/login/second-step", "/login/passkey"})
PICTURES = frozenset({"/account/picture", "/admin/site/logo", "/admin/site/icon"})
BODY_SECONDS = 30.0
SLOWEST_UPLOAD = 50_000
"""Bytes a second: a large file gets the time that it needs at this speed, about that of an old phone."""
LARGE_PACKAGE = mark("An export that is sent here can have 2 GB. The command “blog import” takes larger ones.")
TOO_LARGE = mark("What was sent is too large: a form can hold 1 MB, a picture 10 MB, all files sent at once 100 MB.")


def refuse_unreadable(scope: HTTPScope) -> None:
    """Refuse a body by what its headers say, before a byte of it is read."""
    if header(scope, b"content-encoding") not in {"", "identity"}:
        raise Refusal(415)
    if header(scope, b"transfer-encoding") and header(scope, b"content-length"):
        raise Refusal(400)  # two lengths are how requests are smuggled (RFC 9112, section 6.1)
    declared = header(scope, b"content-length")
    if declared and (not declared.isdigit() or int(declared[:20]) > _limit(scope)):
        raise _too_large(scope)


class Body:
    """A request's body: counted while it comes, given up on when it stalls, and kept to be read again if it is small.

    No server that we know bounds how slowly a body comes.
    """

    def __init__(self, scope: HTTPScope, receive: Receive) -> None:
        self._receive = receive
        self._too_large = _too_large(scope)
        self._limit, self._deadline = _limit(scope), time.monotonic() + BODY_SECONDS
        self._seen, self._complete = 0, False
        self._messages: list[Any] = []
        self._next = 0

    def rewind(self) -> bool:
        """Begin again from its first byte; False when it is too large to have been kept."""
        self._next = 0
        return self._seen <= LARGEST_FORM

    async def receive(self) -> Any:
        """Give the next message, as the server or as it came before."""
        if self._next < len(self._messages):
            self._next += 1
            return self._messages[self._next - 1]
        if self._complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._deadline - time.monotonic()))
        except TimeoutError as error:
            raise Refusal(408) from error
        if message["type"] == "http.request":
            self._seen += len(message["body"])
            if self._seen > LARGEST_FORM:
                self._deadline += len(message["body"]) / SLOWEST_UPLOAD
            self._complete = not message["more_body"]
            if self._seen > self._limit:
                raise self._too_large
            if self._seen <= LARGEST_FORM:
                self._messages.append(message)
                self._next += 1
            else:
                self._messages.clear()
        return message


def _too_large(scope: HTTPScope) -> Refusal:
    words = LARGE_PACKAGE if scope["path"] == PACKAGES else TOO_LARGE
    return Refusal(413, gettext(words))


def _limit(scope: HTTPScope) -> int:
    path = scope["path"]
    if path == PACKAGES:
        return LARGEST_PACKAGE
    if UPLOADS.fullmatch(path):
        return LARGEST_UPLOAD
    if path in PICTURES:
        return LARGEST_PORTRAIT
    return LARGEST_SIGN_IN if path in SIGN_INS else LARGEST_FORM
