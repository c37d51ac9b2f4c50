"""Addresses and identities made from words."""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import count

LONGEST_SLUG = 80
_FILE_ENDINGS = (".md", ".xml", ".json")
# Marks that show nothing by themselves, such as the emoji variation selector: two addresses would look alike.
_INVISIBLE_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def slugify(text: str) -> str:
    """Make an address part of a title, keeping the letters of every script; "" when it has neither letter nor digit."""
    folded = _INVISIBLE_MARKS.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    slug = re.sub("-+", "-", "".join(_or_hyphen(folded))).strip("-")
    if len(slug) > LONGEST_SLUG:
        cut = slug[: LONGEST_SLUG + 1]
        slug = (cut.rsplit("-", 1)[0] if "-" in cut else cut[:LONGEST_SLUG]).strip("-")
    return slug if is_slug(slug) else ""


def is_slug(text: str) -> bool:
    """Tell whether this may be typed or imported as an address: at most 80 letters, digits and `-_.~`, no file name."""
    return (
        0 < len(text) <= LONGEST_SLUG
        and all(kept == char or char in "_.~" for char, kept in zip(text, _or_hyphen(text), strict=True))
        and not _INVISIBLE_MARKS.search(text)
        and unicodedata.is_normalized("NFC", text)
        and not text.startswith(".")
        and not text.endswith(".")
        and not text.lower().endswith(_FILE_ENDINGS)
    )


def numbered(slug: str, taken: Container[str]) -> str:
    """Give the first of slug, slug-2, slug-3… that is not taken."""
    return next(candidate for candidate in candidates(slug) if candidate not in taken)


def candidates(slug: str) -> Iterator[str]:
    """Give slug, slug-2, slug-3… without end, none too long."""
    yield slug
    for number in count(2):
        ending = f"-{number}"
        yield slug[: LONGEST_SLUG - len(ending)].rstrip("-.") + ending


class Numbering:
    """Gives each of many names one of its own: name, name-2, name-3…; a thousand that are the same cost no more."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._reached: dict[str, int] = {}

    def next(self, name: str) -> str:
        """Give the first that is not taken, and take it."""
        number = self._reached.get(name, 0)
        candidate = ""
        while not candidate or candidate in self.taken:
            number += 1
            candidate = name if number == 1 else f"{name}-{number}"
        self._reached[name] = number
        self.taken.add(candidate)
        return candidate


def tag_key(name: str) -> str:
    """Give what makes two spellings one tag: letters without case, white space without width."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def _or_hyphen(text: str) -> list[str]:
    """Give the characters of a text, hyphens for all but letters, digits, and marks that stand on one of these."""
    kept: list[str] = []
    base = False
    for char in text:
        category = unicodedata.category(char)
        base = category[0] == "L" or category == "Nd" or (base and category in {"Mn", "Mc"})
        kept.append(char if base else "-")
    return kept
