"""What changed between two texts, line by line."""

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

MOST_LINES = 20_000
MOST_PAIRS = 400_000
LINES_AROUND = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """What both texts have, or only the old (removed) or only the new one (added): a line, or many when it is huge.

    A gap stands for lines that are left out; its text is their number.
    """

    kind: Literal["same", "removed", "added", "gap"]
    text: str


def compare(old: str, new: str) -> list[DiffLine]:
    """List the lines of both texts in order; where too much differs, the old and the new part are one block each."""
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MOST_LINES:
        return [DiffLine("same", old)] if old == new else [DiffLine("removed", old), DiffLine("added", new)]
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    last_before, last_after = len(before) - end, len(after) - end
    return [
        *(DiffLine("same", line) for line in before[:start]),
        *_between(before[start:last_before], after[start:last_after]),
        *(DiffLine("same", line) for line in before[last_before:]),
    ]


def folded(lines: list[DiffLine]) -> list[DiffLine]:
    """Leave out what is the same in both texts, but for a few lines around each change; a gap says how many."""
    near = {
        number + step
        for number, line in enumerate(lines)
        if line.kind != "same"
        for step in range(-LINES_AROUND, LINES_AROUND + 1)
    }
    kept: list[DiffLine] = []
    for is_near, run in groupby(enumerate(lines), lambda numbered: numbered[0] in near):
        part = [line for _, line in run]
        kept += part if is_near else [DiffLine("gap", str(len(part)))]
    return kept


def _alike(before: list[str], after: list[str]) -> int:
    """Count the lines that both begin with."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((number for number, (old, new) in pairs if old != new), min(len(before), len(after)))


def _between(before: list[str], after: list[str]) -> list[DiffLine]:
    if _pairs(before, after) > MOST_PAIRS:
        return [DiffLine("removed", "\n".join(before)), DiffLine("added", "\n".join(after))]
    lines: list[DiffLine] = []
    for tag, a_from, a_to, b_from, b_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [DiffLine("same", line) for line in before[a_from:a_to]]
        else:
            lines += [DiffLine("removed", line) for line in before[a_from:a_to]]
            lines += [DiffLine("added", line) for line in after[b_from:b_to]]
    return lines


def _pairs(before: list[str], after: list[str]) -> int:
    """Count the equal lines that difflib has to look at: its work grows with them, not with the length alone."""
    there = Counter(after)
    return sum(count * there[line] for line, count in Counter(before).items())
