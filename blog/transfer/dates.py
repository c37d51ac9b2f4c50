"""Dates as front matter and file names write them, in any zone."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from blog.models.post import FIRST_YEAR, LAST_YEAR

_DATE = re.compile(
    r"""(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})
        (?:(?:[Tt]|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?
           \s*(?P<half>[AaPp][Mm])?\s*(?P<zone>[A-Za-z][A-Za-z0-9_+/-]*|[+-]\d{1,2}(?::?\d{2})?)?)?""",
    re.VERBOSE,
)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
# The abbreviations of RFC 2822, section 4.3; others mean different zones in different countries.
_ABBREVIATED = {"Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7} | {
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}


def read_date(value: object) -> datetime | None:
    """Read a date; without a zone it is UTC, without a time it is midnight. None when it is no date of a post.

    The moment keeps the zone that it was written in, because old addresses are made of the day there.
    """
    try:
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        else:
            moment = _read_text(str(value).strip())
    except (ValueError, OverflowError, TypeError, ZoneInfoNotFoundError, OSError):
        return None
    return moment if FIRST_YEAR <= moment.year < LAST_YEAR else None


def _read_text(text: str) -> datetime:
    match = _DATE.fullmatch(text)
    if match is None:
        moment = parsedate_to_datetime(text[:100])
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    microsecond = int((match["part"] or "0")[:6].ljust(6, "0"))
    day = int(match["year"]), int(match["month"]), int(match["day"])
    time = hour, int(match["minute"] or 0), int(match["second"] or 0), microsecond
    return datetime(*day, *time, tzinfo=_read_zone(match["zone"]))


def _read_zone(text: str | None) -> tzinfo:
    if text is None:
        return UTC
    if offset := _OFFSET.fullmatch(text):
        distance = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(distance if offset[1] == "+" else -distance)
    if (hours := _ABBREVIATED.get(text.upper())) is not None:
        return timezone(timedelta(hours=hours))
    return ZoneInfo(text)
