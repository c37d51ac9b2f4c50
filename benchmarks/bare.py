"""The fastest that Python can be on this server: an ASGI application that sends one page from memory and does nothing.

`app` sends the very bytes that the blog sends, its headers included; `body_alone` leaves out all headers but two.
"""

import json
import os
from pathlib import Path
from typing import Any

PAGE = Path(os.environ["BARE_PAGE"]) if "BARE_PAGE" in os.environ else None
BODY = PAGE.read_bytes() if PAGE else b""
HEADERS = json.loads(PAGE.with_suffix(".json").read_text()) if PAGE else []

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.encode(), value.encode()) for name, value in HEADERS],
}
LEAST = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(BODY)).encode())],
}
END = {"type": "http.response.body", "body": BODY}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send(START)
        await send(END)


async def body_alone(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send(LEAST)
        await send(END)
