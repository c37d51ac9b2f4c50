"""Files fetched from the web for an import: from public machines only, of bounded size, in bounded time.

Whoever made an export chose these addresses, and would like to know what answers inside the network of this machine.
So the name of a host is looked up once, every machine that it means must be public, and one of those looked at is
connected to; a redirect is followed in the same way. All refusals read the same, so that a report tells nothing either.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from blog.media import LARGEST_RECORDING
from blog.transfer.folder import Unreadable

MOST_REDIRECTS = 3
SECONDS = 60.0
"""For one file with all its redirects."""
WAIT_SECONDS = 10.0
REFUSED = "It could not be fetched from the old site."
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = [("User-Agent", "blog-import"), ("Accept-Encoding", "identity"), ("Accept", "*/*")]
_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"), WAIT_SECONDS)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv6 that stand for those of IPv4 (RFC 6052)."""


def fetch(address: str) -> bytes:
    """Fetch a file; raise Unreadable, with the same words whatever went wrong."""
    deadline = time.monotonic() + SECONDS
    try:
        with httpcore.ConnectionPool(network_backend=_PublicOnly(deadline)) as pool:
            for _ in range(MOST_REDIRECTS + 1):
                answer = _ask(pool, address, deadline)
                if isinstance(answer, bytes):
                    return answer
                address = answer
    except (*_FAILURES, OSError, ValueError) as error:
        raise Unreadable(REFUSED) from error
    raise Unreadable(REFUSED)


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public network, also inside the forms of IPv6 that hold one of IPv4."""
    machine = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(machine, ipaddress.IPv6Address):
        inner = machine.ipv4_mapped or machine.sixtofour or (machine.teredo[1] if machine.teredo else None)
        if machine in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(machine) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return machine.is_global and not machine.is_multicast


def _ask(pool: httpcore.ConnectionPool, address: str, deadline: float) -> bytes | str:
    """Ask for an address; give the bytes, or the address to which it redirects."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("this is no address of a file on the web")
    url = httpcore.URL(address.partition("#")[0].encode("ascii"))
    with pool.stream("GET", url, headers=_HEADERS, extensions={"timeout": _TIMEOUTS}) as response:
        if response.status in _REDIRECTS:
            location = next((value for name, value in response.headers if name.lower() == b"location"), b"")
            return urljoin(address, location.decode("ascii"))
        if response.status != 200:
            raise ValueError("the file is not there")
        content = bytearray()
        for piece in response.iter_stream():
            content += piece
            if len(content) > LARGEST_RECORDING or time.monotonic() > deadline:
                raise ValueError("the file is too large or too slow")
        return bytes(content)


class _PublicOnly(httpcore.NetworkBackend):
    """Connects to public machines only, and to no other one than was looked at."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        machines = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        if not machines or not all(is_public(machine) for machine in machines):
            raise httpcore.ConnectError("not a public machine")
        # IPv4 first: it is there more often where both are told.
        chosen = min(machines, key=lambda machine: ":" in machine)
        return _Timely(self.plain.connect_tcp(chosen, port, timeout), self.deadline)


class _Timely(httpcore.NetworkStream):
    """A connection that waits no longer than the whole file may take: a server could send a byte now and then for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self._left())

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timely(self.stream.start_tls(ssl_context, server_hostname, self._left()), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the file takes too long")
        return min(left, WAIT_SECONDS)


_FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)
