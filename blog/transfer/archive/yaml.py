"""Records as YAML that people, git, Hugo, Jekyll and our own reader read alike.

It is written here and not by a library because the same record must always give the same bytes: libyaml and PyYAML's
own writer fold and escape differently.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

# Begins with a letter or a slash, so it is no number, date or mark of YAML; what follows has no hash, no quotation mark,
# and no colon before a space.
_PLAIN = re.compile(r"(?:[^\W\d_]|/)(?:[\w/.,!?()+’–—@=~-]| (?! |$)|:(?=[\w/]))*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
# Escaped: what would end the string, what no eye sees, and what some readers of YAML take for the end of a line.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\ufffd]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def written(record: Mapping[str, object]) -> str:
    """Write a record, a name a line, in its order; what is empty, None or False is left out."""
    lines: list[str] = []
    for name, value in record.items():
        if value is None or value is False or (isinstance(value, Sequence) and not value):
            continue
        if isinstance(value, Sequence) and not isinstance(value, str):
            lines.append(f"{name}:")
            lines += [_item(one) for one in value]
        else:
            lines.append(f"{name}: {_scalar(value)}")
    return "".join(line + "\n" for line in lines)


def listed(record: Mapping[str, object]) -> str:
    """Write a record as one item of a list of records."""
    return _item(record) + "\n"


def moment(at: datetime) -> str:
    """Write a moment in UTC as RFC 3339 does, with a fraction only where there is one."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _item(value: object) -> str:
    if not isinstance(value, Mapping):
        return f"  - {_scalar(value)}"
    first, *others = written(value).splitlines()
    return "\n".join([f"  - {first}", *(f"    {line}" for line in others)])


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    return _text(str(value))


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not _ESCAPED.search(text):
        return text
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _SHORT:
        return _SHORT[letter]
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"
