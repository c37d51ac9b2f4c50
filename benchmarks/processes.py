"""What is measured: servers and databases that are started here, their processor seconds and their memory."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from live import BLOG, free_port
from wheel import postgresql_server

PATIENCE = 120.0
"""Seconds until a server must answer, on a machine that does much else."""
STOP_SECONDS = 20.0


class Database:
    """A database to be filled and asked; one without processes of its own is part of the server."""

    def __init__(self, name: str, url: str, pid: int | None = None) -> None:
        self.name = name
        self.url = url
        self._pid = pid

    def processes(self) -> list[int]:
        return tree(self._pid) if self._pid else []


class Server:
    """A server on a port of its own, beside the database that it asks."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, database: Database | None, start: float) -> None:
        self.pid = process.pid
        self.port = port
        self.start = start
        """Seconds from the command to the first answer."""
        self._database = database

    def cpu(self) -> float:
        """Sum the processor seconds that the server and its database have used."""
        return cpu([*tree(self.pid), *(self._database.processes() if self._database else [])])

    def workers(self) -> list[float]:
        """List the resident memory of each worker in megabytes."""
        return [resident(pid) / 1e6 for pid in tree(self.pid)[1:]]


@contextmanager
def serving(
    command: list[str], environment: dict[str, str], port: int, database: Database | None = None
) -> Iterator[Server]:
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not _answers(port):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{' '.join(command)} did not answer within {PATIENCE:.0f} s.")
            time.sleep(0.01)
        yield Server(process, port, database, time.perf_counter() - begun)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for each in tree(process.pid):
            os.kill(each, signal.SIGKILL)


def _answers(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        fetch(port, "/")
        return True
    return False


def fetch(port: int, path: str, *, encoding: str = "br", timeout: float = 10) -> tuple[list[tuple[str, str]], bytes]:
    """Fetch a page over a connection of its own; give headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        return answer.getheaders(), answer.read()
    finally:
        connection.close()


def granian(*target: str, workers: int = 1) -> tuple[list[str], int]:
    """Give the command that runs an application as `blog serve` runs the blog, and its port."""
    port = free_port()
    return [
        str(BLOG.with_name("granian")), "--interface", "asgi", "--port", str(port), "--no-ws",
        "--workers", str(workers), "--workers-kill-timeout", "4", *target,
    ], port  # fmt: skip


@contextmanager
def sqlite(scratch: Path) -> Iterator[Database]:
    yield Database("SQLite", f"sqlite+aiosqlite:///{scratch}/blog.db")


@contextmanager
def postgresql() -> Iterator[Database]:
    with postgresql_server() as server:
        socket = server.get_uri().split("host=")[1]
        url = f"postgresql+asyncpg://postgres:@/postgres?host={socket}"
        yield Database("PostgreSQL", url, server.get_postmaster_info().process.pid)


def tree(pid: int) -> list[int]:
    """List a process and all below it."""
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def cpu(processes: list[int]) -> float:
    """Sum the processor seconds that processes have used, from /proc, which knows them to the nanosecond."""
    total = 0
    for process in processes:
        for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(task.read_text().split()[0])
    return total / 1e9


def resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
