"""What operators type, and what they are told: people, imports, and every way in which a start can fail."""

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from commands import Operator
from live import environment_for, free_port
from sqlalchemy import text

from blog.cli import blog
from blog.database import make_engine
from blog.settings import read_settings

PASSWORD = "four unrelated words here"


@pytest.fixture
def operator(database: str, copies: Any, tmp_path: Path) -> Operator:
    return Operator(environment_for(copies(database), tmp_path))


def test_people_are_kept_from_the_command_line(operator: Operator) -> None:
    added = operator.run(
        "user", "add", "mei@example.org", "--name", "Mei Lin", "--role", "admin", "--password-stdin", typed=PASSWORD
    )
    assert (added.code, added.stdout) == (0, "Added Mei Lin (admin).\n")
    assert "already" in operator.fails(
        "user", "add", "MEI@example.org", "--name", "x", "--password-stdin", typed=PASSWORD
    )
    assert "last active admin" in operator.fails("user", "role", "mei@example.org", "viewer")
    assert "last active admin" in operator.fails("user", "suspend", "mei-lin")
    operator.run("user", "add", "ben@example.org", "--name", "Ben", "--password-stdin", typed=PASSWORD)
    assert "Ben" not in operator.fails("user", "role", "nobody", "viewer")
    assert operator.run("user", "role", "ben@example.org", "admin").code == 0
    assert operator.run("user", "suspend", "mei@example.org").code == 0
    listed = operator.run("user", "list").stdout
    assert re.search(r"mei@example.org +admin +suspended", listed)
    assert re.search(r"ben@example.org +admin +active", listed)
    assert operator.run("user", "suspend", "mei@example.org", "--undo").code == 0
    assert operator.run("user", "password", "ben", "--password-stdin", typed="four other words here").code == 0


def test_who_lost_phone_and_codes_gets_in_again(operator: Operator) -> None:
    operator.run("user", "add", "mei@example.org", "--name", "Mei", "--password-stdin", typed=PASSWORD)
    assert "no second factor" in operator.fails("user", "two-factor-reset", "mei@example.org")

    async def set_up() -> None:
        engine = make_engine(read_settings(operator.environment))
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO totps (user_id, secret, new_secret, last_step, confirmed_at) "
                    "SELECT id, 's', '', 1, created_at FROM users"
                )
            )
        await engine.dispose()

    asyncio.run(set_up())
    assert operator.run("user", "two-factor-reset", "mei").code == 0
    assert "no second factor" in operator.fails("user", "two-factor-reset", "mei")


def test_a_password_made_of_what_is_known_is_refused(operator: Operator) -> None:
    words = ("user", "add", "mei@example.org", "--name", "Mei Lin", "--password-stdin")
    assert "your name" in operator.fails(*words, typed="Mei Lin 2026!!")
    assert operator.run(*words, typed=PASSWORD).code == 0
    changed = ("user", "password", "mei-lin", "--password-stdin")
    assert "your name" in operator.fails(*changed, typed="A New Publication, mei lin")
    assert "nobody" in operator.fails("user", "password", "ben", "--password-stdin", typed=PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "x" * 1025])
def test_a_weak_password_is_refused_before_anything_is_written(operator: Operator, password: str) -> None:
    words = ("user", "add", "mei@example.org", "--name", "Mei", "--password-stdin")
    assert "password" in operator.fails(*words, typed=password).lower()
    assert operator.run("user", "list").stdout == ""


def test_without_a_terminal_the_password_is_asked_for_on_standard_input_only(operator: Operator) -> None:
    assert "--password-stdin" in operator.fails("user", "add", "mei@example.org", "--name", "Mei")


def test_what_no_form_would_take_is_refused_in_one_sentence(operator: Operator) -> None:
    def add(email: str, name: str) -> str:
        return operator.fails("user", "add", email, "--name", name, "--password-stdin", typed=PASSWORD)

    assert "e-mail" in add("mei", "Mei")
    assert "needs a name" in add("mei@example.org", " ")
    assert "100 characters" in add("mei@example.org", "x" * 101)
    assert "UTF-8" in add("mei\udcff@example.org", "Mei")
    assert "UTF-8" in operator.fails("user", "suspend", "\udcff")
    assert operator.run("user", "list").stdout == ""


BAD_SETTINGS = [
    ({"DATABASE_URL": "mysql://localhost/blog"}, "DATABASE_URL"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1:port/x"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1:99999/x"}, "cannot be reached"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1/x?sslmode=require"}, "sslmode"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1:1/x"}, "cannot be reached"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@nohost.invalid/x"}, "cannot be reached"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"BASE_URL": "ftp://blog.test"}, "BASE_URL"),
    ({"PORT": "http"}, "PORT"),
    ({"PORT": "99999"}, "PORT"),
    ({"WORKERS": "0"}, "WORKERS"),
    ({"MEDIA_URL": "gs://bucket"}, "MEDIA_URL"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ({"TRUSTED_PROXIES": "my-proxy"}, "TRUSTED_PROXIES"),
    ({"HOST": "nohost.invalid"}, "nohost.invalid"),
    ({"HOST": "ü" * 70}, "no name that a host can have"),
]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """An operator whose blog starts, but for what a test changes."""
    folder = tmp_path_factory.mktemp("start")
    operator = Operator(environment_for(f"sqlite+aiosqlite:///{folder}/blog.db", folder, PORT=str(free_port())))
    assert operator.run("migrate").code == 0
    return operator


