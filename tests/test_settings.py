"""What may stand in the environment and in `.env`, and what is made of it."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from blog.settings import Settings, SettingsError, read_settings
from blog.smtp import parse_smtp_url

KEY = "k" * 40


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is called from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(**environ: str) -> Settings:
    return read_settings({"SECRET_KEY": KEY, **environ})


def test_nothing_needs_to_be_set(folder: Path) -> None:
    settings = read_settings({})
    assert settings.database_url == "sqlite+aiosqlite:///var/blog.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)


def test_how_long_sign_ins_last_and_what_hashes_cost_is_told_in_whole_numbers(folder: Path) -> None:
    settings = read(
        SESSION_IDLE_HOURS="12", SESSION_LIFETIME_HOURS="48", ARGON2_MEMORY_KIB="131072", ARGON2_TIME_COST="4"
    )
    assert (settings.session_idle, settings.session_lifetime) == (timedelta(hours=12), timedelta(days=2))
    assert (settings.argon2_memory_kib, settings.argon2_time_cost, settings.argon2_parallelism) == (131072, 4, 4)
    for name, typed in (("SESSION_IDLE_HOURS", "0"), ("ARGON2_MEMORY_KIB", "1024"), ("ARGON2_TIME_COST", "many")):
        with pytest.raises(SettingsError, match=name):
            read(**{name: typed})


def test_the_secret_key_is_made_once_for_the_owner_only(folder: Path) -> None:
    first = read_settings({}).secret_key
    assert len(first) >= 32
    assert read_settings({}).secret_key == first
    assert stat.S_IMODE((folder / "var/secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "var").stat().st_mode) == 0o700
    assert first not in repr(read_settings({}))


@pytest.mark.parametrize("kept", [b"", b"short", b"\xff\xfe\x00" * 40])
def test_a_broken_key_file_is_named(folder: Path, kept: bytes) -> None:
    (folder / "var").mkdir()
    (folder / "var/secret_key").write_bytes(kept)
    with pytest.raises(SettingsError, match="var/secret_key"):
        read_settings({})


def test_the_environment_goes_before_the_file(folder: Path) -> None:
    (folder / ".env").write_text("PORT=8100\nWORKERS=3\nHOST=\n")
    settings = read(PORT="8200")
    assert (settings.port, settings.workers, settings.host) == (8200, 3, "127.0.0.1")


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8"):
        read()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("sqlite:///blog.db", "sqlite+aiosqlite:///blog.db"),
        ("postgres://u:p@host/blog", "postgresql+asyncpg://u:p@host/blog"),
        ("postgresql://u:p@host:5433/blog?ssl=require", "postgresql+asyncpg://u:p@host:5433/blog?ssl=require"),
    ],
)
def test_other_spellings_of_a_database_are_understood(typed: str, kept: str) -> None:
    assert read(DATABASE_URL=typed).database_url == kept


@pytest.mark.parametrize(
    "typed",
    ["postgresql://u:password@host:port/x", "postgresql://u:password@[::1/x", "postgresql://u:password@host/x?a=1"],
)
def test_no_password_is_repeated(typed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(DATABASE_URL=typed)
    assert "password" not in str(refused.value)


@pytest.mark.parametrize("typed", ["sqlite:///", "sqlite:///:memory:", "sqlite:///blog.db?mode=ro"])
def test_sqlite_needs_a_file_and_nothing_else(typed: str) -> None:
    with pytest.raises(SettingsError, match="must name a file"):
        read(DATABASE_URL=typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://blog.example.org/", "https://blog.example.org"),
        ("HTTPS://Blog.Example.org", "https://blog.example.org"),
        ("https://blog.example.org:443", "https://blog.example.org"),
        ("http://blog.example.org:80/", "http://blog.example.org"),
        ("https://blog.example.org:8443", "https://blog.example.org:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_base_url_is_kept_as_browsers_write_origins(typed: str, kept: str) -> None:
    settings = read(BASE_URL=typed)
    assert settings.base_url == kept
    assert settings.is_https == kept.startswith("https")


@pytest.mark.parametrize(
    "typed",
    [
        "blog.example.org", "//blog.example.org", "http://", "http://[", "http://a b", "http://a\n.test",
        "http://a:port", "http://a:99999", "http://a:0", "http://u:p@a", "http://a/blog", "http://a?", "http://bücher.test",
    ],
)  # fmt: skip
def test_a_base_url_that_is_no_origin_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError, match="BASE_URL"):
        read(BASE_URL=typed)


@pytest.mark.parametrize(
    ("typed", "host", "port", "tls", "user", "sender"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, "starttls", "", ""),
        ("smtp://u%40x.org:p%2Fw@mail.example.org:25", "mail.example.org", 25, "starttls", "u@x.org", "u@x.org"),
        ("smtps://u:p@mail.example.org", "mail.example.org", 465, "implicit", "u", ""),
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, "none", "", ""),
        ("smtp://[::1]:1025?tls=starttls", "::1", 1025, "starttls", "", ""),
        ("smtp://mail:25?tls=none&from=a+b@example.org", "mail", 25, "none", "", "a+b@example.org"),
    ],
)  # fmt: skip
def test_a_mail_server_is_spoken_to_as_its_address_says(
    typed: str, host: str, port: int, tls: str, user: str, sender: str
) -> None:
    server = parse_smtp_url(read(SMTP_URL=typed).smtp_url)
    assert (server.host, server.port, server.tls, server.user, server.sender) == (host, port, tls, user, sender)


@pytest.mark.parametrize(
    "typed",
    [
        "mail.example.org", "http://u:hunter2@mail.example.org", "smtp://", "smtp://u:hunter2@host:port",
        "smtp://u:hunter2@host:99999", "smtp://u:hunter2@host/path", "smtp://u:hunter2@host?tls=maybe",
        "smtps://u:hunter2@host?tls=none", "smtp://u:hunter2@host?from=nobody", "smtp://u:hunter2@[::1",
        "smtp://host?from=a@b.c%0d%0aBcc:x@y.z", "smtp://u:hunter2@host?timeout=3", "smtp://u:hun ter2@host",
    ],
)  # fmt: skip
def test_a_mail_server_that_cannot_be_used_is_refused_without_its_password(typed: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL") as refused:
        read(SMTP_URL=typed)
    assert "hunter2" not in str(refused.value)


def test_the_password_of_the_mail_server_is_not_printed() -> None:
    settings = read(SMTP_URL="smtp://u:hunter2@mail.example.org")
    assert "hunter2" not in repr(settings) + repr(parse_smtp_url(settings.smtp_url))
