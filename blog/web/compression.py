"""Text answers in gzip for those who take it (RFC 9110, section 8.4).

Not for people who are signed in: a page that holds their form token and repeats what the address says would, when
compressed, give the token away letter by letter by its length (the BREACH attack).
"""

import gzip
from functools import lru_cache

from litestar.types import Scope

from blog.web.addresses import header
from blog.web.headers import Headers

SMALLEST = 500
LEVEL = 6
_TEXT = (b"text/", b"application/json", b"application/feed+json", b"application/atom+xml", b"application/rss+xml",
         b"application/xml", b"image/svg+xml")  # fmt: skip


def is_text(headers: Headers) -> bool:
    """Tell whether an answer is of a kind that compresses."""
    return any(name == b"content-type" and value.startswith(_TEXT) for name, value in headers)


def takes_gzip(scope: Scope) -> bool:
    """Tell whether the client takes gzip; a weight of 0 means that it does not."""
    for offer in header(scope, b"accept-encoding").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def compressed(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Compress an answer."""
    smaller = _gzip(body)
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"content-length", str(len(smaller)).encode())], smaller


@lru_cache(64)
def _gzip(body: bytes) -> bytes:
    # Stylesheets and scripts are asked for again and again; one moment for all keeps the bytes the same.
    return gzip.compress(body, LEVEL, mtime=0)
