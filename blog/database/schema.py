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
