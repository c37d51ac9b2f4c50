"""What changed between two texts, line by line."""

import difflib
from dataclasses import dataclass
from typing import Literal

MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line that both texts have, or only the old (removed) or only the new one (added)."""

    kind: Literal["same", "removed", "added"]
    text: str


def compare(old: str, new: str) -> list[DiffLine]:
    """List the lines of both texts in order; texts of very many lines are compared as two blocks."""
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MOST_LINES:
        return [DiffLine("removed", old), DiffLine("added", new)]
    lines: list[DiffLine] = []
    for tag, a_from, a_to, b_from, b_to in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [DiffLine("same", line) for line in before[a_from:a_to]]
        else:
            lines += [DiffLine("removed", line) for line in before[a_from:a_to]]
            lines += [DiffLine("added", line) for line in after[b_from:b_to]]
    return lines
