"""Rows gathered into one value: what belongs to a row comes with it, in the same statement.

Each trip to a database costs more than most of what is asked there.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Listed(FunctionElement[Any]):
    """Columns of one row as a list."""

    type = JSON()
    inherit_cache = True


class Gathered(FunctionElement[Any]):
    """Columns of all rows of a selection as a list of lists, in no order; [] where there is no row."""

    type = JSON()
    inherit_cache = True


@compiles(Listed)
def _listed(element: Listed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **kwargs)})"


@compiles(Listed, "postgresql")
def _listed_on_postgresql(element: Listed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **kwargs)})"


@compiles(Gathered)
def _gathered(element: Gathered, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **kwargs)}))"


@compiles(Gathered, "postgresql")
def _gathered_on_postgresql(element: Gathered, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"coalesce(json_agg(json_build_array({compiler.process(element.clauses, **kwargs)})), '[]')"


def moment_of(written: str) -> datetime:
    """Read a time from such a list; SQLite writes it as it is stored, in UTC and without saying so."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
