"""The security headers that every answer carries, whatever its status and whoever made it."""

from collections.abc import Iterable

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Posts may show pictures, sound and film from elsewhere, as their writers chose.
        "img-src 'self' https:",
        "media-src 'self' https:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
_FILE_CSP = "default-src 'none'; sandbox"
_PLAYED_CSP = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
_READ_CSP = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def file_csp(content_type: str) -> str:
    """Say what an uploaded file may do when it is opened alone: a drawing can run nothing and load nothing.

    Browsers make a page of their own around sound, film and PDF, which must load the file and cannot from a sandbox.
    """
    if content_type == "application/pdf":
        return _READ_CSP
    return _PLAYED_CSP if content_type.startswith(("audio/", "video/")) else _FILE_CSP


ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
DEFAULTS = (
    (b"content-security-policy", CSP.encode()),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
SECRET = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    (b"cache-control", b"no-store"),
)
"""For addresses that are secrets themselves, whatever they answer: nobody keeps, lists or passes on anything."""
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
UNWANTED = frozenset({b"server", b"x-powered-by"})

Headers = list[tuple[bytes, bytes]]


def with_security(headers: Iterable[tuple[bytes, bytes]], *, https: bool, is_secret: bool = False) -> Headers:
    """Add to an answer's headers what every answer has and, where it says nothing itself, what most have."""
    always = {**dict(ALWAYS), **dict(SECRET)} if is_secret else dict(ALWAYS)
    kept = [(name, value) for name, value in headers if name.lower() not in always.keys() | UNWANTED]
    present = {name.lower() for name, _ in kept} | always.keys()
    kept += always.items()
    kept += [default for default in DEFAULTS if default[0] not in present]
    if https:
        kept.append(HSTS)
    return kept
