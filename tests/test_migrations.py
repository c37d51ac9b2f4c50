"""The schema: the same on both databases, as the models say, up and down."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import cast
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from conftest import DATABASES, administer, postgresql_url
from live import BLOG, environment_for
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from blog.database import make_engine, make_sessions
from blog.models import Event, Post, Site, User
from blog.models.base import Base
from blog.queries import chain
from blog.settings import ROOT, Settings

NEWEST = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
ALEMBIC = (sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"))


def alembic(url: str, folder: Path, *words: str) -> str:
    """Run plain Alembic with the top-level alembic.ini, from another folder."""
    return run(url, folder, *ALEMBIC, *words)


def run(url: str, folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment_for(url, folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_models_and_the_migrations_agree(database: str, copies: Any, tmp_path: Path) -> None:
    assert "No new upgrade operations detected" in alembic(copies(database), tmp_path, "check")


async def fill(url: str) -> int:
    engine = make_engine(Settings(database_url=url, secret_key="s" * 40))
    async with make_sessions(engine)() as db:
        await cast.enter(db, cast.TODAY)
        await db.commit()
        assert await db.scalar(select(func.count(Site.id))) == 1
        posts = await db.scalar(select(func.count(Post.id)))
        people = await db.scalar(select(func.count(User.id)))
    await engine.dispose()
    return (posts or 0) + (people or 0)


async def tables(url: str) -> set[str]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        names = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    await engine.dispose()
    # SQLite keeps a full-text index in several tables.
    return {name for name in names if not name.startswith("search_index_")} - {"sqlite_sequence"}


async def test_a_filled_database_goes_down_and_up_again(database: str, copies: Any, tmp_path: Path) -> None:
    url = await asyncio.to_thread(copies, database)
    full = await tables(url)
    assert full == {*Base.metadata.tables, "search_index", "alembic_version"}
    rows = await fill(url)
    alembic(url, tmp_path, "downgrade", "base")
    assert await tables(url) == {"alembic_version"}
    alembic(url, tmp_path, "upgrade", "head")
    assert await tables(url) == full
    assert await fill(url) == rows


def outline(connection: Connection) -> dict[str, Any]:
    """Describe a schema by what both databases can say of it."""
    schema = inspect(connection)
    described: dict[str, Any] = {}
    for table in sorted(Base.metadata.tables):
        described[table] = {
            "columns": [(column["name"], column["nullable"]) for column in schema.get_columns(table)],
            "primary key": schema.get_pk_constraint(table)["constrained_columns"],
            "unique": {tuple(one["column_names"]) for one in schema.get_unique_constraints(table)},
            "checks": {one["name"] for one in schema.get_check_constraints(table)},
            "indexes": {
                (one["name"], tuple(one["column_names"]), bool(one["unique"]))
                for one in schema.get_indexes(table)
                if not one.get("duplicates_constraint")
            },
            "foreign keys": {
                (tuple(one["constrained_columns"]), one["referred_table"], one["options"].get("ondelete"))
                for one in schema.get_foreign_keys(table)
            },
        }
    return described


@pytest.fixture
def new_databases(postgresql: str, tmp_path: Path) -> dict[str, str]:
    """An empty database of each kind."""
    name = f"new_{tmp_path.name}"
    administer(postgresql, f'CREATE DATABASE "{name}"')
    return {"sqlite": f"sqlite+aiosqlite:///{tmp_path}/new.db", "postgresql": postgresql_url(postgresql, name)}


@pytest.mark.parametrize("command", [(*ALEMBIC, "upgrade", "head"), (str(BLOG), "migrate")], ids=["alembic", "blog"])
async def test_both_databases_get_the_same_schema(
    new_databases: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    outlines = []
    for url in new_databases.values():
        run(url, tmp_path, *command)
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            outlines.append(await connection.run_sync(outline))
        await engine.dispose()
    assert outlines[0] == outlines[1]


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_that_migrate_at_once_one_waits(new_databases: dict[str, str], tmp_path: Path, kind: str) -> None:
    environment = environment_for(new_databases[kind], tmp_path)
    command = [*ALEMBIC, "upgrade", "head"]
    both = [subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    complaints = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], complaints
    assert f"{NEWEST} (head)" in alembic(new_databases[kind], tmp_path, "current")


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(database: str, copies: Any, tmp_path: Path) -> None:
    url = await asyncio.to_thread(copies, database)
    alembic(url, tmp_path, "downgrade", "0001_foundation")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE passkeys (in_the_way INTEGER)"))
    await engine.dispose()
    before = await tables(url)
    with pytest.raises(AssertionError, match="passkeys"):
        alembic(url, tmp_path, "upgrade", "head")
    assert await tables(url) == before
    assert "0001_foundation" in alembic(url, tmp_path, "current")


@pytest.mark.parametrize("words", [("current",), ("history",), ("heads",)])
def test_plain_alembic_works_from_anywhere(database: str, copies: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert NEWEST in alembic(copies(database), tmp_path, *words)


async def test_events_from_before_the_chain_are_taken_into_it(database: str, copies: Any, tmp_path: Path) -> None:
    url = await asyncio.to_thread(copies, database)
    alembic(url, tmp_path, "downgrade", "0009_indexes")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        person = "INSERT INTO users (name, username, role, status, bio, links, created_at) "
        await connection.execute(text(person + "VALUES ('Mei', 'mei', 'admin', 'active', '', '[]', '2026-11-01')"))
        for number in (3, 4, 9):
            row = "INSERT INTO events (id, at, actor_id, action, subject, subject_id, detail) "
            values = f"VALUES ({number}, '2026-11-2{number % 7} 10:00:00.25', {'1' if number == 4 else 'NULL'}, 'post.saved', "
            await connection.execute(text(row + values + '\'post\', 7, \'{"title": "é", "b": [1, null]}\')'))
    await engine.dispose()
    alembic(url, tmp_path, "upgrade", "head")
    engine = make_engine(Settings(database_url=url, secret_key="s" * 40))
    async with make_sessions(engine)() as db:
        verdict = await chain.verify(db, cast.TODAY)
        assert (verdict.number, verdict.breaks) == (3, [])
        rows = (await db.execute(select(Event.id, Event.at, Event.actor_name).order_by(Event.id))).all()
        assert [(row.id, row.at.day, row.actor_name) for row in rows] == [(1, 23, ""), (2, 24, "Mei"), (3, 22, "")]
    await engine.dispose()
