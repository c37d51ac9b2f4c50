"""Where a text speaks of what was looked for: a few of its words, with the found ones marked."""

from collections.abc import Sequence
from itertools import pairwise

from blog.content.words import words
from blog.search.terms import Term, occurrences

Marked = list[tuple[str, bool]]
"""Pieces of a text in their order; True for those that were looked for."""

EXCERPT_WORDS = 32
BEFORE = 6


def marked(text: str, terms: Sequence[Term], language: str) -> Marked:
    """Mark what was found in a short text, such as a title."""
    found = list(words(text, language))
    return _pieces(text, [(found[first].start, found[after - 1].end) for first, after in occurrences(terms, found)])


def excerpt(text: str, terms: Sequence[Term], language: str) -> Marked:
    """Cut out the part of a text that holds the most of what was looked for; its beginning when nothing was found."""
    found = list(words(text, language))
    places = list(occurrences(terms, found))
    first = max(0, _richest(places) - BEFORE)
    last = min(len(found), first + EXCERPT_WORDS)
    if not found or first >= last:
        return []
    begin, end = found[first].start, found[last - 1].end
    spans = [(found[a].start - begin, found[b - 1].end - begin) for a, b in places if first <= a and b <= last]
    pieces = _pieces(" ".join(text[begin:end].split("\n")), spans)
    if first > 0:
        pieces.insert(0, ("… ", False))
    if last < len(found):
        pieces.append((" …", False))
    return pieces


def _richest(places: Sequence[tuple[int, int]]) -> int:
    """Give the number of the word from which on the most places lie within one excerpt."""
    best, where = 0, 0
    for number, (first, _) in enumerate(places):
        within = sum(after <= first + EXCERPT_WORDS - BEFORE for _, after in places[number : number + EXCERPT_WORDS])
        if within > best:
            best, where = within, first
    return where


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Marked:
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    edges = [0, *(edge for span in merged for edge in span), len(text)]
    return [(text[a:b], number % 2 == 1) for number, (a, b) in enumerate(pairwise(edges)) if a < b]
