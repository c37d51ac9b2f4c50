"""What changed between two texts: which lines, and within lines that changed which words.

The time is bounded however long and repetitive the texts are: equal tokens are found with whole numbers as rows of
bits, one bit for each token (H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

MOST_CELLS = 60_000_000
"""How many pairs of tokens are compared with one another, at most; more are told apart by those that occur once."""
MOST_PASSES = 5
LINES_AROUND = 2

_LINES = re.compile(r"[^\n]+|\n+")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_MARKS = r"!-/:-@\[-`{-~"
_WORDS = re.compile(rf"\n+|[^\S\n]+|[{_CJK}]|[{_MARKS}]|[^\s{_CJK}{_MARKS}]+")

Match = tuple[int, int]
Find = Callable[[Sequence[str], Sequence[str]], list[Match]]
Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: what both have, or only the old (removed) or only the new one (added)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that both texts have, or that changed; `skipped` counts the lines that are left out here."""

    pieces: tuple[Piece, ...]
    skipped: int = 0

    @property
    def is_same(self) -> bool:
        return all(piece.kind == "same" for piece in self.pieces)

    @property
    def old(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != "added"]

    @property
    def new(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != "removed"]


def compare(old: str, new: str) -> list[Block]:
    """List the lines of both texts in order, those that are the same and those that changed in blocks of their own."""
    blocks: list[Block] = []
    for before, after in differences(lines_of(old), lines_of(new), matches):
        if before == after:
            # The end of a line that changed belongs to it.
            end = len(before) - len(before.lstrip("\n")) if blocks else 0
            if end:
                blocks[-1] = Block((*blocks[-1].pieces, Piece("same", before[:end])))
            if before[end:]:
                blocks.append(Block((Piece("same", before[end:]),)))
        else:
            blocks.append(Block(tuple(compare_words(before, after))))
    return blocks


def compare_words(old: str, new: str) -> list[Piece]:
    """List the words of both texts in order."""
    pieces: list[Piece] = []
    for before, after in differences(words_of(old), words_of(new), word_matches):
        if before == after:
            pieces.append(Piece("same", before))
        else:
            pieces += [Piece("removed", before)] if before else []
            pieces += [Piece("added", after)] if after else []
    return pieces


def folded(blocks: list[Block]) -> list[Block]:
    """Leave out what is the same in both texts, but for a few lines around each change."""
    kept: list[Block] = []
    for number, block in enumerate(blocks):
        lines = "".join(piece.text for piece in block.pieces).splitlines(keepends=True)
        head = LINES_AROUND if number else 0
        tail = LINES_AROUND if number < len(blocks) - 1 else 0
        if not block.is_same or len(lines) <= head + tail + 1:
            kept.append(block)
            continue
        gap = Block((), len(lines) - head - tail)
        around = ["".join(lines[:head]), "".join(lines[len(lines) - tail :])]
        before, after = (Block((Piece("same", text),)) if text else None for text in around)
        kept += [part for part in (before, gap, after) if part]
    return kept


def changed_words(old: str, new: str) -> tuple[int, int]:
    """Count the words that were added and those that were removed."""
    counts: Counter[str] = Counter()
    for block in compare(old, new):
        for piece in block.pieces:
            counts[piece.kind] += sum(any(map(str.isalnum, word)) for word in words_of(piece.text))
    return counts["added"], counts["removed"]


def lines_of(text: str) -> list[str]:
    """Take a text apart into lines and what lies between them; joined they are the text."""
    return _LINES.findall(text)


def words_of(text: str) -> list[str]:
    """Take a text apart into words, spaces and marks; joined they are the text."""
    return _WORDS.findall(text)


def differences(old: Sequence[str], new: Sequence[str], find: Find) -> Iterator[tuple[str, str]]:
    """Go through both: pairs of the same text, and pairs of an old and a new one between them."""
    i = j = 0
    ends = [*find(old, new), (len(old), len(new))]
    same: list[str] = []
    for to_old, to_new in ends:
        if (to_old, to_new) != (i, j):
            if same:
                yield "".join(same), "".join(same)
                same = []
            yield "".join(old[i:to_old]), "".join(new[j:to_new])
        same += old[to_old : to_old + 1]
        i, j = to_old + 1, to_new + 1
    if same:
        yield "".join(same), "".join(same)


def matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Pair tokens that both have, in order and as many as can be found; give the places of each pair."""
    start = alike(old, new)
    end = alike(old[start:][::-1], new[start:][::-1])
    middle = _between(old[start : len(old) - end], new[start : len(new) - end])
    return [
        *((place, place) for place in range(start)),
        *((start + i, start + j) for i, j in middle),
        *((len(old) - back, len(new) - back) for back in range(end, 0, -1)),
    ]


def word_matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Pair words, but not those few that by chance stand in both between longer parts that differ."""
    runs = _runs(matches(old, new))
    for _ in range(MOST_PASSES):
        kept = [run for number, run in enumerate(runs) if not _is_chance(old, new, runs, number)]
        if len(kept) == len(runs):
            break
        runs = kept
    return [pair for run in runs for pair in run]


def _runs(pairs: list[Match]) -> list[list[Match]]:
    numbered = groupby(enumerate(pairs), lambda one: (one[1][0] - one[0], one[1][1] - one[0]))
    return [[pair for _, pair in run] for _, run in numbered]


def _is_chance(old: Sequence[str], new: Sequence[str], runs: list[list[Match]], number: int) -> bool:
    """Tell whether a run of equal words is shorter than what differs before it and what differs after it."""
    first, last = runs[number][0], runs[number][-1]
    before = runs[number - 1][-1] if number else (-1, -1)
    after = runs[number + 1][0] if number + 1 < len(runs) else (len(old), len(new))
    length = _length(old[first[0] : last[0] + 1])
    around = (
        max(_length(old[start[0] + 1 : stop[0]]), _length(new[start[1] + 1 : stop[1]]))
        for start, stop in ((before, first), (last, after))
    )
    return all(length <= change for change in around)


def _length(tokens: Sequence[str]) -> int:
    return sum(map(len, tokens))


def alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the tokens that both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((number for number, (one, other) in pairs if one != other), min(len(old), len(new)))


def _between(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    if not old or not new:
        return []
    if len(old) * len(new) <= MOST_CELLS:
        return _longest(old, new)
    found: list[Match] = []
    i = j = 0
    for to_old, to_new in [*_anchors(old, new), (len(old), len(new))]:
        if 0 < (to_old - i) * (to_new - j) <= MOST_CELLS:
            found += [(i + one, j + other) for one, other in _longest(old[i:to_old], new[j:to_new])]
        if to_old < len(old):
            found.append((to_old, to_new))
        i, j = to_old + 1, to_new + 1
    return found


def _longest(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Find a longest common subsequence."""
    if len(old) > len(new):
        return [(i, j) for j, i in _longest(new, old)]
    at = _places(old, new)
    full = (1 << len(new)) - 1
    rows, row = [], full
    for token in old:
        hit = row & at.get(token, 0)
        row = ((row + hit) | (row - hit)) & full
        rows.append(row)
    found: list[Match] = []
    i, j = len(old), len(new)
    while i and j:
        if rows[i - 1] >> (j - 1) & 1:
            j -= 1
            continue
        i -= 1
        if not i or rows[i - 1] >> (j - 1) & 1:
            j -= 1
            found.append((i, j))
    return found[::-1]


def _places(old: Sequence[str], new: Sequence[str]) -> dict[str, int]:
    """Say as bits where in the new text each token of the old one stands."""
    bits: dict[str, bytearray] = {}
    wanted = set(old)
    for place, token in enumerate(new):
        if token in wanted:
            if token not in bits:
                bits[token] = bytearray(len(new) // 8 + 1)
            bits[token][place // 8] |= 1 << place % 8
    return {token: int.from_bytes(row, "little") for token, row in bits.items()}


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Pair tokens that each text has once, as many as come in the same order."""
    in_old, in_new = Counter(old), Counter(new)
    place = {token: number for number, token in enumerate(new) if in_new[token] == 1}
    pairs = [(number, place[token]) for number, token in enumerate(old) if in_old[token] == 1 and token in place]
    ends: list[int] = []
    chains: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(chains[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        chains[length : length + 1] = [number]
    chosen: list[Match] = []
    last = chains[-1] if chains else -1
    while last >= 0:
        chosen.append(pairs[last])
        last = before[last]
    return chosen[::-1]
