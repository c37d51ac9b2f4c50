"""Addresses and identities made from words."""

import re
import unicodedata
from collections.abc import Container

LONGEST_SLUG = 80
_FILE_ENDINGS = (".md", ".xml", ".json")


def slugify(text: str) -> str:
    """Make an address part of a title, keeping the letters of every script; "" when it has neither letter nor digit."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else "-" for char in folded)
    slug = re.sub(r"-+", "-", kept).strip("-")
    if len(slug) > LONGEST_SLUG:
        cut = slug[:LONGEST_SLUG]
        slug = (cut.rsplit("-", 1)[0] if "-" in cut and slug[LONGEST_SLUG] != "-" else cut).strip("-")
    return slug if is_slug(slug) else ""


def is_slug(text: str) -> bool:
    """Tell whether this may be typed or imported as an address: at most 80 letters, digits and `-_.~`, no file name."""
    return (
        len(text) <= LONGEST_SLUG
        and all(unicodedata.category(char)[0] in "LMN" or char in "-_.~" for char in text)
        and text != ""
        and unicodedata.is_normalized("NFC", text)
        and not text.startswith(".")
        and not text.endswith(".")
        and not text.lower().endswith(_FILE_ENDINGS)
    )


def numbered(slug: str, taken: Container[str]) -> str:
    """Give the first of slug, slug-2, slug-3… that is not taken."""
    candidate, number = slug, 1
    while candidate in taken:
        number += 1
        ending = f"-{number}"
        candidate = slug[: LONGEST_SLUG - len(ending)].rstrip("-") + ending
    return candidate


def tag_key(name: str) -> str:
    """Give what makes two spellings one tag: letters without case, white space without width."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
