"""`blog check`: it is silent about nothing, names what is to mend and how, and its exit code says the same."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import argon2
import pytest
from commands import Done, Operator
from live import environment_for
from sqlalchemy import text

from blog.checks import machine, services
from blog.database import make_engine
from blog.settings import Settings, read_settings

KEY = "0123456789abcdef" * 3
PASSWORD = "four unrelated words here"


@pytest.fixture
def operator(database: str, copies: Any, tmp_path: Path) -> Operator:
    """An operator whose blog is all well; three people are in its log."""
    ready = Operator(environment_for(copies(database), tmp_path, SECRET_KEY=KEY))
    for name in ("ann", "ben", "mei"):
        words = ("user", "add", f"{name}@example.org", "--name", name, "--password-stdin")
        assert ready.run(*words, typed=PASSWORD).code == 0
    return ready


def tamper(operator: Operator, *statements: str) -> None:
    """Write to the database past the blog, as somebody does who has it to themselves."""

    async def run() -> None:
        engine = make_engine(read_settings(operator.environment))
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
            else:
                for deed in ("update", "delete"):
                    await connection.execute(text(f"DROP TRIGGER events_refuse_{deed}"))
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())


def to_mend(done: Done) -> list[str]:
    """Give the lines of what is to mend; each says how, and the exit code fits."""
    lines = [line for line in done.stdout.splitlines() if not line.startswith("well  ")]
    assert all(re.fullmatch(r"MEND  [A-Z][\w ]+: +\S.+[.!].*", line) for line in lines), done
    assert done.code == (1 if lines else 0), done
    assert "Traceback" not in done.stderr
    return lines


def test_when_all_is_well_every_thing_says_so(operator: Operator) -> None:
    done = operator.run("check")
    assert to_mend(done) == []
    names = re.findall(r"^well  ([\w ]+):", done.stdout, re.M)
    expected = [
        "Settings",
        "Version",
        "Database",
        "Schema",
        "Uploads",
        "Mail",
        "Secret key",
        "Base address",
        "Disk space",
    ]
    assert list(dict.fromkeys(names)) == [*expected, "Passwords", "Backups", "Events"]
    noted = re.search(r"the last is (3:[0-9a-f]{64})\.", done.stdout)
    assert noted
    assert to_mend(operator.run("check", "--noted", noted[1])) == []
    assert operator.run("user", "suspend", "mei").code == 0
    assert to_mend(operator.run("check", "--noted", noted[1])) == []


FORGERIES = {
    "altered": ("UPDATE events SET action = 'user.signed_in' WHERE id = 2", "Event 2 is not what was recorded"),
    "removed": ("DELETE FROM events WHERE id = 2", "Event 2 was removed."),
    "cut off": ("DELETE FROM events WHERE id = 3", "Event 3 was removed."),
    "inserted": (
        "INSERT INTO events SELECT 4, at, actor_id, actor_name, action, subject, subject_id, detail, commitment, hash "
        "FROM events WHERE id = 3",
        "Event 4 was put in past the blog.",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_event_that_was_forged_is_named(operator: Operator, forgery: str) -> None:
    statement, named = FORGERIES[forgery]
    tamper(operator, statement)
    lines = to_mend(operator.run("check"))
    assert len(lines) == 1
    assert named in lines[0]
    assert "compare with a backup" in lines[0]


def test_a_log_made_anew_is_told_from_the_one_that_was_noted(operator: Operator) -> None:
    (line,) = to_mend(operator.run("check", "--noted", "3:" + "0" * 64))
    assert "Event 3 does not have the hash that was noted." in line
    assert "--noted must be" in operator.fails("check", "--noted", "3")


def test_settings_that_cannot_be_used_are_named(operator: Operator, tmp_path: Path) -> None:
    assert "PORT" in to_mend(operator.run("check", PORT="x"))[0]
    file = tmp_path / "file"
    file.touch()
    assert str(file) in to_mend(operator.run("check", MEDIA_URL=f"{file}/media"))[0]


def test_a_database_that_is_away_or_old_is_told_from_one_that_is_newer(
    operator: Operator, database: str, tmp_path: Path
) -> None:
    away = "postgresql+asyncpg://u:secret@127.0.0.1:1/x"
    (line,) = to_mend(operator.run("check", DATABASE_URL=away))
    assert "cannot be reached" in line
    assert "secret" not in line
    (line,) = to_mend(operator.run("check", DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/new.db"))
    assert line.endswith("Run: blog migrate")
    tamper(operator, "UPDATE alembic_version SET version_num = '9999_future'")
    (line,) = to_mend(operator.run("check"))
    assert "newer version" in line


def test_a_bucket_that_does_not_answer_is_named(operator: Operator) -> None:
    found = operator.run("check", MEDIA_URL="s3://away", AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_ACCESS_KEY_ID="k",
                         AWS_SECRET_ACCESS_KEY="s")  # fmt: skip
    (line,) = to_mend(found)
    assert line.startswith("MEND  Uploads:")


def test_a_key_that_can_be_guessed_or_read_is_named(operator: Operator, tmp_path: Path, monkeypatch: Any) -> None:
    assert "easy to guess" in to_mend(operator.run("check", SECRET_KEY="ab" * 20))[0]
    monkeypatch.chdir(tmp_path)
    assert to_mend(operator.run("check", SECRET_KEY="")) == []
    (tmp_path / "var" / "secret_key").chmod(0o644)
    assert "chmod 600" in to_mend(operator.run("check", SECRET_KEY=""))[0]


ADDRESSES = [
    ({"BASE_URL": "http://blog.example.org"}, "https"),
    ({"HOST": "0.0.0.0"}, "leads nowhere"),  # noqa: S104 - nothing listens there
    ({"BASE_URL": "https://blog.example.org", "HOST": "0.0.0.0"}, ""),  # noqa: S104 - nothing listens there
]


@pytest.mark.parametrize(("settings", "problem"), ADDRESSES)
def test_an_address_that_readers_cannot_use_is_named(
    operator: Operator, settings: dict[str, str], problem: str
) -> None:
    lines = to_mend(operator.run("check", **settings))
    assert [problem in line for line in lines] == [True] * bool(problem)


@pytest.mark.parametrize(
    ("free", "total", "is_well"),
    [
        (10**12, 4 * 10**12, True),
        (30 * 10**9, 10**12, True),
        (10**9, 10**12, False),
        (10**9, 10**10, True),
        (10**8, 10**9, False),
    ],
)
def test_disks_are_full_before_they_are_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, total: int, is_well: bool
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free, "total": total}))
    (found,) = machine.disks(Settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/b.db", media_url=f"{tmp_path}/m/n"))
    assert found.is_well == is_well


async def test_passwords_that_cost_too_little_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cheap(password: str) -> str:
        return argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(password)

    monkeypatch.setattr(services, "hash_password", cheap)
    assert "19 MiB" in (await services.passwords()).say()


@pytest.fixture
def greeted() -> Iterator[tuple[int, list[str]]]:
    """A mail server that greets and is greeted; gives its port, and what it is told."""
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rw", newline="") as talk:
                talk.write("220 mail.test\r\n")
                talk.flush()
                for line in talk:
                    told.append(line.split()[0].upper())
                    talk.write("221 bye\r\n" if told[-1] == "QUIT" else "250 mail.test\r\n")
                    talk.flush()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], told
        thread.join()


async def test_a_mail_server_is_greeted(greeted: tuple[int, list[str]]) -> None:
    port, told = greeted
    assert (await services.mail(Settings(smtp_url=f"smtp://127.0.0.1:{port}"), 30)).is_well
    assert told == ["EHLO", "QUIT"]


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtps://nohost.invalid", "smtp://nohost.invalid:25"])
def test_a_mail_server_that_is_away_is_named(operator: Operator, url: str) -> None:
    (line,) = to_mend(operator.run("check", SMTP_URL=url))
    assert line.startswith("MEND  Mail:")
    assert "correct SMTP_URL" in line
