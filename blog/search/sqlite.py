"""The index on SQLite: an FTS5 table with the words of each post beside their stems."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, delete, insert, literal_column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from blog.search.document import Document
from blog.search.terms import Term

_COLUMNS = ("title", "title_stems", "about", "about_stems", "body", "body_stems")
_index = table("search_index", column("rowid"), *map(column, _COLUMNS))
# How much a word counts by where it stands, in the order of the columns.
_SCORE: ColumnElement[float] = literal_column("-bm25(search_index, 10.0, 8.0, 4.0, 3.0, 1.0, 1.0)")
_HEADING, _TEXT = ("title", "about"), ("title", "about", "body")


async def put(db: AsyncSession, post_id: int, document: Document) -> None:
    """Take in a post's words, in place of those it had."""
    await db.execute(delete(_index).where(_index.c.rowid == post_id))
    texts = [text for part in (document.title, document.about, document.body) for text in part.texts]
    await db.execute(insert(_index).values(rowid=post_id, **dict(zip(_COLUMNS, texts, strict=True))))


def matches(terms: Sequence[Term], *, headings_only: bool = False) -> Select[Any]:
    """Select the id of each post that holds all terms, and a score; a higher one is better."""
    columns = _HEADING if headings_only else _TEXT
    wanted = " AND ".join(_match(term, columns) for term in terms if not term.is_excluded)
    unwanted = " OR ".join(_match(term, columns) for term in terms if term.is_excluded)
    return _select(f"({wanted}) NOT ({unwanted})" if unwanted else wanted)


def with_stem(stem: str) -> Select[Any]:
    """Select the posts that hold a word in any of its forms."""
    return _select(f'{{title_stems about_stems body_stems}} : "{stem}"')


def _select(match: str) -> Select[Any]:
    found = literal_column("search_index").op("MATCH")(match)
    return select(_index.c.rowid.label("post_id"), _SCORE.label("score")).select_from(_index).where(found)


def _match(term: Term, columns: Sequence[str]) -> str:
    """Write a term in FTS5's query language; its words hold letters and digits only, so quotes cannot be closed."""
    plain, stems = " ".join(columns), " ".join(f"{name}_stems" for name in columns)
    if term.is_phrase:
        return f'({{{plain}}} : "{" ".join(word.plain for word in term.words)}")'
    word = term.words[0]
    beginning = " *" if term.is_beginning else ""
    return f'({{{plain}}} : "{word.plain}"{beginning} OR {{{stems}}} : "{word.stem}")'
