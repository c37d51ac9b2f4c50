"""Whose request it is: names of this host, and the address of the client behind trusted proxies."""

import ipaddress
from urllib.parse import urlsplit

from litestar.types import Scope

from blog.settings import LOOPBACK_NAMES, Settings

SECRET_FOLDERS = (
    "/shared/",
    "/register/",
    "/invitations/",
    "/password-reset/",
    "/account/mail/address/",
    "/unsubscribe/",
)


def header(scope: Scope, name: bytes) -> str:
    """Give the first header of that name, or an empty string."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def is_secret(path: str) -> bool:
    """Tell whether a path holds a secret: whoever knows it gets in, so it must not be told on."""
    return path.startswith(SECRET_FOLDERS)


def without_secret(path: str) -> str:
    """Give a path as it may stand in a log."""
    if not is_secret(path):
        return path
    folder = next(folder for folder in SECRET_FOLDERS if path.startswith(folder))
    _, _, rest = path.removeprefix(folder).partition("/")
    return f"{folder}…/{rest}" if rest else f"{folder}…"


def host_is_ours(scope: Scope, settings: Settings) -> bool:
    """Tell whether the request was sent to this site: one Host header, with our name or that of this machine."""
    hosts = [value for key, value in scope["headers"] if key.lower() == b"host"]
    if len(hosts) != 1:
        return False
    host = hosts[0].decode("latin-1")
    try:
        parts = urlsplit(f"//{host}")
        name, _port = parts.hostname, parts.port  # a port that is none raises ValueError
    except ValueError:
        return False
    return host == parts.netloc and "@" not in host and (name == settings.base_host or name in LOOPBACK_NAMES)


def origin_is_ours(scope: Scope, settings: Settings) -> bool:
    """Tell whether a request that changes something was sent by one of our own pages.

    Browsers say so in Sec-Fetch-Site or Origin (Fetch standard). Who sends none of them, nor a Referer, is no
    browser, and then nobody's cookies are being abused.
    """
    if header(scope, b"sec-fetch-site") not in {"", "same-origin", "none"}:
        return False
    origin = header(scope, b"origin")
    if origin == "null" and is_secret(scope["path"]):
        # Pages that send no referrer have browsers hide the origin of their forms too (Fetch standard, "append a
        # request Origin header"). Another site's page could say the same, but would have to know the secret path.
        return True
    if not origin and (referrer := header(scope, b"referer")):
        parts = urlsplit(referrer)
        origin = f"{parts.scheme}://{parts.netloc}"
    return not origin or origin in _origins(scope, settings)


def client_address(scope: Scope, settings: Settings) -> str:
    """Give the client's address; `X-Forwarded-For` counts only from trusted proxies, read from the right."""
    address = scope["client"][0] if scope["client"] else ""
    if not settings.trusted_proxies:
        return address
    hops = [hop.strip() for hop in header(scope, b"x-forwarded-for").split(",") if hop.strip()]
    while hops and _is_trusted(address, settings):
        address = hops.pop()
    return address[:45]


def _origins(scope: Scope, settings: Settings) -> set[str]:
    ours = {settings.base_url}
    if settings.is_loopback:
        # On one's own machine the same server is 127.0.0.1 and localhost, perhaps behind a mapped port.
        ours.add(f"http://{header(scope, b'host')}")
    return ours


def _is_trusted(address: str, settings: Settings) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in settings.trusted_proxies)
