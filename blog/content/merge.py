"""Bringing together what two people made of the same text.

Where only one of them changed something, their change holds; where both made the same change, it is made once. What
both changed differently is a conflict, and nothing of it is thrown away: a person chooses.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from blog.content.diff import Find, alike, lines_of, matches, word_matches, words_of
from blog.content.slugs import tag_key

FIELDS = (
    "title",
    "body",
    "excerpt",
    "description",
    "tags",
    "authors",
    "slug",
    "language",
    "visibility",
    "cover",
    "canonical_url",
)
"""What is merged of a post, in the order in which people are asked about it. A cover and what is said of it are one:
two lines."""
PROSE = {"body": "\n\n", "excerpt": " ", "description": " "}
"""The texts among them, and what stands between two versions of a part when both are to stay."""
NAMES: dict[str, Callable[[str], str]] = {"tags": tag_key, "authors": str}
"""The lists among them, separated by commas, and what makes two names the same."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A part that both changed: as it was, as I have it and as they have it. What did merge within it is in both."""

    base: str
    mine: str
    theirs: str


Part = str | Conflict
Chunk = tuple[str, str, str]


def merge_fields(base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, list[Part]]:
    """Merge what two people made of a post, field by field; each field in its parts."""
    parts: dict[str, list[Part]] = {}
    for field in FIELDS:
        versions = base[field], mine[field], theirs[field]
        if field in NAMES:
            names = [[name for name in version.split(", ") if name] for version in versions]
            parts[field] = [", ".join(merge_names(names[0], names[1], names[2], NAMES[field]))]
        else:
            parts[field] = merge_text(*versions) if field in PROSE else merge_value(*versions)
    return parts


def merge_text(base: str, mine: str, theirs: str) -> list[Part]:
    """Merge line by line, and word by word in lines that both changed; the parts in order."""
    settled = _settled(base, mine, theirs)
    if settled is not None:
        return [settled]
    parts: list[Part] = []
    for chunk in _chunks(lines_of(base), lines_of(mine), lines_of(theirs), matches):
        settled = _settled(*chunk)
        for part in _by_words(*chunk) if settled is None else [settled]:
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            elif part:
                parts.append(part)
    return parts or [""]


def merge_value(base: str, mine: str, theirs: str) -> list[Part]:
    """Merge what can only be one or the other, such as an address."""
    if mine == theirs or theirs == base:
        return [mine]
    return [theirs] if mine == base else [Conflict(base, mine, theirs)]


def merge_names(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], key: Callable[[str], str] = str
) -> list[str]:
    """Merge lists in which each name stands once: what either added is there, what either took out is not."""
    if mine == theirs or theirs == base:
        return list(mine)
    if mine == base:
        return list(theirs)
    was, here, there = ({key(name): name for name in names} for names in (base, mine, theirs))
    stays = [name for name in {**here, **there} if (name in here and name in there) or name not in was]
    # Whoever put them in another order set the order; the other's additions follow whom they followed.
    reordered = [name for name in here if name in was] != [name for name in was if name in here]
    first, second = (here, there) if reordered else (there, here)
    merged = [name for name in first if name in stays]
    before = ""
    for name in second:
        if name in stays and name not in merged:
            follows = merged.index(before) + 1 if before in merged else len(merged)
            merged.insert(follows if before else 0, name)
        before = name
    # Of two spellings the changed one holds.
    return [here[name] if name in here and here[name] != was.get(name) else there.get(name, name) for name in merged]


def both(conflict: Conflict, between: str) -> str:
    """Put both versions of a part one after the other."""
    if not conflict.mine or not conflict.theirs:
        return conflict.mine or conflict.theirs
    return conflict.mine + ("" if conflict.mine.endswith("\n") else between) + conflict.theirs


def _settled(base: str, mine: str, theirs: str) -> str | None:
    """Decide a part that at most one of them changed, or both in the same way; None when they differ."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    if base:
        return None
    # Both added something here, and one of them the other's words and more.
    longer, shorter = (mine, theirs) if len(mine) > len(theirs) else (theirs, mine)
    return longer if longer.startswith(shorter) or longer.endswith(shorter) else None


def _by_words(base: str, mine: str, theirs: str) -> list[Part]:
    sides = ["", "", ""]
    is_clean = True
    for chunk in _wider(_chunks(words_of(base), words_of(mine), words_of(theirs), word_matches)):
        settled = _settled(*chunk)
        is_clean = is_clean and settled is not None
        sides = [side + (part if settled is None else settled) for side, part in zip(sides, chunk, strict=True)]
    return [sides[1]] if is_clean else _narrowed(*sides)


def _narrowed(base: str, mine: str, theirs: str) -> list[Part]:
    """Take the lines out of a conflict that are the same in both versions at its beginning and its end."""
    here, there = lines_of(mine), lines_of(theirs)
    start = alike(here, there)
    end = alike(here[start:][::-1], there[start:][::-1])
    versions = (lines[start : len(lines) - end] for lines in (here, there))
    conflict = Conflict(base, *("".join(lines) for lines in versions))
    return ["".join(here[:start]), conflict, "".join(here[len(here) - end :])]


def _wider(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Take changes together that only a space keeps apart: two people who changed neighbouring words may disagree."""
    held: list[Chunk] = []
    for chunk in chunks:
        is_space = chunk[0] == chunk[1] == chunk[2] and chunk[0].isspace() and "\n" not in chunk[0]
        is_change = not chunk[0] == chunk[1] == chunk[2]
        if held and (is_space or is_change) and len(held) < 2:
            held.append(chunk)
        elif len(held) == 2 and is_change:
            held = [_joined([*held, chunk])]
        else:
            yield from held
            held = []
            if is_change:
                held = [chunk]
            else:
                yield chunk
    yield from held


def _joined(chunks: Sequence[Chunk]) -> Chunk:
    base, mine, theirs = ("".join(side) for side in zip(*chunks, strict=True))
    return base, mine, theirs


def _chunks(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], find: Find) -> Iterator[Chunk]:
    """Go through all three: tokens that all have, and the parts between them that differ."""
    in_mine, in_theirs = dict(find(base, mine)), dict(find(base, theirs))
    b = m = t = 0
    stable = [place for place in range(len(base)) if place in in_mine and place in in_theirs]
    for place in [*stable, len(base)]:
        to_mine, to_theirs = in_mine.get(place, len(mine)), in_theirs.get(place, len(theirs))
        if (b, m, t) != (place, to_mine, to_theirs):
            yield "".join(base[b:place]), "".join(mine[m:to_mine]), "".join(theirs[t:to_theirs])
        if place < len(base):
            yield base[place], base[place], base[place]
        b, m, t = place + 1, to_mine + 1, to_theirs + 1
