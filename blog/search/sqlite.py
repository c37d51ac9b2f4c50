"""The index on SQLite: an FTS5 table with the words of each post beside their stems."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    column,
    delete,
    insert,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from blog.search.document import Document, Part
from blog.search.terms import COUNTED, MOST_RANKED, Term

_COLUMNS = ("title", "title_stems", "about", "about_stems", "body", "body_stems")
_index = table("search_index", column("rowid"), *map(column, _COLUMNS))
_POST = _index.c.rowid.label("post_id")
# How much a word counts by where it stands, in the order of the columns.
_SCORE: ColumnElement[float] = literal_column("-bm25(search_index, 10.0, 8.0, 4.0, 3.0, 1.0, 1.0)")
_HEADING, _TEXT = ("title", "about"), ("title", "about", "body")


_STEMS = "{title_stems about_stems body_stems}"
_HELD_BY = text(
    "SELECT value, (SELECT count(*) FROM (SELECT 1 FROM search_index "
    """WHERE search_index MATCH :columns || ' : "' || value || '"' LIMIT :counted)) FROM json_each(:stems)"""
)
_ALIKE = text(
    "SELECT rowid, rank FROM search_index WHERE search_index MATCH :match AND rowid != :but ORDER BY rank LIMIT :most"
)


async def put(db: AsyncSession, some: Sequence[tuple[int, Document]]) -> None:
    """Take in the words of some posts, by their ids, in place of those they had."""
    await db.execute(delete(_index).where(_index.c.rowid.in_([post_id for post_id, _ in some])))
    rows = []
    for post_id, document in some:
        texts = [each for part in (document.title, document.about, document.body) for each in part.texts]
        rows.append({"rowid": post_id, **dict(zip(_COLUMNS, texts, strict=True))})
    await db.execute(insert(_index), rows)


async def put_about(db: AsyncSession, abouts: Sequence[tuple[int, Part]]) -> None:
    """Take in anew what some posts, by their ids, say of themselves beside title and text."""
    changed = update(_index).where(_index.c.rowid == bindparam("id"))
    changed = changed.values(about=bindparam("words"), about_stems=bindparam("stems"))
    rows = [dict(zip(("id", "words", "stems"), (post_id, *part.texts), strict=True)) for post_id, part in abouts]
    await (await db.connection()).execute(changed, rows)


async def choose_way(_db: AsyncSession, _terms: Sequence[Term]) -> None:
    """Do nothing: SQLite looks up every word, newest posts first, and stops when it has enough."""


def matches(terms: Sequence[Term], *, headings_only: bool = False) -> Select[Any]:
    """Select the id of each post that holds all terms, and a score; a higher one is better."""
    query = holding(terms, headings_only=headings_only).add_columns(_SCORE.label("score"))
    return query.order_by(_index.c.rowid.desc()).limit(MOST_RANKED)


def holding(terms: Sequence[Term], *, headings_only: bool = False) -> Select[Any]:
    """Select the id of each post that holds all terms."""
    columns = _HEADING if headings_only else _TEXT
    wanted = " AND ".join(_match(term, columns) for term in terms if not term.is_excluded)
    unwanted = " OR ".join(_match(term, columns) for term in terms if term.is_excluded)
    return select(_POST).where(_holds(f"({wanted}) NOT ({unwanted})" if unwanted else wanted))


async def held_by(db: AsyncSession, stems: Sequence[str]) -> dict[str, int]:
    """Count the posts that hold each of these words in any form, as far as COUNTED."""
    rows = await db.execute(_HELD_BY, {"columns": _STEMS, "stems": json.dumps(stems), "counted": COUNTED})
    return {stem: count for stem, count in rows}  # noqa: C416 - rows are not pairs to dict()


async def alike(db: AsyncSession, stems: Sequence[str], but: int, most: int) -> list[tuple[int, float]]:
    """Find the posts that hold the most of these words, with scores; never the one with the id `but`."""
    match = f"{_STEMS} : (" + " OR ".join(f'"{stem}"' for stem in stems) + ")"
    found = await db.execute(_ALIKE, {"match": match, "but": but, "most": most})
    return [(post_id, -rank) for post_id, rank in found]


def _holds(match: str) -> ColumnElement[bool]:
    return literal_column("search_index").op("MATCH", is_comparison=True)(match)


def _match(term: Term, columns: Sequence[str]) -> str:
    """Write a term in FTS5's query language; its words hold letters and digits only, so quotes cannot be closed."""
    plain, stems = " ".join(columns), " ".join(f"{name}_stems" for name in columns)
    if term.is_phrase:
        return f'({{{plain}}} : "{" ".join(word.plain for word in term.words)}")'
    word = term.words[0]
    beginning = " *" if term.is_beginning else ""
    return f'({{{plain}}} : "{word.plain}"{beginning} OR {{{stems}}} : "{word.stem}")'
