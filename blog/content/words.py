"""The words of a text as search compares them: without case or accents, and with their stems.

Chinese and Japanese are written without spaces, so there each character counts as a word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Protocol

import snowballstemmer  # type: ignore[import-untyped]  # it has no types

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Marks that belong to the letter before them, which \w leaves out.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0971-\u0dff\u0e31-\u0e4e"
_WORD = re.compile(f"[{_CJK}]|(?:[^\\W_{_CJK}][{_MARKS}]*)+")
_ENDING = re.compile(r"['’ʼ][^\W_]{1,2}(?!\w)")  # Anna's, don't
_LATIN = re.compile("[a-z]")
LONGEST_WORD = 60
MOST_REMEMBERED = 10_000
"""Words whose stems are remembered; a text has most of its words from fewer, and each takes a quarter of a kilobyte."""
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "nl": "dutch", "nn": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip
"""Languages whose words have stems that Snowball knows; words of others are compared as they are."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it begins and ends there, and how it is compared."""

    start: int
    end: int
    plain: str
    stem: str


class Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's own name


def words(text: str, language: str) -> Iterator[Word]:
    """Find the words of a text in a language, given as a tag of BCP 47."""
    code = _code(language)
    for match in _WORD.finditer(_without_endings(text)):
        plain, stem = _compared(match[0][:LONGEST_WORD], code)
        yield Word(match.start(), match.end(), plain, stem)


def compared(text: str, language: str) -> list[tuple[str, str]]:
    """Give the words of a text, each with its stem, and not where they stand: a third of the work of `words`."""
    code = _code(language)
    return [_compared(word[:LONGEST_WORD], code) for word in _WORD.findall(_without_endings(text))]


def _code(language: str) -> str:
    return language.partition("-")[0].lower()


def _without_endings(text: str) -> str:
    # A space for each character of an ending keeps the places of the others.
    return _ENDING.sub(lambda ending: " " * len(ending[0]), text)


@lru_cache(MOST_REMEMBERED)
def _compared(word: str, code: str) -> tuple[str, str]:
    lower = word.casefold()
    stemmer = _stemmer(code)
    if stemmer is None:
        plain = _without_accents(lower)
        return plain, plain
    with _stemming:  # a stemmer holds the word that it works on
        stem = stemmer.stemWord(lower)
    return _without_accents(lower), _without_accents(stem)


_stemming = Lock()


@lru_cache
def _stemmer(code: str) -> Stemmer | None:
    found: Stemmer | None = snowballstemmer.stemmer(STEMMED[code]) if code in STEMMED else None
    return found


def _without_accents(word: str) -> str:
    """Take the accents from Latin letters; those of other scripts tell letters apart, such as Cyrillic й and и."""
    parts = unicodedata.normalize("NFD", word)
    if parts == word or not _LATIN.search(parts):
        return word
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))
