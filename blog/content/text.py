"""Text as it may be stored and shown."""

import hashlib
import re
import unicodedata

# All but what XML 1.0 (section 2.2) and HTML allow: no control characters other than tab and line feed, no lone
# surrogates, no noncharacters. PostgreSQL refuses NUL. Said by what is allowed, which is ten times faster to match.
_PLANES = "".join(f"{chr(start)}-{chr(start + 0xFFFD)}" for start in range(0x10000, 0x110000, 0x10000))
FORBIDDEN = re.compile(f"[^\t\n -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{_PLANES}]")


def clean_text(text: str) -> str:
    """Give a text that every database, page and feed can hold: NFC, line feeds only, no control characters."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", FORBIDDEN.sub("", _line_feeds(text)))


def has_forbidden(text: str) -> bool:
    """Tell whether clean_text would take characters out; line ends do not count."""
    return FORBIDDEN.search(_line_feeds(text)) is not None


def plain_excerpt(text: str, limit: int = 280) -> str:
    """Shorten a text to at most `limit` characters, at the end of a word, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    if text[len(cut)] != " " and " " in cut:
        cut = cut.rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:.–—-") + "…"


def text_hash(title: str, body: str) -> str:
    """Give a hash of what a text says, by which an approval knows whether it has changed since."""
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
