"""Backups from before the newest migrations are brought up to this version's schema as they are restored."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, column, insert, select, table
from transfer.full_site import Place

from blog.database import Sessions, make_engine
from blog.database.schema import upgrade
from blog.models import Base, Post, Revision, User
from blog.settings import ROOT, Settings
from blog.transfer.backup.archive import Manifest, Writer
from blog.transfer.backup.making import quietly, write_rows
from blog.transfer.backup.older import NOT_OURS
from blog.transfer.backup.tables import kept_tables

SAVED = "2026-05-05 10:00:00.000000"
OLD = "0013_factor"
"""The step before posts knew when they were saved."""
WHEN = "2026-03-03 10:00:00.000000"
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("users", {"id": 7, "name": "Old Hand", "username": "old-hand", "role": "admin", "status": "active", "bio": "",
               "created_at": WHEN}),
    ("posts", {"id": 5, "version": 2, "revision_number": 2, "shown_revision": 1, "owner_id": 7, "kind": "post",
               "status": "draft", "visibility": "public", "is_featured": 0, "title": "Old", "slug": "old", "excerpt": "",
               "body": "Old words", "html": "<p>Old words</p>", "contents": "[]", "summary": "", "words": 2,
               "reading_minutes": 1, "cover_alt": "", "canonical_url": "", "description": "", "created_at": WHEN,
               "updated_at": WHEN}),
    ("revisions", {"post_id": 5, "number": 2, "title": "Old", "slug": "old", "body": "Newer words", "excerpt": "",
                   "tags": "[]", "authors": "[]", "language": "", "visibility": "public", "cover": "", "cover_alt": "",
                   "canonical_url": "", "description": "", "saved_by_id": 7, "saved_by_name": "", "saved_at": SAVED,
                   "also_by": "[]", "keeping": "kept"}),
]  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A backup as the version before would have made it, of a site with a post."""
    url, file = f"sqlite+aiosqlite:///{tmp_path}/old.db", tmp_path / "old.backup"
    upgrade(url, OLD)

    async def make() -> None:
        engine = make_engine(Settings(database_url=url))
        async with engine.connect() as connection:
            for name, row in ROWS:
                await connection.execute(insert(table(name, *map(column, row))).values(**row))
            metadata = MetaData()
            await connection.run_sync(metadata.reflect, only=lambda name, _: not name.startswith(NOT_OURS))
            with file.open("w+b") as opened:
                writer = Writer(opened, datetime.now(UTC))
                tables = await write_rows(connection, kept_tables(metadata), writer, quietly)
                writer.finish(Manifest(OLD, datetime.now(UTC), "a test", "sqlite", "Old", tables, {"posts": 40}, []))
        await engine.dispose()

    asyncio.run(make())
    return file


def test_an_older_backup_is_migrated_on_its_way(old: Path, database: str, copies: Any, tmp_path: Path) -> None:
    place = Place.at(copies(database), tmp_path / "new")
    assert place.run("restore", old).stdout.startswith("Restored ")

    async def look(sessions: Sessions) -> None:
        async with sessions() as db:
            post, revision = (await db.scalars(select(Post))).one(), (await db.scalars(select(Revision))).one()
            assert (post.id, post.title, revision.body) == (5, "Old", "Newer words")
            assert post.saved_at == datetime.fromisoformat(SAVED).replace(tzinfo=UTC)
            anybody = (await db.scalars(select(User))).one()
            added = Post(owner_id=anybody.id, title="New", slug="new", contents=[], created_at=post.created_at,
                         updated_at=post.created_at, saved_at=post.created_at)  # fmt: skip
            db.add(added)
            await db.commit()
            assert added.id == 41

    place.do(look)
    assert "MEND" not in place.run("check").stdout
    assert place.run("backup", "--prove", old).stdout.startswith("Proven: ")


def test_every_step_of_the_past_can_be_brought_up(tmp_path: Path) -> None:
    """Migrations may be taken for granted by what restores; so each step's tables must be ones that it can read."""
    steps = [script.revision for script in ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions()]
    url = f"sqlite+aiosqlite:///{tmp_path}/step.db"

    async def names() -> dict[str, list[str]]:
        engine, metadata = make_engine(Settings(database_url=url)), MetaData()
        async with engine.connect() as connection:
            await connection.run_sync(metadata.reflect, only=lambda name, _: not name.startswith(NOT_OURS))
        await engine.dispose()
        return {one.name: one.names for one in kept_tables(metadata)}

    for step in reversed(steps):
        upgrade(url, step)
        found = asyncio.run(names())
        assert {"posts", "users", "site"} <= found.keys()
    newest = {one.name: sorted(one.names) for one in kept_tables(Base.metadata)}
    assert {name: sorted(columns) for name, columns in found.items()} == newest
