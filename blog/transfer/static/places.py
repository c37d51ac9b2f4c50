"""Which file an address becomes, and how one file writes a link to another."""

import posixpath
import re
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

HTML = "text/html"
INDEX = "index.html"
NOT_FOUND = "404.html"
SAFE = "~:@!$&'()*+,;=-._"
LONGEST_NAME = 255
LONGEST_PATH = 1000
ENDINGS = {"application/xml": ".xml", "image/svg+xml": ".svg", "text/plain": ".txt", "text/markdown": ".md"}
"""What the name of a file ends with that has no ending of its own."""
NEEDS_SERVER = frozenset({
    "account", "admin", "api", "appearance", "health", "invitations", "login", "logout", "metrics", "new-password",
    "opensearch.xml", "password-reset", "register", "search", "setup", "shared", "studio", "unsubscribe",
})  # fmt: skip
"""What addresses begin with that only a running server answers, or that are secrets."""
_HTML_FILE = re.compile(r"\.html?", re.IGNORECASE)


def key_of(path: str, query: str = "") -> str:
    """Write an address in the one way by which it is known: of a query only the number of a later page counts."""
    number = parse_qs(query).get("page", ["1"])[0]
    path = quote(unquote(path), safe=f"/{SAFE}") or "/"
    return f"{path}?page={int(number)}" if number.isascii() and number.isdigit() and int(number[:10]) > 1 else path


def needs_server(key: str) -> bool:
    """Tell whether a file cannot stand in for an address."""
    return unquote(key).lstrip("/").partition("/")[0].partition("?")[0] in NEEDS_SERVER


def resolved(value: str, page: str, bases: tuple[str, ...]) -> tuple[str, str] | None:
    """Say what a link on a page leads to: the key of an address here and the place on it; None when it leads elsewhere.

    `page` is the key of the page, and `bases` are all the addresses by which the site goes.
    """
    value = value.strip()
    for base in bases:
        if value == base or value.startswith((f"{base}/", f"{base}?", f"{base}#")):
            value = value[len(base) :] or "/"
            break
    try:
        parts = urlsplit(urljoin(page, value))
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return None
    return key_of(parts.path, parts.query), parts.fragment


def file_of(key: str, content_type: str) -> str | None:
    """Name the file for what an address shows; None when no file can be called so."""
    path, _, page = unquote(key).partition("?page=")
    path = path.strip("/")
    if content_type == HTML:
        file = posixpath.join(path, "page", page, INDEX) if page else posixpath.join(path, INDEX)
        return _usable(path if _HTML_FILE.fullmatch(posixpath.splitext(path)[1]) else file)
    ending = ENDINGS.get(content_type, "")
    stem, own = posixpath.splitext(path)
    if content_type == "image/svg+xml" and own != ending:
        return _usable(stem + ending)  # by the name of its address, a host would take it for another kind of picture
    return _usable(path if own else path + ending)


def link_between(one: str, other: str) -> str:
    """Write the link from one file to another so that it holds wherever the folder lies, without any server too."""
    return quote(posixpath.relpath(other, posixpath.dirname(one) or "."), safe=f"/{SAFE}".replace(":", ""))


def address_of(file: str) -> str:
    """Write the path at which a web host shows a file: a folder stands for its index."""
    shown = file.removesuffix(INDEX) if posixpath.basename(file) == INDEX else file
    return "/" + quote(shown, safe=f"/{SAFE}")


def _usable(file: str) -> str | None:
    """Refuse what could lead out of the folder, what systems do not take as a name, and what is hidden."""
    parts = file.split("/")
    fine = all(
        part and not part.startswith(".") and "\\" not in part and part.isprintable()
        and len(part.encode(errors="surrogatepass")) <= LONGEST_NAME
        for part in parts
    )  # fmt: skip
    return file if fine and len(file.encode(errors="surrogatepass")) <= LONGEST_PATH else None
