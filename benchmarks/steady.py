"""Watches the memory of a worker while readers ask for ever different pages: `make steady MINUTES=10`.

It serves as many posts as `make bench` starts with, on SQLite and then on PostgreSQL, and prints each worker's memory.
"""

import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]  # the tests know how to start the blog

from data import TAGS, WORDS, fill  # noqa: E402 - found only after the line above
from live import BLOG, environment_for, free_port  # noqa: E402 - likewise
from load import load  # noqa: E402 - likewise
from processes import Database, postgresql, serving, sqlite  # noqa: E402 - likewise

POSTS = 10_000
READERS = 8
EACH_SECONDS = 15.0


def main(minutes: float) -> None:
    with tempfile.TemporaryDirectory(prefix="steady-") as folder:
        scratch = Path(folder)
        with sqlite(scratch) as file, postgresql() as server:
            for database in (file, server):
                _watch(database, scratch, minutes)


def _watch(database: Database, scratch: Path, minutes: float) -> None:
    port = free_port()
    environment = environment_for(database.url, scratch, PORT=str(port), WORKERS="2", LOG_LEVEL="WARNING")
    subprocess.run([BLOG, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    asyncio.run(fill([database.url], range(POSTS)))
    head = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: br\r\n\r\n"
    requests = (f"GET {path} HTTP/1.1\r\n{head}".encode() for path in _paths())
    with serving([str(BLOG), "serve"], environment, port, database) as server:
        begun = time.monotonic()
        _tell(database, 0, 0, server.workers())
        while time.monotonic() - begun < minutes * 60:
            seen = load(port, requests, connections=READERS, seconds=EACH_SECONDS)
            _tell(database, time.monotonic() - begun, len(seen.latencies), server.workers())


def _paths() -> Iterator[str]:
    """Name pages of all kinds, each another one."""
    for number in itertools.count():
        yield f"/posts/post-{number * 7919 % POSTS}"
        yield f"/?page={1 + number * 13 % (POSTS // 10)}"
        yield f"/search?q={WORDS[number % 30]}+{number}"
        yield f"/posts/post-{number * 6101 % POSTS}"
        yield f"/tags/tag-{1 + number % (TAGS // 20)}?page={1 + number % 50}"
        yield f"/tags/tag-{1 + number % (TAGS // 20)}/feed.xml"


def _tell(database: Database, seconds: float, pages: int, workers: list[float]) -> None:
    memory = ", ".join(f"{each:.0f}" for each in workers)
    print(
        f"{database.name}: {seconds:5.0f} s, {pages:6,} pages since the last line, workers at {memory} MB", flush=True
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
