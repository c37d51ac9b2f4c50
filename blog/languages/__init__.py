"""The languages of the interface: its sentences through gettext, its dates as their readers write them.

Sentences are written in English where they are used; a catalog beside this file gives them in another language.
"""

from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from blog.languages.offered import RIGHT_TO_LEFT

CATALOGS = Path(__file__).parent
SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """How to speak to readers: the sentences of the interface, and how dates and numbers are written."""

    tag: str
    locale: Locale
    sentences: NullTranslations


@lru_cache
def language(tag: str) -> Language:
    """Give a language by its tag; English stands in for one that is not known."""
    locale = _locale(tag) or Locale(SOURCE)
    return Language(tag, locale, _sentences(locale.language))


_spoken: ContextVar[Language] = ContextVar("language")
_written: ContextVar[str] = ContextVar("written", default=SOURCE)


def translated() -> tuple[str, ...]:
    """Name the languages that the whole interface speaks: those with a catalog, and English."""
    return tuple(sorted({SOURCE, *(path.stem for path in CATALOGS.glob("*.po"))}))


def speak(tag: str) -> None:
    """Use this language from now on, for what runs in this context: one request, or one command."""
    _spoken.set(language(tag))
    _written.set(tag)


def speak_to(tag: str) -> None:
    """Use a person's own language for the page that they get; what is stored for readers stays in that of the site."""
    _spoken.set(language(tag))


def written() -> str:
    """Give the language of what is stored for readers."""
    return _written.get()


def spoken() -> Language:
    """Give the language in use."""
    return _spoken.get(None) or language(SOURCE)


def gettext(sentence: str) -> str:
    """Say a sentence in the language in use."""
    return spoken().sentences.gettext(sentence)


def ngettext(one: str, many: str, number: int) -> str:
    """Say a sentence about a number of things, in the plural form that the number takes."""
    return spoken().sentences.ngettext(one, many, number)


def pgettext(context: str, sentence: str) -> str:
    """Say a sentence that means several things in English: `context` tells which, such as the name of a person."""
    return spoken().sentences.pgettext(context, sentence)


def mark(sentence: str) -> str:
    """Note a sentence for the catalogs where it stands as a constant; `gettext` says it later."""
    return sentence


def direction(tag: str) -> str:
    """Tell which way a language is written: "ltr" or "rtl"."""
    return "rtl" if tag in RIGHT_TO_LEFT else "ltr"


def day(moment: datetime) -> str:
    """Write a date as readers do, such as 21 November 2026; `moment` is in the zone to show."""
    return _day(moment.date(), spoken().locale)


@lru_cache(1000)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, format="long", locale=locale)


def month(moment: datetime) -> str:
    """Write a month with its year, such as November 2026."""
    return format_skeleton("yMMMM", moment, locale=spoken().locale)


def month_name(moment: datetime) -> str:
    """Name a month standing alone, such as November."""
    return format_date(moment.date(), format="LLLL", locale=spoken().locale)


def day_and_time(moment: datetime) -> str:
    """Write a date with its time and zone; `moment` is in the zone to show."""
    clock = format_time(moment.timetz(), format="short", locale=spoken().locale)
    return f"{day(moment)}, {clock} {moment.tzname()}"


def time_of_day(moment: datetime) -> str:
    """Write the time on the clock; `moment` is in the zone to show."""
    return str(format_time(moment.timetz(), format="short", locale=spoken().locale))


def weekdays() -> list[str]:
    """Name the days of a week in short, from Monday on."""
    names = spoken().locale.days["stand-alone"]["abbreviated"]
    return [names[number] for number in range(7)]


def first_weekday() -> int:
    """Tell on which day a week begins, 0 for Monday."""
    return spoken().locale.first_week_day


def whole_day(moment: datetime) -> str:
    """Write a date with the day of its week, such as Saturday, November 21, 2026."""
    return format_date(moment.date(), format="full", locale=spoken().locale)


def from_today(moment: datetime, today: datetime) -> str:
    """Tell how far away a day is: today, tomorrow, in 3 days; both are in the zone to show."""
    days = (moment.date() - today.date()).days
    if days in {-1, 0, 1}:
        return {-1: gettext("Yesterday"), 0: gettext("Today"), 1: gettext("Tomorrow")}[days]
    words: str = format_timedelta(timedelta(days=days), granularity="day", add_direction=True, locale=spoken().locale)
    return words[:1].upper() + words[1:]


def span(length: timedelta) -> str:
    """Say how long something lasts: in days if it is whole ones, else in hours."""
    hours = int(length.total_seconds()) // 3600
    days, rest = divmod(hours, 24)
    count, unit = (hours, "duration-hour") if rest else (days, "duration-day")
    return str(format_unit(count, unit, length="long", locale=spoken().locale))


def number(value: float) -> str:
    """Write a whole number with its thousands apart, such as 1,000; what is not whole gets one digit after the point."""
    return format_decimal(value, format=None if isinstance(value, int) else "#,##0.0", locale=spoken().locale)


def size(count: int) -> str:
    """Write how many bytes a file holds, such as 1.2 MB."""
    units = (("digital-gigabyte", 1e9), ("digital-megabyte", 1e6), ("digital-kilobyte", 1e3))
    unit, step = next((pair for pair in units if count >= pair[1]), units[-1])
    return format_unit(round(count / step, 1), unit, length="short", locale=spoken().locale)


@lru_cache
def _locale(tag: str) -> Locale | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    # Babel 2.18 keeps what it looks up in parts that all languages share: after Chinese, German months were Chinese.
    data: dict[Any, Any] = localedata.load(str(locale))
    own = localedata.LocaleDataDict(deepcopy(data))
    setattr(locale, "_Locale__data", own)  # noqa: B010 - a private name, which Python would mangle
    return locale


@lru_cache
def _sentences(code: str) -> NullTranslations:
    path = CATALOGS / f"{code}.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as written:
        catalog = read_po(written, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
