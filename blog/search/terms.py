"""What somebody typed into the search field, and where it occurs in a text.

Every word must occur, as it is, as a beginning, or in another form of the word; "words in quotes" must stand
together; -words must not occur. Whatever else is typed is ignored, so nothing can be typed wrongly.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blog.content.text import clean_text
from blog.content.words import Word, words

LONGEST_QUERY = 200
MOST_TERMS = 12
SHORTEST_BEGINNING = 3
MOST_RANKED = 2000
"""Of words that more posts than this hold, the newest posts are ranked: whoever looks for such words adds others."""
COUNTED = 1000
"""So far posts that hold a word are counted: one that more hold tells nothing of what a post is about."""
_PART = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or several that must stand together; an excluded one must not occur."""

    words: tuple[Word, ...]
    is_excluded: bool

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1

    @property
    def is_beginning(self) -> bool:
        """Whether longer words that begin so are meant too; words of one or two letters begin too many."""
        return not self.is_phrase and len(self.words[0].plain) >= SHORTEST_BEGINNING


def parse(typed: str, language: str) -> tuple[Term, ...]:
    """Read a query; without anything to look for it gives nothing."""
    found: list[Term] = []
    for minus, phrase, word in _PART.findall(clean_text(typed)[:LONGEST_QUERY].replace("“", '"').replace("”", '"')):
        if parts := tuple(words(phrase or word, language)):
            found.append(Term(parts, is_excluded=bool(minus)))
    found = found[:MOST_TERMS]
    return tuple(found) if any(not term.is_excluded for term in found) else ()


def occurrences(terms: Sequence[Term], text: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Find where the terms occur among the words of a text: the numbers of the first and after the last word."""
    wanted = [term for term in terms if not term.is_excluded]
    for at in range(len(text)):
        length = max((len(term.words) for term in wanted if _occurs(term, text, at)), default=0)
        if length:
            yield at, at + length


def _occurs(term: Term, text: Sequence[Word], at: int) -> bool:
    if term.is_phrase:
        here = text[at : at + len(term.words)]
        return [word.plain for word in here] == [word.plain for word in term.words]
    word, wanted = text[at], term.words[0]
    if word.plain == wanted.plain or word.stem == wanted.stem:
        return True
    return term.is_beginning and word.plain.startswith(wanted.plain)
