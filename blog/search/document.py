"""A post as the index takes it in: the words of its title, of what it is about, and of its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from blog.content.words import compared

LONGEST_TEXT = 100_000
"""Characters of a post that can be found; both databases bound what one row may hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a post in their order, each with its stem."""

    words: Sequence[tuple[str, str]]

    @property
    def texts(self) -> tuple[str, str]:
        """The words, and their stems, each as a text with spaces between."""
        return " ".join([plain for plain, _ in self.words]), " ".join([stem for _, stem in self.words])

    @classmethod
    def of(cls, text: str, language: str) -> "Part":
        """Take a text apart in its language."""
        return cls(compared(text[:LONGEST_TEXT], language))


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
