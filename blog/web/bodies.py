"""Limits on what a client may send, and for how long it may take."""

import asyncio
import time
from typing import Any

from litestar.types import HTTPScope, Receive

from blog.languages import gettext, mark
from blog.web.addresses import header
from blog.web.errors import Refusal

LARGEST_FORM = 1_000_000
LARGEST_UPLOAD = 11_000_000
UPLOADS = frozenset({"/studio/media"})
BODY_SECONDS = 30.0
TOO_LARGE = mark("What was sent is too large: a form can hold 1 MB, a file 10 MB.")


def refuse_unreadable(scope: HTTPScope) -> None:
    """Refuse a body by what its headers say, before a byte of it is read."""
    if header(scope, b"content-encoding") not in {"", "identity"}:
        raise Refusal(415)
    if header(scope, b"transfer-encoding") and header(scope, b"content-length"):
        raise Refusal(400)  # two lengths are how requests are smuggled (RFC 9112, section 6.1)
    declared = header(scope, b"content-length")
    if declared and (not declared.isdigit() or int(declared[:20]) > _limit(scope)):
        raise Refusal(413, gettext(TOO_LARGE))


def bounded(scope: HTTPScope, receive: Receive) -> Receive:
    """Count a body while it comes, and give up on one that stalls: no server we know bounds that."""
    limit, deadline = _limit(scope), time.monotonic() + BODY_SECONDS
    seen, complete = 0, False

    async def bounded_receive() -> Any:
        nonlocal seen, complete
        if complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            raise Refusal(408) from error
        if message["type"] == "http.request":
            seen += len(message["body"])
            complete = not message["more_body"]
            if seen > limit:
                raise Refusal(413, gettext(TOO_LARGE))
        return message

    return bounded_receive


def _limit(scope: HTTPScope) -> int:
    return LARGEST_UPLOAD if scope["path"] in UPLOADS else LARGEST_FORM
