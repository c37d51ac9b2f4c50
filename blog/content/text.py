"""Text as it may be stored and shown."""

import re
import unicodedata

# What XML 1.0 cannot hold (section 2.2), and NUL, which PostgreSQL refuses: all but tab and line feed.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean_text(text: str) -> str:
    """Give a text that every database, page and feed can hold: NFC, line feeds only, no control characters."""
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", _line_feeds(text)))


def has_forbidden(text: str) -> bool:
    """Tell whether clean_text would take characters out; line ends do not count."""
    return _FORBIDDEN.search(_line_feeds(text)) is not None


def plain_excerpt(text: str, limit: int = 280) -> str:
    """Shorten a text to at most `limit` characters, at the end of a word, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:.–—-") + "…"


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
