"""Every knob of the blog, read once from the environment or a `.env` file beside it.

A bad value raises `SettingsError` whose text is a sentence for the operator.
Nothing else in the code reads the environment.
"""

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from blog.smtp import parse_smtp_url

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_SECRET = 32
LARGEST_PORT = 65535
LONGEST_SESSION = 366 * 24
LEAST_MEMORY, MOST_MEMORY = 19456, 4 * 1024 * 1024  # KiB; the least is OWASP's for two rounds or more
DEFAULT_DATABASE = "sqlite+aiosqlite:///var/blog.db"
# What may stand behind the ? of a PostgreSQL URL; the driver ends in a traceback at anything it does not know.
POSTGRESQL_OPTIONS = frozenset(
    {"host", "port", "ssl", "passfile", "target_session_attrs", "prepared_statement_cache_size"}
)
DEFAULT_PORTS = {"http": 80, "https": 443}
_ADDRESS = re.compile(r"(https?)://([a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?/?")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9/_.-]*)?")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """A setting that cannot be used; the text says which one and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    database_url: str = DEFAULT_DATABASE
    """`DATABASE_URL`: where the data is: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`."""
    database_replica_url: str = ""
    """`DATABASE_REPLICA_URL`: a PostgreSQL standby that pages for visitors are read from; without it the database is."""
    secret_key: str = field(default="", repr=False)
    """`SECRET_KEY`: signs form tokens, at least 32 characters; made once into `var/secret_key` when unset."""
    base_url: str = "http://127.0.0.1:8000"
    """`BASE_URL`: the public address; absolute links and cookies follow it, never the Host header."""
    host: str = "127.0.0.1"
    """`HOST`: the address to listen on."""
    port: int = 8000
    """`PORT`: the port to listen on."""
    workers: int = 1
    """`WORKERS`: how many processes serve."""
    media_url: str = "var/media"
    """`MEDIA_URL`: where uploaded files are: a folder, or `s3://BUCKET/PREFIX`."""
    aws_endpoint_url: str = ""
    """`AWS_ENDPOINT_URL`: where the bucket is, when it is not at Amazon; the names of these five are Amazon's."""
    aws_region: str = ""
    """`AWS_REGION`: the region of the bucket."""
    aws_access_key_id: str = ""
    """`AWS_ACCESS_KEY_ID`: the key that may read and write the bucket."""
    aws_secret_access_key: str = field(default="", repr=False)
    """`AWS_SECRET_ACCESS_KEY`: the secret of that key."""
    aws_session_token: str = field(default="", repr=False)
    """`AWS_SESSION_TOKEN`: what a temporary key needs besides."""
    smtp_url: str = field(default="", repr=False)
    """`SMTP_URL`: the server that takes mail: `smtp://USER:PASSWORD@HOST:587?from=ADDRESS`, or `smtps://`; see README."""
    trusted_proxies: tuple[Network, ...] = ()
    """`TRUSTED_PROXIES`: addresses or networks, comma-separated, whose `X-Forwarded-For` is believed."""
    log_level: str = "INFO"
    """`LOG_LEVEL`: DEBUG, INFO, WARNING or ERROR."""
    session_idle_hours: int = 336
    """`SESSION_IDLE_HOURS`: a sign-in ends when it was not used for so long."""
    session_lifetime_hours: int = 720
    """`SESSION_LIFETIME_HOURS`: a sign-in ends after so long, however often it was used."""
    argon2_time_cost: int = 3
    """`ARGON2_TIME_COST`: how many rounds the hash of a password takes; older hashes are renewed at the next sign-in."""
    argon2_memory_kib: int = 65536
    """`ARGON2_MEMORY_KIB`: the memory that one round takes, in KiB; two passwords are hashed at once in each process."""
    argon2_parallelism: int = 4
    """`ARGON2_PARALLELISM`: the threads that share the work of one hash."""

    @property
    def session_idle(self) -> timedelta:
        return timedelta(hours=self.session_idle_hours)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_lifetime_hours)

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def base_host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the blog is only meant for this machine, where it goes by several names."""
        return self.base_host in LOOPBACK_NAMES


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` over `.env`; raise SettingsError at the first one that cannot be used."""
    if environ is None:
        environ = os.environ
    known = _env_file() | dict(environ)

    def value(name: str, default: str) -> str:
        return known.get(name, "").strip() or default

    def number(name: str, default: int, least: int, most: int) -> int:
        return _whole_number(name, value(name, str(default)), least, most)

    host = value("HOST", "127.0.0.1")
    port = _whole_number("PORT", value("PORT", "8000"), 1, LARGEST_PORT)
    return Settings(
        database_url=_database_url(value("DATABASE_URL", DEFAULT_DATABASE)),
        database_replica_url=_replica_url(value("DATABASE_REPLICA_URL", "")),
        secret_key=_secret_key(value("SECRET_KEY", "")),
        base_url=_base_url(value("BASE_URL", f"http://127.0.0.1:{port}")),
        host=host,
        port=port,
        workers=_whole_number("WORKERS", value("WORKERS", "1"), 1, 64),
        media_url=_media_url(value("MEDIA_URL", "var/media")),
        aws_endpoint_url=_endpoint(value("AWS_ENDPOINT_URL", "")),
        aws_region=value("AWS_REGION", value("AWS_DEFAULT_REGION", "")),
        aws_access_key_id=value("AWS_ACCESS_KEY_ID", ""),
        aws_secret_access_key=value("AWS_SECRET_ACCESS_KEY", ""),
        aws_session_token=value("AWS_SESSION_TOKEN", ""),
        smtp_url=_smtp_url(value("SMTP_URL", "")),
        trusted_proxies=_networks(value("TRUSTED_PROXIES", "")),
        log_level=_one_of("LOG_LEVEL", value("LOG_LEVEL", "INFO").upper(), ("DEBUG", "INFO", "WARNING", "ERROR")),
        session_idle_hours=number("SESSION_IDLE_HOURS", 336, 1, LONGEST_SESSION),
        session_lifetime_hours=number("SESSION_LIFETIME_HOURS", 720, 1, LONGEST_SESSION),
        argon2_time_cost=number("ARGON2_TIME_COST", 3, 1, 100),
        argon2_memory_kib=number("ARGON2_MEMORY_KIB", 65536, LEAST_MEMORY, MOST_MEMORY),
        argon2_parallelism=number("ARGON2_PARALLELISM", 4, 1, 64),
    )


