"""What was asked of the speed, and whether the figures reach it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from run import Result

KEPT_OF_BARE = 0.85
FEED_OF_BARE = {"SQLite": 1 / 50, "PostgreSQL": 1 / 60}
POST_OF_BARE = 1 / 40
PAIR_OF_ONE = 1.7
MORE_POSTS = 1.3
DEEPEST = 2.0
SEARCH_MS = 50.0
VISIBLE_SECONDS = 1.0
WORKER_MB = 120.0
START_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of what was asked, as people read it."""

    name: str
    where: str
    asked: str
    measured: str
    is_reached: bool


def goals(results: "Sequence[Result]") -> Iterator[Goal]:
    """Hold each result against what was asked; growth is told of the smallest and the largest."""
    for result in results:
        yield from _of_one(result)
    for database in dict.fromkeys(result.database for result in results):
        own = [result for result in results if result.database == database]
        if len(own) > 1:
            yield from _of_growth(own[0], own[-1])


def _of_one(result: "Result") -> Iterator[Goal]:
    figures, where = result.figures, result.name

    def least(name: str, asked: float, measured: float) -> Goal:
        return Goal(name, where, f"≥ {share(asked)}", share(measured), measured >= asked)

    def most(name: str, asked: float, measured: float, unit: str) -> Goal:
        return Goal(name, where, f"≤ {asked:g}{unit}", f"{measured:.2f}{unit}", measured <= asked)

    feed, post = figures["Feed, first page"], figures["Post"]
    yield least("Kept feed, of bare", KEPT_OF_BARE, median(figures["Feed, kept"].of_bare))
    yield least("Kept post, of bare", KEPT_OF_BARE, median(figures["Post, kept"].of_bare))
    yield least("Feed on two workers, of bare", FEED_OF_BARE[result.database], median(feed.pair_of_bare))
    yield least("Post on two workers, of bare", POST_OF_BARE, median(post.pair_of_bare))
    yield least("Feed on two workers, of one", PAIR_OF_ONE, median(feed.pair_of_one))
    yield most(
        "Last page, of the first", DEEPEST, _milliseconds(result, "Feed, last page") / median(feed.alone_p50), ""
    )
    yield most("Publish to visible", VISIBLE_SECONDS, result.visible, " s")
    yield most("Memory of a worker", WORKER_MB, max(result.memory), " MB")
    yield most("First page after `blog serve`", START_SECONDS, result.start, " s")


def _of_growth(small: "Result", large: "Result") -> Iterator[Goal]:
    where = f"{small.database}, {small.posts:,} to {large.posts:,}"
    first = _milliseconds(large, "Feed, first page") / _milliseconds(small, "Feed, first page")
    yield Goal("First page as posts grow", where, f"≤ {MORE_POSTS:g}", f"{first:.2f}", first <= MORE_POSTS)
    for name in ("Search, common words", "Search, rare word"):
        more = _milliseconds(large, name) - _milliseconds(small, name)
        yield Goal(name, where, f"≤ +{SEARCH_MS:g} ms", f"{more:+.1f} ms", more <= SEARCH_MS)


def _milliseconds(result: "Result", name: str) -> float:
    return median(result.figures[name].alone_p50)


def share(part: float) -> str:
    """Write a part of what the bare application does: as a number, or as one in so many."""
    return f"{part:.2f}" if part > 0.1 else f"1/{1 / part:.0f}"
