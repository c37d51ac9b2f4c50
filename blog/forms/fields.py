"""Reading typed text field by field: a value that can be used, or a sentence that says why not."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from blog.content.text import clean_text, has_forbidden
from blog.languages import gettext as _
from blog.languages import number
from blog.models.post import FIRST_YEAR, LAST_YEAR

Errors = dict[str, str]
LONGEST_NUMBER = 20
Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The fields of one form; `errors` fills while they are read, and what was typed is kept as far as it can be."""

    def __init__(self, typed: Mapping[str, object]) -> None:
        self._typed = typed
        self.errors: Errors = {}

    def text(self, name: str, *, longest: int, missing: str = "") -> str:
        """Read one line; `missing` is what to say when it is empty, and without it the field may be."""
        text = " ".join(self._clean(name).split())
        if len(text) > longest:
            self._too_long(name, text, longest)
        if missing and not text:
            self.errors.setdefault(name, missing)
        return text

    def prose(self, name: str, *, longest: int) -> str:
        """Read a text of several lines."""
        text = self._clean(name)
        if len(text) > longest:
            self._too_long(name, text, longest)
        return text

    def secret(self, name: str, *, missing: str) -> str:
        """Read a password exactly as it was sent: no trimming, no normalising."""
        value = self._typed.get(name, "")
        text = value if isinstance(value, str) else ""
        if not text:
            self.errors.setdefault(name, missing)
        return text

    def words(self, name: str, *, longest: int, most: int) -> list[str]:
        """Read a list separated by commas, without its empty parts."""
        words = [" ".join(part.split()) for part in self._clean(name).split(",")]
        words = [word for word in words if word]
        if len(words) > most:
            self.errors.setdefault(
                name, _("At most %(most)s fit here; there are %(count)s.") % {"most": most, "count": len(words)}
            )
        if too_long := next((word for word in words if len(word) > longest), None):
            sentence = _("“%(word)s…” is too long; at most %(most)s characters each.")
            self.errors.setdefault(name, sentence % {"word": too_long[:40], "most": longest})
        return words

    def choice(self, name: str, kind: type[Choice], default: Choice | None = None) -> Choice | None:
        """Read one of a set of values; None, with an error, when it is not in the set."""
        text = self._clean(name)
        if not text and default is not None:
            return default
        try:
            return kind(text)
        except ValueError:
            values = ", ".join(member.value for member in kind)
            self.errors.setdefault(name, _("Choose one of: %(values)s.") % {"values": values})
            return None

    def option(self, name: str, options: Sequence[str]) -> str:
        """Read one of a list of values that grow with the product; an empty one must be in the list too."""
        text = self._clean(name)
        if text not in options:
            self.errors.setdefault(name, _("Choose one from the list."))
        return text

    def whole(self, name: str, *, least: int, most: int) -> str:
        """Read a whole number between two others; what was typed is kept as text, to be shown again."""
        text = self._clean(name).strip()[:LONGEST_NUMBER]
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            sentence = _("Type a whole number from %(least)s to %(most)s.")
            self.errors.setdefault(name, sentence % {"least": number(least), "most": number(most)})
        return text

    def number(self, name: str) -> int:
        """Read a whole number; what is none counts as 0, which no row has."""
        text = self._clean(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= len("9223372036854775807") - 1 else 0

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Read a date and time on the clocks of `zone` (HTML's local date and time string); None when it is empty.

        A time that comes twice, because the clocks are put back over it, is the first of the two unless the field
        beside it, `{name}_fold`, says "1": the second (PEP 495).
        """
        text = self._clean(name).strip()
        if not text:
            return None
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            self.errors.setdefault(name, _("There is no such date and time; it is written like 2026-11-21T09:30."))
            return None
        if not FIRST_YEAR <= local.year < LAST_YEAR:
            sentence = _("The year must lie between %(first)s and %(last)s.")
            self.errors.setdefault(name, sentence % {"first": FIRST_YEAR, "last": LAST_YEAR})
            return None
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone, fold=self._clean(f"{name}_fold") == "1")
            if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
                sentence = _("The clocks of %(zone)s are put forward over this time; it does not exist.")
                self.errors.setdefault(name, sentence % {"zone": zone})
                return None
        return local.astimezone(UTC)

    def day(self, name: str) -> date | None:
        """Read a day (HTML's valid date string); None when it is empty."""
        text = self._clean(name).strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
            self.errors.setdefault(name, _("There is no such day; it is written like 2026-11-21."))
            return None
        return day

    def _too_long(self, name: str, text: str, longest: int) -> None:
        sentence = _("At most %(most)s characters fit here; this has %(count)s.")
        self.errors.setdefault(name, sentence % {"most": number(longest), "count": number(len(text))})

    def _clean(self, name: str) -> str:
        value = self._typed.get(name, "")
        if not isinstance(value, str):
            self.errors.setdefault(name, _("This must be text, not a file."))
            return ""
        if has_forbidden(value):
            self.errors.setdefault(
                name,
                _("There were control characters in this text, which cannot be stored. They are taken out below."),
            )
        return clean_text(value)


def day_begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Give the first moment of a day on the clocks of `zone`."""
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None
