"""A load generator: some connections, each asking again as soon as it was answered. Bytes in, bytes out, no HTTP library.

It counts with one core at most; so beside pages per second look at what a page cost the server.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Seen:
    """What came of one run: each answer's seconds, and how many were not as expected."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, part: float) -> float:
        """Give a percentile of the latencies in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], expected: bytes, until: float, seen: Seen) -> None:
        self.requests = requests
        self.expected = expected
        self.until = until
        self.seen = seen
        self.done = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
        else:
            self.buffer += data
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.missing = self.read_head(self.buffer[:end].lower()) - (len(self.buffer) - end - 4)
            self.buffer = b""
        if self.missing <= 0:
            self.answered()

    def read_head(self, head: bytes) -> int:
        if not head.startswith(self.expected):
            self.seen.wrong += 1
        at = head.find(b"content-length:")
        return int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None]) if at > 0 else 0

    def answered(self) -> None:
        self.missing = 0
        now = time.perf_counter()
        self.seen.latencies.append(now - self.asked_at)
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, requests: Iterator[bytes], *, connections: int, seconds: float, status: int = 200) -> Seen:
    """Ask for `seconds` over some connections at once; each request is bytes ready to be sent."""
    seen, begun = Seen(), time.perf_counter()
    loop = asyncio.get_running_loop()
    expected = b"http/1.1 %d" % status
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: Client(requests, expected, begun + seconds, seen), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    seen.seconds = time.perf_counter() - begun
    return seen
