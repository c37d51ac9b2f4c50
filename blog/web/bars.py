"""Where the bars of a diagram stand. The template draws them (SVG); this tells their places and heights."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, GAP, HEIGHT = 10, 2, 100
LEAST = 1.5
"""How high a bar is that stands for little, so that it can be told from nothing."""
STEPS = (1, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, its number, and its place in the drawing."""

    label: str
    number: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A diagram: its bars from left to right, the number at its upper edge, and what its drawing measures."""

    bars: Sequence[Bar]
    top: int
    width: int
    total: int
    highest: Bar

    height: int = HEIGHT
    bar_width: int = WIDTH - GAP

    @classmethod
    def of(cls, numbers: Sequence[tuple[str, int]]) -> "Bars":
        """Lay out one bar for each label with its number; there must be one at least."""
        top = _round_up(max(number for _, number in numbers))
        bars = []
        for place, (label, number) in enumerate(numbers):
            height = max(LEAST, round(number / top * HEIGHT, 2)) if number else 0
            bars.append(Bar(label, number, place * WIDTH, HEIGHT - height, height))
        highest = max(bars, key=lambda bar: bar.number)
        return cls(bars, top, len(bars) * WIDTH - GAP, sum(bar.number for bar in bars), highest)


def _round_up(number: int) -> int:
    """Give the next number that is easy to read: 8, 10, 20, 30…"""
    power = 1
    while power * STEPS[-1] < number:
        power *= 10
    return next(step * power for step in STEPS if step * power >= number)
