"""Reading a record of an archive fact by fact. Anybody may have written the file, so each fact is checked as a form's is."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from blog.content.slugs import is_slug
from blog.content.text import clean_text, has_forbidden
from blog.models.post import FIRST_YEAR, LAST_YEAR
from blog.models.redirect import LONGEST_PATH

MOST_ITEMS = 10_000
MEDIA_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{3,4}")
Choice = TypeVar("Choice", bound=StrEnum)


class Unfit(ValueError):
    """A record that cannot be taken; the text says why."""


class Facts:
    """The facts of one record, each with what it must be. A record is read whole or raises Unfit."""

    def __init__(self, record: object) -> None:
        if not isinstance(record, Mapping):
            raise Unfit("There is no list of names with values.")
        self._record: Mapping[str, Any] = record

    def text(self, name: str, *, longest: int, needed: bool = False) -> str:
        return self._read(name, longest, needed, clean_text)

    def exactly(self, name: str, *, longest: int) -> str:
        """Read a text in which even the way counts in which an accent is written, such as the path of a file."""
        return self._read(name, longest, False, lambda text: clean_text(text) if has_forbidden(text) else text)

    def _read(self, name: str, longest: int, needed: bool, clean: Callable[[str], str]) -> str:
        value = self._record.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise Unfit(f"“{name}” is not a text.")
        text = clean(value)
        if len(text) > longest:
            raise Unfit(f"“{name}” has {len(text):,} characters; at most {longest:,} fit.")
        if needed and not text.strip():
            raise Unfit(f"“{name}” is missing.")
        return text

    def slug(self, name: str) -> str:
        text = self.text(name, longest=80, needed=True)
        if not is_slug(text):
            raise Unfit(f"“{text}” cannot be an address here.")
        return text

    def texts(self, name: str, *, longest: int) -> list[str]:
        return [Facts({name: one}).text(name, longest=longest) for one in self._items(name)]

    def records(self, name: str) -> "Sequence[Facts]":
        return [Facts(one) for one in self._items(name)]

    def flag(self, name: str) -> bool:
        return str(self._record.get(name, "")).lower() == "true"

    def whole(self, name: str, *, least: int, most: int, otherwise: int) -> int:
        text = str(self._record.get(name, otherwise))
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise Unfit(f"“{name}” is not a whole number from {least} to {most}.")
        return int(text)

    def choice(self, name: str, kind: type[Choice], otherwise: Choice) -> Choice:
        text = self._record.get(name) or otherwise
        if text not in {*kind}:
            raise Unfit(f"“{name}” is none of: {', '.join(kind)}.")
        return kind(str(text))

    def moment(self, name: str) -> datetime | None:
        value = self._record.get(name)
        if value in (None, ""):
            return None
        try:
            at = datetime.fromisoformat(str(value))
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unfit(f"“{name}” is not a date and time such as 2026-11-30T09:30:00Z.") from error
        if not FIRST_YEAR <= at.year < LAST_YEAR:
            raise Unfit(f"The year of “{name}” must lie between {FIRST_YEAR} and {LAST_YEAR}.")
        return at

    def paths(self, name: str) -> list[str]:
        """Read old addresses of this site as they are stored."""
        return [Facts({name: one}).path(name) for one in self._items(name)]

    def path(self, name: str) -> str:
        text = self.exactly(name, longest=LONGEST_PATH)
        if not text.startswith("/") or text == "/" or not text.isprintable() or {".", ".."} & set(text.split("/")):
            raise Unfit(f"“{text[:120]}” as “{name}” is not an address of a site.")
        return text

    def media(self, name: str) -> str:
        """Read the address of a file here; empty when there is none."""
        text = self.text(name, longest=LONGEST_PATH)
        if text and not (text.startswith("/media/") and MEDIA_NAME.fullmatch(text.removeprefix("/media/"))):
            raise Unfit(f"“{name}” is not the address of a file of this archive.")
        return text

    def _items(self, name: str) -> list[Any]:
        value = self._record.get(name) or []
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise Unfit(f"“{name}” is not a list.")
        return value
