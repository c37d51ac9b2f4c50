"""Comparing and merging: nothing that anybody wrote disappears, and only what both changed is asked about."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.content.diff import Block, Piece, changed_words, compare, compare_words, folded, matches
from blog.content.merge import Conflict, Part, both, merge_names, merge_text, merge_value

WORDS = st.sampled_from(["a", "sea", "salt", "The", "日", "本", "é", ",", ".", " ", "  ", "\n", "\n\n", "# ", "\u0301"])
TEXTS = st.lists(WORDS, max_size=40).map("".join)
NAMES = st.lists(st.sampled_from("abcdefg"), unique=True)


@st.composite
def changed(draw: st.DrawFn, mark: str, base: str) -> str:
    """Change a text as a person does: take words out, put words in that nobody else has."""
    tokens = base.split(" ")
    for number in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(tokens)))
        gone = draw(st.integers(0, 3))
        added = [f"{mark}{number}"] * draw(st.integers(0, 1)) + ["\n\n"] * draw(st.integers(0, 1))
        tokens[place : place + gone] = added
    return " ".join(tokens)


@st.composite
def three(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(st.lists(st.sampled_from(["one", "two", "three", "\n", "\n\n", "four."]), max_size=30).map(" ".join))
    return base, draw(changed("m", base)), draw(changed("t", base))


def side(blocks: list[Block], name: str) -> str:
    return "".join(piece.text for block in blocks for piece in getattr(block, name))


def mine(parts: list[Part]) -> str:
    return "".join(part if isinstance(part, str) else part.mine for part in parts)


def swapped(parts: list[Part]) -> list[Part]:
    return [part if isinstance(part, str) else Conflict(part.base, part.theirs, part.mine) for part in parts]


def longest(old: str, new: str) -> int:
    row = [0] * (len(new) + 1)
    for one in old:
        before = row[:]
        for place, other in enumerate(new, 1):
            row[place] = before[place - 1] + 1 if one == other else max(before[place], row[place - 1])
    return row[-1]


@given(st.text("abc", max_size=40), st.text("abc", max_size=40))
def test_as_many_tokens_are_paired_as_can_be(old: str, new: str) -> None:
    pairs = matches(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert pairs == sorted(set(pairs))
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs) == longest(old, new)


@given(TEXTS, TEXTS)
def test_a_comparison_holds_both_texts_whole(old: str, new: str) -> None:
    blocks = compare(old, new)
    assert (side(blocks, "old"), side(blocks, "new")) == (old, new)
    for one, other, name in ((old, new, "removed"), (new, old, "added")):
        pieces = compare_words(old, new)
        kept = [piece.text for piece in pieces if piece.kind in {"same", name}]
        assert "".join(kept) == one, other
    assert all(block.is_same for block in compare(new, new))
    told = sum(text.count("\n") for block in folded(blocks) for text in [side([block], "old")])
    assert told <= old.count("\n")


def test_a_comparison_shows_words_and_leaves_chance_alone() -> None:
    assert compare_words("the red car stops", "the blue car stops") == [
        Piece("same", "the "), Piece("removed", "red"), Piece("added", "blue"), Piece("same", " car stops")
    ]  # fmt: skip
    old, new = "Everything here was written the day before.", "Nobody remembers whose idea the harbour had been?"
    assert [piece.kind for piece in compare_words(old, new)] == ["removed", "added"]
    assert changed_words("one two\n\nthree", "one 2\n\nthree four") == (2, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 200_000, "b\n" * 200_000),
        ("a b " * 100_000, "b a " * 110_000),
        ("\n\n".join(f"line {n}" for n in range(60_000)), "\n\n".join(f"line {n * 7 % 60_000}" for n in range(60_000))),
        ("".join(f"{n} " for n in range(100_000)), "".join(f"{n} " for n in range(100_000, 0, -1))),
        (" ".join("xyz"[n % 3] for n in range(300_000)), " ".join("xyz"[n * n % 3] for n in range(300_000))),
        ("日" * 300_000, "日本" * 150_000),
    ],
)
def test_huge_texts_are_compared_and_merged_soon(old: str, new: str) -> None:
    blocks = compare(old, new)
    assert (side(blocks, "old"), side(blocks, "new")) == (old, new)
    parts = merge_text(old, new, old[: len(old) // 2] + " mine " + old[len(old) // 2 :])
    assert mine(parts)


def test_far_apart_changes_in_a_huge_text_stay_small() -> None:
    lines = [f"Line {n} of it." if n % 3 else "" for n in range(60_000)]
    old, new = "\n".join(lines), "\n".join(["New.", *lines[:30_000], "Middle.", *lines[30_000:], "End."])
    added = [piece.text for block in compare(old, new) for piece in block.pieces if piece.kind != "same"]
    assert len("".join(added)) < 60


@given(TEXTS, TEXTS)
def test_who_changed_nothing_changes_nothing(base: str, other: str) -> None:
    assert merge_text(base, base, other) == merge_text(base, other, base) == merge_text(base, other, other) == [other]


@given(three())
def test_no_word_of_either_side_disappears_and_the_sides_are_equal(texts: tuple[str, str, str]) -> None:
    base, one, other = texts
    parts = merge_text(base, one, other)
    assert merge_text(base, other, one) == swapped(parts)
    shown = [part if isinstance(part, str) else both(part, "\n\n") for part in parts]
    words = "".join(shown).split()
    for text in (one, other):
        for word in set(text.split()) - set(base.split()):
            assert words.count(word) >= 1, word
    kept_mine, kept_theirs = mine(parts), mine(swapped(parts))
    assert set(one.split()) - set(base.split()) <= set(kept_mine.split())
    assert set(other.split()) - set(base.split()) <= set(kept_theirs.split())


@given(TEXTS, TEXTS, TEXTS)
def test_any_three_texts_keep_what_each_side_added(base: str, one: str, other: str) -> None:
    parts = merge_text(base, one, other)
    assert merge_text(base, other, one) == swapped(parts)
    for text, chosen in ((one, mine(parts)), (other, mine(swapped(parts)))):
        added = Counter(text) - Counter(base) - Counter(other if text is one else one)
        missing = added - Counter(chosen)
        assert not missing, "letters that only this side has are in its version"


@pytest.mark.parametrize(
    ("base", "one", "other", "merged"),
    [
        ("One.\n\nTwo.", "One!\n\nTwo.", "One.\n\nTwo?", "One!\n\nTwo?"),
        ("A red car stops here.", "A blue car stops here.", "A red car stops there.", "A blue car stops there."),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\nTwo.\n\nThree.\n\nFour.", "One.\n\nThree.\n\nFour."),
        ("One.", "Zero.\n\nOne.", "One.\n\nTwo.", "Zero.\n\nOne.\n\nTwo."),
        ("- a\n- b\n- c", "- a\n- x\n- b\n- c", "- a\n- b\n- c\n- d", "- a\n- x\n- b\n- c\n- d"),
        ("Words", "Words of mine", "Words of mine and more", "Words of mine and more"),
    ],
)
def test_changes_in_different_places_merge(base: str, one: str, other: str, merged: str) -> None:
    assert merge_text(base, one, other) == [merged]
    assert merge_text(base, other, one) == [merged]


@pytest.mark.parametrize(
    ("base", "one", "other"),
    [
        ("A red car.", "A blue car.", "A green car."),
        ("A red car.", "A blue car.", "A red bus."),
        ("Old.\n\nMiddle.\n\nEnd.", "Old.\n\nEnd.", "Old.\n\nMiddle, changed.\n\nEnd."),
        ("One.", "One.\n\nMine.", "One.\n\nTheirs."),
    ],
)
def test_what_both_changed_is_asked_about(base: str, one: str, other: str) -> None:
    parts = merge_text(base, one, other)
    assert sum(isinstance(part, Conflict) for part in parts) == 1
    assert (mine(parts), mine(swapped(parts))) == (one, other)


def test_within_a_conflict_the_rest_of_the_line_is_merged() -> None:
    base = "Here stands a red car in the sun, and nobody looks at it for the whole long day."
    one = base.replace("red", "blue").replace("Here", "There")
    other = base.replace("red", "green").replace("long", "short")
    conflict = merge_text(base, one, other)[0]
    assert isinstance(conflict, Conflict)
    assert conflict.mine == base.replace("red", "blue").replace("Here", "There").replace("long", "short")
    assert conflict.theirs == base.replace("red", "green").replace("Here", "There").replace("long", "short")


@given(NAMES, NAMES, NAMES)
def test_lists_of_names_merge_as_sets(base: list[str], one: list[str], other: list[str]) -> None:
    merged = merge_names(base, one, other)
    assert len(merged) == len(set(merged))
    assert set(merged) == (set(one) & set(other)) | ((set(one) | set(other)) - set(base))
    assert set(merge_names(base, other, one)) == set(merged)
    assert merge_names(base, base, one) == merge_names(base, one, base) == merge_names(base, one, one) == one


def test_names_keep_their_order_and_their_new_spelling() -> None:
    assert merge_names(["a", "b"], ["b", "a"], ["a", "c", "b"]) == ["b", "a", "c"]
    assert merge_names(["a", "b"], ["a", "b", "d"], ["c", "a", "b"]) == ["c", "a", "b", "d"]
    assert merge_names(["python"], ["Python"], ["python", "Sea"], str.casefold) == ["Python", "Sea"]


@given(st.text(), st.text())
def test_values_are_one_or_the_other(base: str, other: str) -> None:
    assert (
        merge_value(base, base, other) == merge_value(base, other, base) == merge_value(base, other, other) == [other]
    )
    assert merge_value("", "a", "b") == [Conflict("", "a", "b")]
