"""Answers that a client may keep and ask about again: 304 when nothing changed (RFC 9110, section 13)."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from litestar import Response

from blog.web.rendering import Asked


def conditional(request: Asked, body: bytes, content_type: str, modified: datetime | None = None) -> Response[bytes]:
    """Give the body, or 304 to a client that has it; every client asks again before it uses what it kept."""
    # A weak validator: the same answer may go out compressed or not (section 8.8.1).
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"content-type": content_type, "etag": etag, "cache-control": "public, no-cache"}
    if modified is not None:
        headers["last-modified"] = format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)
    if _has_it(request, etag, modified):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, headers=headers)


def _has_it(request: Asked, etag: str, modified: datetime | None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        # A date counts only where no tag is given (section 13.1.3).
        return known.strip() == "*" or etag.removeprefix("W/") in {
            tag.strip().removeprefix("W/") for tag in known.split(",")
        }
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
