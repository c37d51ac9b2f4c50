"""Addresses in posts: only kinds that are safe to follow, written so that HTML checkers and browsers agree on them."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

WEB_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_AUTHORITY = re.compile(r"(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^:/?#@]*)(?::([0-9]*))?(?=[/?#]|$)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# The URL standard's "URL code points", with % only before two hex digits.
_ODD = re.compile(
    r"%(?![0-9A-Fa-f]{2})|[^a-zA-Z0-9!$&'()*+,\-./:;=?@_~%\u00a0-\U0010fffd]|[\ue000-\uf8ff\U000f0000-\U0010fffd]"
)


def clean_url(written: str) -> str | None:
    """Give an address with odd characters percent-encoded; None for what is no address or of a kind that may not be."""
    url = re.sub(r"[\t\n\r]", "", written).strip("".join(map(chr, range(33))))
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _with_host("", url[2:]) if re.match(r"[/\\]{2}", url) else _relative(url)
    kind, rest = scheme[1].lower(), url[scheme.end() :]
    if kind not in WEB_SCHEMES:
        return None
    if kind in {"http", "https"}:
        return _with_host(f"{kind}:", rest.lstrip("/\\"))
    return f"{kind}:{_encode(rest)}" if rest.strip() else None


def is_page_address(written: str) -> bool:
    """Tell whether this is the whole address of a page: http or https, with a host."""
    return written.lower().startswith(("https://", "http://")) and clean_url(written) is not None


def is_elsewhere(url: str) -> bool:
    """Tell whether an address that clean_url made names its own host."""
    return url.startswith(("http:", "https:", "//"))


def _relative(url: str) -> str:
    path, *rest = re.split(r"(?=[?#])", url, maxsplit=1)
    first, slash, others = path.partition("/")
    # A colon in the first part would make it a scheme.
    return _encode(first.replace(":", "%3A") + slash + others + "".join(rest))


def _with_host(scheme: str, rest: str) -> str | None:
    match = _AUTHORITY.match(rest.replace("\\", "/") if "\\" in rest.split("?")[0] else rest)
    host = _host(match[2]) if match else None
    if match is None or host is None or int(match[3] or 0) > 65535:
        return None
    user = f"{_encode(match[1]).replace('#', '%23')}@" if match[1] else ""
    port = f":{match[3]}" if match[3] else ""
    return f"{scheme}//{user}{host}{port}{_encode(rest[match.end() :])}"


def _host(written: str) -> str | None:
    if written.startswith("["):
        try:
            return f"[{IPv6Address(written[1:-1]).compressed}]"
        except AddressValueError:
            return None
    try:
        host = written.lower() if written.isascii() else written.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            return None
    return host


def _encode(rest: str) -> str:
    before, mark, fragment = rest.partition("#")
    return _percent(before) + mark + _percent(fragment)


def _percent(text: str) -> str:
    return _ODD.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), text)
