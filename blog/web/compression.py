"""Content codings of text answers (RFC 9110, section 8.4).

Only for what is the same for everybody: a page that holds somebody's form token and repeats what the address says
would, when compressed, give the token away letter by letter by its length (the BREACH attack).
"""

import gzip
from functools import lru_cache

import brotli  # type: ignore[import-untyped]  # it has no types
import zstandard

from blog.web.headers import Headers

SMALLEST = 500
"""Bytes from which on compressing is worth it."""
GZIP_LEVEL, BROTLI_QUALITY, ZSTD_LEVEL = 6, 5, 5
SMALLEST_WINDOW, LARGEST_WINDOW = 16, 22
"""Of Brotli, as powers of two (RFC 7932, section 9.1)."""
PACKED = "br"
"""The coding in which pages are kept: the one that most readers take."""
BEST_BROTLI = 11
PREFERRED = ("br", "zstd", "gzip")
STYLES = frozenset({"text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"})
"""The kinds of the theme's files that compress."""
_TEXT = (b"text/", b"application/json", b"application/feed+json", b"application/atom+xml", b"application/rss+xml",
         b"application/xml", b"image/svg+xml")  # fmt: skip


def is_text(headers: Headers) -> bool:
    """Tell whether an answer is of a kind that compresses."""
    return any(name == b"content-type" and value.startswith(_TEXT) for name, value in headers)


@lru_cache(500)
def chosen(accepted: str) -> str:
    """Choose a coding that the client takes, by its Accept-Encoding (section 12.5.3); "" for none."""
    takes: dict[str, bool] = {}
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        takes[coding.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((coding for coding in PREFERRED if takes.get(coding, takes.get("*", False))), "")


def coded(body: bytes, coding: str, *, best: bool = False) -> bytes:
    """Compress a body; `best` takes its time, for what is compressed once and for all."""
    if coding == "br":
        # A window no larger than the body: a third of the work went into making the usual one ready.
        window = min(max(len(body).bit_length(), SMALLEST_WINDOW), LARGEST_WINDOW)
        squeezed: bytes = brotli.compress(body, quality=BEST_BROTLI if best else BROTLI_QUALITY, lgwin=window)
        return squeezed
    if coding == "zstd":
        # What the library gives holds as much room as the worst case would have needed; a copy does not.
        return bytes(memoryview(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)))
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def packed(body: bytes) -> bytes:
    """Compress a body to keep it."""
    return coded(body, PACKED)


def unpacked(body: bytes) -> bytes:
    """Give back what was packed."""
    whole: bytes = brotli.decompress(body)
    return whole


@lru_cache(200)
def once(body: bytes, coding: str) -> bytes:
    """Compress a file of the theme as well as can be, once."""
    return coded(body, coding, best=True)
