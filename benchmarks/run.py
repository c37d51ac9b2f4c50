"""Measures pages per second and what a page costs, and writes docs/benchmarks.md with charts.

Run it with `make bench`, or with other numbers of posts: `make bench SIZES="1000 20000"`. Each size is measured on
SQLite and on a PostgreSQL that is started here. Every figure is the median of rounds in which all kinds of page take
turns, so that what else the machine does falls on all alike.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
from rich.progress import track

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]  # the tests know how to start the blog

import report  # noqa: E402 - found only after the line above
from data import WORDS, fill  # noqa: E402 - likewise
from live import BLOG, environment_for, free_port  # noqa: E402 - likewise
from load import load  # noqa: E402 - likewise
from processes import Database, Server, granian, postgresql, serving, sqlite  # noqa: E402 - likewise
from publishing import import_speed, publish_to_visible  # noqa: E402 - likewise

SIZES = ["1000", "100000", "1000000"]
ROUNDS = 3
SECONDS = 1.5
TOGETHER = 32
PAGES_OF_TAGS = 20


@dataclass(frozen=True)
class Kind:
    """A kind of page: how to ask for it, and what to expect."""

    name: str
    paths: Callable[[int], Iterator[str]]
    headers: str = ""
    status: int = 200

    def requests(self, posts: int, port: int) -> Iterator[bytes]:
        head = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: br\r\n{self.headers}\r\n"
        return (f"GET {path} HTTP/1.1\r\n{head}".encode() for path in self.paths(posts))


def again(path: str) -> Callable[[int], Iterator[str]]:
    """Ask for one page again and again."""
    return lambda posts: iter(lambda: path, None)


def some(path: str, first: int, step: int, past: Callable[[int], int]) -> Callable[[int], Iterator[str]]:
    """Ask for one numbered page after another."""
    return lambda posts: (path.format(first + number * step % max(1, past(posts) - first)) for number in count())


BARE = Kind("Bare ASGI", again("/"))
KEPT = [
    Kind("Feed, kept", again("/")),
    Kind("Feed, kept, 304", again("/"), headers="If-None-Match: *\r\n", status=304),
    Kind("Post, kept", again("/posts/post-7")),
    Kind("feed.xml, kept", again("/feed.xml")),
]
RENDERED = [
    Kind("Feed, first page", again("/")),
    Kind("Feed, some page", some("/?page={}", 2, 7, lambda posts: posts // 10)),
    Kind("Feed, last page", lambda posts: iter(lambda: f"/?page={posts // 10}", None)),
    Kind("Post", some("/posts/post-{}", 0, 7919, lambda posts: posts)),
    Kind("Tag, first page", some("/tags/tag-{}", 1, 1, lambda posts: PAGES_OF_TAGS)),
    Kind("feed.xml", again("/feed.xml")),
    Kind("Search", lambda posts: (f"/search?q={WORDS[n % 30]}+{WORDS[n // 30 % 30]}" for n in count())),
    Kind("Not found", some("/posts/none-{}", 0, 1, lambda posts: posts), status=404),
]


@dataclass
class Figures:
    """What was measured of one kind of page: a value for each round; milliseconds, and parts of the bare application."""

    alone: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    of_bare: list[float] = field(default_factory=list)
    first_p50: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    pair: list[float] = field(default_factory=list)
    pair_of_bare: list[float] = field(default_factory=list)
    wrong: int = 0


@dataclass
class Result:
    """One database of one size. Times in seconds, memory in megabytes."""

    name: str
    database: str
    posts: int
    figures: dict[str, Figures]
    fill: float
    start: float
    memory: list[float]
    visible: float
    imported: float


async def main() -> None:
    results: list[Result] = []
    for posts in map(int, sys.argv[1:] or SIZES):
        for name, prepared in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            print(f"{name}, {posts:,} posts")
            with tempfile.TemporaryDirectory(prefix="bench-") as scratch, prepared(Path(scratch)) as database:
                results.append(await measure(name, database, posts, Path(scratch)))
            report.write(results, ROUNDS, SECONDS)
    print(f"Written: {report.TARGET}")


async def measure(name: str, database: Database, posts: int, scratch: Path) -> Result:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = environment_for(database.url, scratch, BASE_URL=base, PORT=str(port), LOG_LEVEL="WARNING")
    subprocess.run([BLOG, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    begun = time.perf_counter()
    await fill(database.url, posts)
    filled = time.perf_counter() - begun
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(serving([str(BLOG), "serve"], environment, port, database))
        async with httpx.AsyncClient(base_url=base) as reader:
            page = await reader.get("/", headers={"accept-encoding": "br"})
        (scratch / "page").write_bytes(page.content)
        more = environment | {"BARE_PAGE": str(scratch / "page"), "PYTHONPATH": str(HERE), "MALLOC_ARENA_MAX": "2"}

        async def also(*target: str, workers: int = 1) -> Server:
            command, its_port = granian(*target, workers=workers)
            return await running.enter_async_context(serving(command, more, its_port, database))

        bare = await also("bare:app")
        rendering = await also("uncached:app", "--factory")
        pair = await also("uncached:app", "--factory", workers=2)
        figures = {kind.name: Figures() for kind in (BARE, *KEPT, *RENDERED)}
        for _ in track(range(ROUNDS), "Measuring", disable=not sys.stderr.isatty()):
            for kind in (*KEPT, *RENDERED):
                now = await together(figures[BARE.name], bare, BARE, posts)
                figures[BARE.name].of_bare.append(1.0)
                seen = figures[kind.name]
                where = server if kind in KEPT else rendering
                await alone(seen, where, kind, posts)
                seen.of_bare.append(await together(seen, where, kind, posts) / now)
                if kind in RENDERED:
                    both = await load(pair.port, kind.requests(posts, pair.port), connections=TOGETHER, seconds=SECONDS)
                    seen.pair.append(both.per_second)
                    seen.pair_of_bare.append(both.per_second / now)
        memory = [*server.workers(), *rendering.workers(), *pair.workers()]
    imported = import_speed(environment, scratch)
    visible = await publish_to_visible(environment | {"WORKERS": "2"}, port)
    return Result(f"{name}, {posts:,} posts", name, posts, figures, filled, server.start, memory, visible, imported)


async def alone(seen: Figures, server: Server, kind: Kind, posts: int) -> None:
    """Ask over one connection."""
    came = await load(
        server.port, kind.requests(posts, server.port), connections=1, seconds=SECONDS, status=kind.status
    )
    seen.alone.append(came.per_second)
    seen.first_p50.append(came.percentile(0.5))


async def together(seen: Figures, server: Server, kind: Kind, posts: int) -> float:
    """Ask over many connections; give the pages per second."""
    before = server.cpu()
    requests = kind.requests(posts, server.port)
    came = await load(server.port, requests, connections=TOGETHER, seconds=SECONDS, status=kind.status)
    seen.cost.append((server.cpu() - before) * 1000 / len(came.latencies))
    seen.per_second.append(came.per_second)
    seen.p50.append(came.percentile(0.5))
    seen.p99.append(came.percentile(0.99))
    seen.wrong += came.wrong
    return came.per_second


if __name__ == "__main__":
    asyncio.run(main())
