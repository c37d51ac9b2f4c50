"""A post as the index takes it in: the words of its title, of what it is about, and of its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from blog.content.words import Word, stream, words

LONGEST_TEXT = 100_000
"""Characters of a post that can be found; both databases bound what one row may hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a post, in their order."""

    words: Sequence[Word]

    @property
    def texts(self) -> tuple[str, str]:
        """The words, and their stems, each as a text with spaces between."""
        return stream(self.words)

    @classmethod
    def of(cls, text: str, language: str) -> "Part":
        """Take a text apart in its language."""
        return cls(list(words(text[:LONGEST_TEXT], language)))


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a post in the order of what a word in them is worth. `about` is its excerpt and tags."""

    language: str
    title: Part
    about: Part
    body: Part

    @classmethod
    def of(cls, title: str, about: str, body: str, language: str) -> "Document":
        """Take texts apart in their language."""
        return cls(language, *(Part.of(text, language) for text in (title, about, body)))
