"""What `SMTP_URL` says: which server takes our mail, how the way to it is kept private, and whom the mail is from."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
OPTIONS = frozenset({"tls", "from"})
_FROM = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mail and passes it on."""

    host: str
    port: int
    tls: str
    """`implicit` from the first byte, `starttls` before anything is said, or `none`."""
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    """The address that mail is from; empty leaves it to the site's own address."""


def parse_smtp_url(url: str) -> SmtpServer:
    """Read smtp://USER:PASSWORD@HOST:PORT?tls=starttls&from=ADDRESS; raise ValueError with a sentence for the operator.

    The sentence never repeats the URL, which holds a password. Without `tls`, a server on this machine is spoken to
    openly and any other only under TLS: who sits between must not make us send a password in clear.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ValueError("it is not an address such as smtp://USER:PASSWORD@HOST:587") from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or not url.isprintable():
        raise ValueError("it must look like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST")
    if " " in url or not 0 < port <= _LARGEST_PORT:
        raise ValueError("it must look like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST")
    options = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
    if unknown := options.keys() - OPTIONS:
        raise ValueError(f"it has options that are not known: {', '.join(sorted(unknown))}")
    user = unquote(parts.username or "")
    sender = options.get("from", user if "@" in user else "")
    if sender and not _FROM.fullmatch(sender):
        raise ValueError("from= must be an e-mail address, such as from=blog@example.org")
    return SmtpServer(
        parts.hostname, port, _tls(parts, options.get("tls", "")), user, unquote(parts.password or ""), sender
    )


def _tls(parts: SplitResult, asked: str) -> str:
    if parts.scheme == "smtps":
        if asked:
            raise ValueError("smtps:// is TLS from the first byte and takes no tls=")
        return "implicit"
    if asked not in {"", "starttls", "none"}:
        raise ValueError("tls= must be starttls or none")
    return asked or ("none" if parts.hostname in LOOPBACK_NAMES else "starttls")