@pytest.mark.parametrize(("settings", "named"), BAD_SETTINGS)
def test_a_bad_setting_is_named_in_one_sentence(start: Operator, settings: dict[str, str], named: str) -> None:
    assert named in start.fails("serve", **settings)


def test_a_place_that_cannot_be_written_is_named(start: Operator, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"this is no database" * 1000)
    assert str(file) in start.fails("serve", MEDIA_URL=str(file / "media"))
    for command in ("serve", "migrate"):
        assert str(file) in start.fails(command, DATABASE_URL=f"sqlite+aiosqlite:///{file}/blog.db")
        assert "not a database" in start.fails(command, DATABASE_URL=f"sqlite+aiosqlite:///{file}")


def test_a_database_without_our_schema_is_not_served(start: Operator, tmp_path: Path) -> None:
    new = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    for words in (("serve",), ("user", "list"), ("import", "markdown", str(tmp_path))):
        assert "blog migrate" in start.fails(*words, DATABASE_URL=new)


def test_what_postgresql_refuses_is_told_in_its_words(start: Operator, postgresql: str) -> None:
    for command in ("serve", "migrate"):
        for account, told in (("postgres:@/nosuch", "nosuch"), ("stranger:word@/postgres", "stranger")):
            told_to = start.fails(command, DATABASE_URL=f"postgresql+asyncpg://{account}?host={postgresql}")
            assert told in told_to
            assert "word" not in told_to


def test_a_database_of_a_newer_version_is_left_alone(operator: Operator) -> None:
    async def age() -> None:
        engine = make_engine(read_settings(operator.environment))
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
        await engine.dispose()

    asyncio.run(age())
    for command in ("serve", "migrate"):
        assert "newer version" in operator.fails(command)


def test_the_sample_is_loaded_into_a_new_database_only(operator: Operator) -> None:
    first = operator.run("migrate", "--sample")
    assert "13 posts imported" in first.stdout
    second = operator.run("migrate", "--sample")
    assert second.stdout == "The database is up to date.\n"


def test_an_import_that_cannot_begin_says_why(operator: Operator, tmp_path: Path) -> None:
    assert "no Markdown files" in operator.fails("import", "markdown", str(tmp_path))
    assert operator.run("import", "markdown", "/nowhere").code == 2


def test_a_ghost_site_is_rehearsed_then_brought_in_with_a_report(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "site.json"
    file.write_text(
        '{"data": {"posts": [{"id": 1, "title": "Sea", "slug": "sea", "status": "published", "html": "Salt"}]}}'
    )
    words = ("import", "ghost", str(file), "--media", str(tmp_path), "--report", str(tmp_path / "told"))
    assert "nothing was written" in operator.run(*words, "--dry-run").stdout
    assert "1 post imported" in operator.run(*words).stdout
    assert "1 unchanged" in operator.run(*words).stdout
    assert (tmp_path / "told" / "site.txt").exists()
    file.write_text("{")
    assert "not whole or not JSON" in operator.fails("import", "ghost", str(file))


def test_a_stopped_import_says_how_to_go_on(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    monkeypatch.setattr("blog.cli.imports.import_folder", stopped)
    # What was started in the background of a shell ignores Ctrl-C, and so would this test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert "goes on from there" in operator.fails("import", "markdown", str(tmp_path))


def test_every_command_helps_with_an_example() -> None:
    def walk(group: Any, words: list[str]) -> list[list[str]]:
        if not isinstance(group, click.Group):
            return [words]
        context = click.Context(group)
        inner = {name: group.get_command(context, name) for name in group.list_commands(context)}
        return [found for name, command in inner.items() for found in walk(command, [*words, name])]

    for words in walk(blog, []):
        shown: Result = CliRunner().invoke(blog, [*words, "--help"])
        assert shown.exit_code == 0
        assert "Example:" in shown.output, words


def test_everything_is_exported_and_imported_from_the_command_line(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "tea.md").write_text("---\ntitle: Tea\nauthor: Ana\n---\nHot.\n")
    assert operator.run("import", "markdown", str(tmp_path / "old"), "--report", str(tmp_path / "report")).code == 0
    done = operator.run("export", str(tmp_path / "out"))
    assert (done.code, done.stdout) == (
        0,
        f"{tmp_path}/out: 1 posts, 0 pages, 0 with unpublished changes, 0 files, 1 people, 0 tags, 0 redirects.\n",
    )
    assert operator.run("export", str(tmp_path / "out.zip")).code == 0
    for exported in ("out", "out.zip"):
        again = operator.run("import", "markdown", str(tmp_path / exported), "--report", str(tmp_path / "report"))
        assert "0 posts imported, 0 updated, 1 unchanged" in again.stdout
    assert "holds no earlier export" in operator.fails("export", str(tmp_path / "old"))
    (tmp_path / "out" / "blog-export.yaml").write_text("format: 1\nunfinished: true\n")
    assert "stopped before it was whole" in operator.fails("import", "markdown", str(tmp_path / "out"))
