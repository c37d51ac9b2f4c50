"""Measures pages per second and what a page costs, and writes docs/benchmarks.md with charts.

Run it with `make bench`, or with other numbers of posts: `make bench SIZES="1000 20000"`. Each size is measured on
SQLite and on a PostgreSQL that is started here; one set of posts grows from size to size. Every figure is the median of
rounds in which all kinds of page take turns, so that what else the machine does falls on all alike.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from rich.progress import track

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]  # the tests know how to start the blog

import report  # noqa: E402 - found only after the line above
from data import WORDS, fill  # noqa: E402 - likewise
from live import BLOG, environment_for, free_port  # noqa: E402 - likewise
from load import Seen, load  # noqa: E402 - likewise
from processes import Database, Server, fetch, granian, postgresql, serving, sqlite  # noqa: E402 - likewise
from publishing import add_writer, import_speed, publish_to_visible  # noqa: E402 - likewise

SIZES = ["1000", "100000", "1000000"]
ROUNDS = 3
SECONDS = 1.0
FILLING = 5.0
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


BARE = Kind("Bare ASGI, the same bytes", again("/"))
BODY_ALONE = Kind("Bare ASGI, body alone", again("/"))
KNOWN = "If-None-Match: *\r\n"
KEPT = [
    Kind("Feed, kept", again("/")),
    Kind("Feed, kept, 304", again("/"), headers=KNOWN, status=304),
    Kind("Last page, kept", lambda posts: iter(lambda: f"/?page={posts // 10}", None)),
    Kind("Post, kept", again("/posts/post-7")),
    Kind("Post, kept, 304", again("/posts/post-7"), headers=KNOWN, status=304),
    Kind("Tag, kept", again("/tags/tag-1")),
    Kind("Search, kept", again("/search?q=harbour")),
    Kind("feed.xml, kept", again("/feed.xml")),
]
FIRST, LAST, POST, SEARCH = (
    Kind("Feed, first page", again("/")),
    Kind("Feed, last page", lambda posts: iter(lambda: f"/?page={posts // 10}", None)),
    Kind("Post", some("/posts/post-{}", 0, 7919, lambda posts: posts)),
    Kind("Search, common words", lambda posts: (f"/search?q={WORDS[n % 30]}+{WORDS[n // 30 % 30]}" for n in count())),
)
RENDERED = [
    FIRST,
    Kind("Feed, first page, 304", again("/"), headers=KNOWN, status=304),
    Kind("Feed, some page", some("/?page={}", 2, 7, lambda posts: posts // 10)),
    LAST,
    POST,
    Kind("Tag, first page", some("/tags/tag-{}", 1, 1, lambda posts: PAGES_OF_TAGS)),
    Kind("feed.xml", again("/feed.xml")),
    SEARCH,
    Kind("Search, rare word", some("/search?q={}", 0, 7919, lambda posts: posts)),
    Kind("Not found", some("/posts/none-{}", 0, 1, lambda posts: posts), status=404),
]


@dataclass
class Figures:
    """What was measured of one kind of page: a value for each round; milliseconds, and parts of the bare application."""

    alone: list[float] = field(default_factory=list)
    alone_p50: list[float] = field(default_factory=list)
    alone_p99: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    of_bare: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    cost_of_bare: list[float] = field(default_factory=list)
    pair: list[float] = field(default_factory=list)
    pair_of_bare: list[float] = field(default_factory=list)
    pair_of_one: list[float] = field(default_factory=list)
    wrong: int = 0


@dataclass
class Result:
    """One database of one size. Times in seconds, memory in megabytes."""

    database: str
    posts: int
    figures: dict[str, Figures]
    start: float
    memory: list[float]
    visible: float
    imported: float

    @property
    def name(self) -> str:
        return f"{self.database}, {self.posts:,} posts"


def main() -> None:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch, have, seconds = Path(folder), 0, 0.0
        with sqlite(scratch) as file, postgresql() as server:
            for database in (file, server):
                environment = environment_for(database.url, scratch)
                subprocess.run([BLOG, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
            for posts in sorted(map(int, sys.argv[1:] or SIZES)):
                begun = time.perf_counter()
                asyncio.run(fill([file.url, server.url], range(have, posts)))
                have, seconds = posts, seconds + time.perf_counter() - begun
                for database in (file, server):
                    print(f"{database.name}, {posts:,} posts", flush=True)
                    results.append(measure(database, posts, scratch))
                    report.write(results, rounds=ROUNDS, seconds=SECONDS, made=have / seconds)
    print(f"Written: {report.TARGET}")


def measure(database: Database, posts: int, scratch: Path) -> Result:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = environment_for(database.url, scratch, BASE_URL=base, PORT=str(port), LOG_LEVEL="WARNING")
    with ExitStack() as running:
        server = running.enter_context(serving([str(BLOG), "serve"], environment, port, database))
        _keep_page(port, scratch / "page")
        more = environment | {"BARE_PAGE": str(scratch / "page"), "PYTHONPATH": str(HERE), "MALLOC_ARENA_MAX": "2"}

        def also(*target: str, workers: int = 1) -> Server:
            command, its_port = granian(*target, workers=workers)
            return running.enter_context(serving(command, more, its_port, database))

        bare, body_alone = also("bare:app"), also("bare:body_alone")
        rendering, pair = also("uncached:app", "--factory"), also("uncached:app", "--factory", workers=2)
        figures = {kind.name: Figures() for kind in (BARE, BODY_ALONE, *KEPT, *RENDERED)}
        where = {BODY_ALONE: body_alone} | dict.fromkeys(KEPT, server) | dict.fromkeys(RENDERED, rendering)
        for _ in track(range(ROUNDS), "Measuring", disable=not sys.stderr.isatty()):
            for kind, asked in where.items():
                now = together(figures[BARE.name], bare, BARE, posts)
                figures[BARE.name].of_bare.append(1.0)
                figures[BARE.name].cost_of_bare.append(1.0)
                seen = figures[kind.name]
                alone(seen, asked, kind, posts)
                one = together(seen, asked, kind, posts)
                seen.of_bare.append(one / now)
                seen.cost_of_bare.append(figures[BARE.name].cost[-1] / seen.cost[-1])
                if kind in RENDERED:
                    two = ask(pair, kind, posts, TOGETHER).per_second
                    seen.pair.append(two)
                    seen.pair_of_bare.append(two / now)
                    seen.pair_of_one.append(two / one)
        # Pages that are all different fill what a process may keep.
        ask(server, POST, posts, TOGETHER, FILLING)
        memory = server.workers()
    add_writer(environment)
    imported = import_speed(environment, scratch / f"{database.name.lower()}-{posts}")
    visible = publish_to_visible(environment | {"WORKERS": "2"}, port, f"{posts}")
    return Result(database.name, posts, figures, server.start, memory, visible, imported)


def _keep_page(port: int, file: Path) -> None:
    """Keep the feed's bytes and headers for the bare application to send."""
    headers, body = fetch(port, "/")
    file.write_bytes(body)
    own = [(name.lower(), value) for name, value in headers if name.lower() not in ("server", "date")]
    file.with_suffix(".json").write_text(json.dumps(own))


def alone(seen: Figures, server: Server, kind: Kind, posts: int) -> None:
    """Ask over one connection."""
    came = ask(server, kind, posts, 1)
    seen.alone.append(came.per_second)
    seen.alone_p50.append(came.percentile(0.5))
    seen.alone_p99.append(came.percentile(0.99))


def together(seen: Figures, server: Server, kind: Kind, posts: int) -> float:
    """Ask over many connections; give the pages per second."""
    before = server.cpu()
    came = ask(server, kind, posts, TOGETHER)
    seen.cost.append((server.cpu() - before) * 1000 / max(1, len(came.latencies)))
    seen.per_second.append(came.per_second)
    seen.p50.append(came.percentile(0.5))
    seen.p99.append(came.percentile(0.99))
    seen.wrong += came.wrong
    return came.per_second


def ask(server: Server, kind: Kind, posts: int, connections: int, seconds: float = SECONDS) -> Seen:
    requests = kind.requests(posts, server.port)
    return load(server.port, requests, connections=connections, seconds=seconds, status=kind.status)


if __name__ == "__main__":
    main()
