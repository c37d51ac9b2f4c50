"""Parts of a file, as players and interrupted downloads ask for them (RFC 9110, section 14)."""

import re

_RANGE = re.compile(r"bytes=[ \t]*(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})[ \t]*", re.I)


class OutOfRange(ValueError):
    """The file ends before what was asked for begins."""


def asked_part(header: str, size: int) -> tuple[int, int] | None:
    """Read which bytes of a file of `size` are asked for: the first and the last; None for the whole.

    A header that is not understood asks for the whole, and so does one that names several parts, as section 14.2
    allows: no player needs them. Raise OutOfRange.
    """
    match = _RANGE.fullmatch(header)
    if match is None or match["first"] == match["last"] == "":
        return None
    if not match["first"]:
        first, last = max(0, size - int(match["last"])), size - 1
    else:
        first, last = int(match["first"]), min(int(match["last"] or size - 1), size - 1)
        if match["last"] and int(match["last"]) < first:
            return None
    if first >= size or (not match["first"] and int(match["last"]) == 0):
        raise OutOfRange
    return first, last


def is_current(header: str, etag: str) -> bool:
    """Tell whether If-Range allows a part: it names this very version, or there is none (section 13.1.5)."""
    return header in {"", etag}


def is_known(header: str, etag: str) -> bool:
    """Tell whether If-None-Match names this version, which then need not be sent (section 13.1.2)."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}
