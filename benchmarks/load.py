"""A load generator: some connections, each asking again as soon as it was answered. Bytes in, bytes out, no HTTP library.

It goes to the system for each byte itself, so that it takes about a third of what the fastest server does; no wait is
without an end.
"""

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PATIENCE = 20.0
"""Seconds until an answer that does not come is given up."""
AT_ONCE = 262_144


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
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 if ordered else PATIENCE * 1000


class Client:
    """One connection."""

    def __init__(self, port: int, expected: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.expected = expected
        self.missing = 0
        self.is_right = True
        self.is_closed = False

    def ask(self, request: bytes) -> None:
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bool:
        """Take in what has come; tell whether the answer is whole."""
        data = self.socket.recv(AT_ONCE)
        if not data:
            self.is_right, self.is_closed, self.missing = False, True, 0
        elif self.missing:
            self.missing -= len(data)
        else:
            self.is_right = data.startswith(self.expected)
            self.missing = _missing(data)
        return self.missing <= 0


def _missing(data: bytes) -> int:
    """Count the bytes still to come of an answer whose head, sent in one piece, is at the beginning of these."""
    end = data.find(b"\r\n\r\n")
    at = data.find(b"\r\ncontent-length:", 0, end)
    return (int(data[at + 17 : data.find(b"\r\n", at + 17)]) if at > 0 else 0) - (len(data) - end - 4)


def load(port: int, requests: Iterator[bytes], *, connections: int, seconds: float, status: int = 200) -> Seen:
    """Ask for `seconds` over some connections at once; each request is bytes ready to be sent."""
    seen, clients, ready = Seen(), {}, select.epoll()
    begun = time.perf_counter()
    until = begun + seconds
    for _ in range(connections):
        client = Client(port, b"HTTP/1.1 %d" % status)
        clients[client.socket.fileno()] = client
        ready.register(client.socket, select.EPOLLIN)
        client.ask(next(requests))
    while clients and time.perf_counter() < until + PATIENCE:
        for number, _ in ready.poll(1.0):
            client = clients[number]
            if not client.take():
                continue
            now = time.perf_counter()
            seen.latencies.append(now - client.asked_at)
            seen.wrong += not client.is_right
            if now < until and not client.is_closed:
                client.ask(next(requests))
            else:
                ready.unregister(number)
                clients.pop(number).socket.close()
    seen.seconds = time.perf_counter() - begun
    seen.wrong += len(clients)  # never answered
    for client in clients.values():
        client.socket.close()
    return seen
