"""The fastest that Python can be on this server: an ASGI application that sends one page from memory and does nothing."""

import os
from pathlib import Path
from typing import Any

BODY = Path(os.environ["BARE_PAGE"]).read_bytes() if "BARE_PAGE" in os.environ else b""
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
