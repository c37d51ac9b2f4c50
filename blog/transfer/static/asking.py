"""Asking the application for a page within this process, as a reader without cookies would over HTTP."""

import asyncio
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

PORTS = {"http": 80, "https": 443}


class Application(Protocol):
    """What answers: an ASGI application."""

    async def __call__(self, scope: Any, receive: Any, send: Any, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer; its body went into a file. `is_whole` says that no byte of that is missing."""

    status: int
    headers: dict[str, str]
    is_whole: bool

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


async def ask(app: Application, address: str, base_url: str, into: BinaryIO) -> Answer:
    """Ask for an address of this site, a path with perhaps a query, and write the body into a file as it comes."""
    path, _, query = address.partition("?")
    base = urlsplit(base_url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": base.scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", base.netloc.encode()), (b"accept", b"*/*")],
        "client": None,
        "server": (base.hostname, base.port or PORTS[base.scheme]),
    }
    told: dict[str, Any] = {"status": 500, "headers": []}
    seen, has_asked, ended = 0, False, asyncio.Event()

    async def receive() -> Any:
        nonlocal has_asked
        if has_asked:
            await ended.wait()  # who streams a file waits for its reader to leave
            return {"type": "http.disconnect"}
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal seen
        if message["type"] == "http.response.start":
            told.update(message)
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            into.write(body)
            seen += len(body)
            if not message.get("more_body"):
                ended.set()

    await app(scope, receive, send)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in told["headers"]}
    length = headers.get("content-length", "")
    return Answer(told["status"], headers, ended.is_set() and (not length or int(length) == seen))