def _env_file() -> dict[str, str]:
    try:
        return {key: value for key, value in dotenv_values(".env").items() if value is not None}
    except UnicodeDecodeError as error:
        raise SettingsError(f"{Path('.env').absolute()} is not UTF-8 text.") from error


def _media_url(url: str) -> str:
    if "://" in url and not _BUCKET.fullmatch(url):
        raise SettingsError(f"MEDIA_URL must be a folder or s3://BUCKET/PREFIX; it is {url!r}.")
    return url


def _endpoint(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/?#@]+/?", url):
        raise SettingsError(f"AWS_ENDPOINT_URL must be an address such as https://storage.example.org; it is {url!r}.")
    return url.rstrip("/")


def _smtp_url(url: str) -> str:
    if url:
        try:
            parse_smtp_url(url)
        except ValueError as error:
            raise SettingsError(f"SMTP_URL cannot be used: {error}.") from None
    return url


def _replica_url(url: str) -> str:
    if url and not url.startswith(("postgresql", "postgres:")):
        raise SettingsError("DATABASE_REPLICA_URL must begin with postgresql+asyncpg://; only PostgreSQL has replicas.")
    return _database_url(url, "DATABASE_REPLICA_URL", seeks="prefer-standby") if url else ""


def _database_url(url: str, name: str = "DATABASE_URL", seeks: str = "read-write") -> str:
    for short, full in (
        ("sqlite:///", "sqlite+aiosqlite:///"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgres://", "postgresql+asyncpg://"),
    ):
        if url.startswith(short):
            url = full + url.removeprefix(short)
    if not url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise SettingsError(
            f"{name} must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://; "
            f"it begins with {url.split('://', 1)[0][:30]!r}."
        )
    if url.startswith("sqlite"):
        _insist_on_file(url)
        return url
    url = _several_hosts(url, seeks)
    _insist_on_server(url, name)
    return url


def _insist_on_file(url: str) -> None:
    parts = make_url(url)
    if parts.query or parts.database in {None, "", ":memory:"}:
        raise SettingsError("DATABASE_URL must name a file, and nothing after it: sqlite+aiosqlite:///FILE.")


def _several_hosts(url: str, seeks: str) -> str:
    """Write HOST:PORT,HOST:PORT as libpq knows it in the way that SQLAlchemy does, and say which of them is sought."""
    found = re.fullmatch(r"([^/]+//)([^@/]*@)?([^/@?]*,[^/@?]*)(/[^?]*)?(?:\?(.*))?", url)
    if not found:
        return url
    scheme, login, hosts, path, query = (part or "" for part in found.groups())
    named = [f"host={host if ':' in host else f'{host}:5432'}" for host in hosts.split(",")]
    if "target_session_attrs=" not in query:
        named.append(f"target_session_attrs={seeks}")
    return f"{scheme}{login}{path or '/'}?{'&'.join([*named, *filter(None, [query])])}"


def _insist_on_server(url: str, name: str) -> None:
    try:
        parts = make_url(url)
        parts.get_dialect()().create_connect_args(parts)
    except (ArgumentError, ValueError) as error:
        # The URL itself is not shown: it may hold a password.
        raise SettingsError(f"{name} cannot be read; write special characters in its parts as %XX.") from error
    if unknown := parts.query.keys() - POSTGRESQL_OPTIONS:
        raise SettingsError(
            f"{name} has options that are not known: {', '.join(sorted(unknown))}. For TLS write ssl=require."
        )


def _base_url(url: str) -> str:
    """Write the address as browsers write an origin: small letters, and no port where it goes without saying."""
    found = _ADDRESS.fullmatch(url.lower())
    if not found or not 0 < int(found["port"] or 1) <= LARGEST_PORT:
        raise SettingsError(
            f"BASE_URL must be an address without a path, such as https://blog.example.org; it is {url!r}."
        )
    scheme, host, port = found.groups()
    return (
        f"{scheme}://{host}" if port is None or int(port) == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{int(port)}"
    )


def _secret_key(given: str) -> str:
    if given:
        if len(given) < SHORTEST_SECRET:
            raise SettingsError(f"SECRET_KEY must have at least {SHORTEST_SECRET} characters; it has {len(given)}.")
        return given
    path = Path("var/secret_key")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Exclusive creation: of two processes that start together one writes and both read the same key.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
        key = path.read_text(encoding="ascii", errors="ignore").strip()
    except OSError as error:
        raise SettingsError(
            f"The secret key cannot be kept in {path.absolute()}: {error.strerror}. "
            "Make the folder writable or set SECRET_KEY."
        ) from error
    if len(key) < SHORTEST_SECRET or not key.isprintable():
        raise SettingsError(f"{path.absolute()} holds no secret key; delete it, and a new one is made.")
    return key


def _whole_number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:10]) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}; it is {text!r}.")
    return int(text)


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}; it is {text!r}.")
    return text


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXIES must be addresses or networks: {error}.") from error
