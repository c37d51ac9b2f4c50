"""Titles, names and excerpts of WordPress as plain text: they may hold HTML there, and not here."""

import re
from html import unescape

from blog.content.text import clean_text

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]*>", re.IGNORECASE)


def plain(html: str) -> str:
    """Give the words of a piece of HTML, in one line."""
    text = unescape(_TAG.sub("", _BREAK.sub(" ", html)))
    # No-break spaces stay: they are meant.
    return re.sub(r"[ \t\n\r\f\v]+", " ", clean_text(text)).strip()
