"""Writes what was measured to docs/benchmarks.md: goals, tables, charts, and how each figure grows with the posts."""

import os
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chart import bars
from goals import goals, share

if TYPE_CHECKING:
    from run import Figures, Result

TARGET = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PICTURES = TARGET.parent / "images"
COLUMNS = [
    "Page", "Pages/s, 1 reader", "p50 ms", "p99 ms", "32 readers", "p50 ms", "p99 ms", "Of bare", "CPU ms",
    "Of bare", "2 workers", "Of bare", "Of one",
]  # fmt: skip
INTRODUCTION = """\
Each page is asked for by one reader and by 32 at once. “Kept” pages come from the page cache of `blog serve` with one
worker; all others are rendered anew for each request, by the same application without that cache. The bare application
sends the feed as the blog does, with the same headers, and does nothing else, on the same server with one worker; it
takes its turn before each kind of page, and “of bare” is the median of these ratios. A second one sends the body with
two headers only. Processor time is that of server and database together, with 32 readers: the steadiest figure where
cores are shared. “Of one” compares two workers with one. What stays behind what was hoped for is looked into in
[speed](speed.md)."""


def write(results: "Sequence[Result]", *, rounds: int, seconds: float, made: float) -> None:
    for old in PICTURES.glob("bench-*.svg"):
        old.unlink()
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores shared by server, database and "
        f"load generator; medians of {rounds} rounds of {seconds:g} s. The posts were made in both databases at once, "
        f"{made:,.0f} a second.",
        "",
        INTRODUCTION,
        "",
        *_goals(results),
        *_growth(results),
    ]
    for result in results:
        lines += _section(result)
    TARGET.write_text("\n".join(lines).rstrip() + "\n")


def _goals(results: "Sequence[Result]") -> Iterable[str]:
    yield from ("## Goals", "", "| Goal | Where | Asked | Measured | |", "|---|---|--:|--:|---|")
    for goal in goals(results):
        yield f"| {goal.name} | {goal.where} | {goal.asked} | {goal.measured} | {'reached' if goal.is_reached else '**missed**'} |"
    yield ""


def _growth(results: "Sequence[Result]") -> Iterable[str]:
    """Show what a page costs as the posts become more."""
    yield from (
        "## As it grows",
        "",
        "Milliseconds from question to answer for one reader, each page rendered anew.",
        "",
    )
    for database in dict.fromkeys(result.database for result in results):
        own = [result for result in results if result.database == database]
        yield f"| {database} | {' | '.join(f'{result.posts:,}' for result in own)} |"
        yield f"|---{'|--:' * len(own)}|"
        for name, figures in own[0].figures.items():
            if figures.pair:
                cells = (f"{statistics.median(result.figures[name].alone_p50):.1f}" for result in own)
                yield f"| {name} | {' | '.join(cells)} |"
        yield ""


def _section(result: "Result") -> list[str]:
    slug = f"bench-{result.database.lower()}-{result.posts}"
    costs = [(name, statistics.median(figures.cost)) for name, figures in result.figures.items()]
    picture = PICTURES / f"{slug}.svg"
    picture.write_text(bars(f"{result.name}: processor milliseconds for a page", costs))
    return [
        f"## {result.name}",
        "",
        f"![Processor milliseconds for each kind of page](images/{slug}.svg)",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---{'|--:' * (len(COLUMNS) - 1)}|",
        *(_row(name, figures) for name, figures in result.figures.items()),
        "",
        f"Memory of the worker after this load: {', '.join(f'{each:.0f}' for each in result.memory)} MB. First page "
        f"{result.start:.1f} s after `blog serve`. A published post is on all of two workers after "
        f"{result.visible:.2f} s at most. Import: {result.imported:.0f} posts/s, the start of the command included.",
        "",
    ]


def _row(name: str, figures: "Figures") -> str:
    wrong = f" ({figures.wrong} wrong)" if figures.wrong else ""
    cells = [
        f"{name}{wrong}",
        *(_cell(figures.alone, ",.0f"), _cell(figures.alone_p50, ".1f"), _cell(figures.alone_p99, ".1f")),
        *(_cell(figures.per_second, ",.0f"), _cell(figures.p50, ".1f"), _cell(figures.p99, ".1f")),
        share(statistics.median(figures.of_bare)),
        _cell(figures.cost, ".2f" if statistics.median(figures.cost) >= 0.1 else ".3f"),
        share(statistics.median(figures.cost_of_bare)),
        _cell(figures.pair, ",.0f"),
        share(statistics.median(figures.pair_of_bare)) if figures.pair else "",
        _cell(figures.pair_of_one, ".2f"),
    ]
    return f"| {' | '.join(cells)} |"


def _cell(values: Sequence[float], form: str) -> str:
    return format(statistics.median(values), form) if values else ""
