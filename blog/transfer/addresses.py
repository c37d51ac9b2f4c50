"""Addresses that posts had on their old site, in the one form in which they are stored and looked up."""

import re
from urllib.parse import unquote

from blog.models.redirect import LONGEST_PATH

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def as_path(text: str) -> str | None:
    """Give the path of an address: one leading slash, none at the end, decoded; None when it cannot be a path here."""
    text = text.strip()
    if _SCHEME.match(text):
        rest = text.split("://", 1)
        if len(rest) != 2 or not rest[0].lower().startswith("http"):
            return None
        text = "/" + rest[1].partition("/")[2]
    path = unquote(re.split(r"[?#]", text, maxsplit=1)[0])
    parts = [part for part in path.split("/") if part]
    if not parts or any(part in {".", ".."} for part in parts) or not path.isprintable():
        return None
    clean = "/" + "/".join(parts)
    return clean if len(clean) <= LONGEST_PATH else None


def is_elsewhere(address: str) -> bool:
    """Tell whether an address names another site or another kind of thing, such as mailto."""
    return address.startswith("//") or bool(_SCHEME.match(address))
