"""Which schema this version needs, and which the database has; told from the files of the migrations alone."""

import re
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncSession

from blog.settings import ROOT

VERSIONS = ROOT / "migrations" / "versions"
_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


class Schema(StrEnum):
    """How the database's schema stands to the one that this version needs."""

    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


async def schema_of(db: AsyncSession) -> Schema:
    """Compare the database's schema with the newest that is known here; one that was never migrated is older."""
    have = await (await db.connection()).run_sync(_applied)
    known, newest = _known()
    if have == newest:
        return Schema.CURRENT
    return Schema.NEWER if have - known else Schema.OLDER


def newest() -> str:
    """Give the step that this version's database has reached."""
    _, last = _known()
    (step,) = last
    return step


def is_known(step: str) -> bool:
    """Tell whether a step is one of this version's or an older one's."""
    return step in _known()[0]


def upgrade(database_url: str, step: str = "head") -> None:
    """Bring a database up to a step. It runs a loop of its own, so a coroutine has a thread do it."""
    # Only commands need it, and it takes some megabytes.
    from alembic import command
    from alembic.config import Config

    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = database_url
    command.upgrade(config, step)


def _applied(connection: Connection) -> frozenset[str]:
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    return frozenset(connection.scalars(text("SELECT version_num FROM alembic_version")))


@lru_cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Give all steps, and of them those that no other builds on: one, if all is well."""
    steps: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in VERSIONS.glob("*.py"):
        for kind, name in _NAMED.findall(file.read_text(encoding="utf-8")):
            steps[kind].add(name)
    return frozenset(steps["revision"]), frozenset(steps["revision"] - steps["down_revision"])
