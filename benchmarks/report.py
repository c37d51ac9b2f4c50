"""Writes what was measured to docs/benchmarks.md: tables, charts, and how each figure grows with the posts."""

import os
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chart import bars

if TYPE_CHECKING:
    from run import Figures, Result

TARGET = Path(__file__).parent.parent / "docs" / "benchmarks.md"
GROWING = ["Feed, first page", "Feed, last page", "Post", "Tag, first page", "Search"]
COLUMNS = ["Page", "Pages/s, 1 reader", "32 readers", "Of bare", "p50 ms", "p99 ms", "CPU ms", "2 workers", "Of bare"]


def write(results: "list[Result]", rounds: int, seconds: float) -> None:
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores shared by server, database and "
        f"load generator; medians of {rounds} rounds of {seconds:g} s.",
        "",
        "“Kept” pages come from the page cache; all others are rendered anew for each request, by the same application "
        "without that cache. The bare application sends the bytes of the feed and does nothing else, on the same "
        "server; it takes its turn before each kind of page, and “of bare” is the median of these ratios, to its one "
        "worker. Milliseconds are those with 32 readers at once; processor time is that of server and database "
        "together: the steadiest figure where cores are shared.",
        "",
        *growth(results),
    ]
    for result in results:
        lines += section(result)
    TARGET.write_text("\n".join(lines).rstrip() + "\n")


def growth(results: "list[Result]") -> Iterable[str]:
    """Show what a page costs as the posts become more."""
    yield "## As it grows"
    yield ""
    yield "Milliseconds from question to answer for one reader, each page rendered anew."
    yield ""
    yield f"| Page | {' | '.join(result.name for result in results)} |"
    yield f"|---{'|--:' * len(results)}|"
    for name in GROWING:
        cells = [f"{statistics.median(result.figures[name].first_p50):.1f}" for result in results]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


def section(result: "Result") -> list[str]:
    slug = f"bench-{result.database.lower()}-{result.posts}"
    costs = [(name, statistics.median(figures.cost)) for name, figures in result.figures.items()]
    picture = TARGET.parent / "images" / f"{slug}.svg"
    picture.write_text(bars(f"{result.name}: processor milliseconds for a page", costs))
    return [
        f"## {result.name}",
        "",
        f"![Processor milliseconds for each kind of page](images/{slug}.svg)",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---{'|--:' * (len(COLUMNS) - 1)}|",
        *(row(name, figures) for name, figures in result.figures.items()),
        "",
        f"Memory of each worker after this load: {', '.join(f'{each:.0f}' for each in result.memory)} MB. First page "
        f"{result.start:.1f} s after `blog serve`. A published post is on all of two workers after "
        f"{result.visible:.2f} s at most. Import: {result.imported:.0f} posts/s, the start of the command included. "
        f"The posts were made in {result.fill:.0f} s.",
        "",
    ]


def row(name: str, figures: "Figures") -> str:
    wrong = f" ({figures.wrong} wrong)" if figures.wrong else ""
    cells = [
        f"{name}{wrong}",
        *(f"{statistics.median(values):,.0f}" if values else "" for values in (figures.alone, figures.per_second)),
        share(figures.of_bare),
        *(f"{statistics.median(values):.1f}" for values in (figures.p50, figures.p99)),
        f"{statistics.median(figures.cost):.2f}",
        f"{statistics.median(figures.pair):,.0f}" if figures.pair else "",
        share(figures.pair_of_bare) if figures.pair else "",
    ]
    return f"| {' | '.join(cells)} |"


def share(parts: list[float]) -> str:
    """Write a part of what the bare application does: as a number, or as one in so many."""
    part = statistics.median(parts)
    return f"{part:.2f}" if part > 0.1 else f"1/{1 / part:.0f}"
