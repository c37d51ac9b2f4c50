"""The index on SQLite: an FTS5 table with the words of each post beside their stems.

FTS5 finds the newest posts that hold a word at once, but two things it does over all posts that hold it: its bm25()
counts them, and of a beginning with more than three letters it first puts them together. Common words go without both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from blog.search.document import Document, Part
from blog.search.terms import COUNTED, MOST_RANKED, Term

_COLUMNS = ("title", "title_stems", "about", "about_stems", "body", "body_stems")
_index = table("search_index", column("rowid", Integer), *(column(name, String) for name in _COLUMNS))
_POST = _index.c.rowid.label("post_id")
# How much a word counts by where it stands, in the order of the columns.
_SCORE: ColumnElement[float] = literal_column("-bm25(search_index, 10.0, 8.0, 4.0, 3.0, 1.0, 1.0)")
_HEADING, _TEXT = ("title", "about"), ("title", "about", "body")

COMMON = 5000
"""A word that stands in the index more often is common; each word of a text stands there twice, as its stem too."""
LONGEST_LISTED = 3
"""Letters of the beginnings by which FTS5 has the posts listed, newest first."""
MOST_WRITTEN_OUT = 100
"""A common beginning of at most so many words is looked up as all of them, which FTS5 reads no further than needed."""
_AFTER = chr(1)
"""Stands in no word: what lies between a word and the word with this is the word alone."""
_LAST = chr(0x10FFFF)
_PLACES = text(
    "WITH ranges(number, first, last) AS MATERIALIZED ("
    "SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:ranges)) "
    "SELECT number, (SELECT count(*) FROM ("
    "SELECT 1 FROM search_index_places WHERE term >= first AND term < last LIMIT :most)) FROM ranges"
)
# One look for each word: the next one after it is found without reading the places of this one.
_BEGINNING_SO = text(
    "WITH RECURSIVE following(term) AS (SELECT (SELECT term FROM search_index_places WHERE term >= :first LIMIT 1) "
    "UNION ALL SELECT (SELECT term FROM search_index_places WHERE term >= following.term || :after LIMIT 1) "
    "FROM following WHERE following.term < :last) SELECT term FROM following WHERE term < :last LIMIT :most"
)

_STEMS = "{title_stems about_stems body_stems}"
_HELD_BY = text(
    "SELECT value, (SELECT count(*) FROM (SELECT 1 FROM search_index "
    """WHERE search_index MATCH :columns || ' : "' || value || '"' LIMIT :counted)) FROM json_each(:stems)"""
)
_ALIKE = text(
    "SELECT rowid, rank FROM search_index WHERE search_index MATCH :match AND rowid != :but ORDER BY rank LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a query is answered: whether any word of it is common, and which words a common beginning stands for."""

    is_common: bool = False
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


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


async def choose_way(db: AsyncSession, terms: Sequence[Term]) -> Way:
    """Learn which words of a query are common, reading no more of the index than tells it."""
    ranges = sorted({between for term in terms for between in _ranges(term)})
    counted = await db.execute(_PLACES, {"ranges": json.dumps(ranges), "most": COMMON + 1})
    common = [ranges[number] for number, places in counted if places > COMMON]
    words = {}
    for first, last in common:
        if last.endswith(_LAST) and len(first) > LONGEST_LISTED:
            asked = {"first": first, "last": last, "after": _AFTER, "most": MOST_WRITTEN_OUT + 1}
            beginning_so = list(await db.scalars(_BEGINNING_SO, asked))
            if len(beginning_so) <= MOST_WRITTEN_OUT:
                words[first] = beginning_so
    return Way(bool(common), words)


async def leave_way(_db: AsyncSession) -> None:
    """Do nothing: a way is that of one query."""


def matches(terms: Sequence[Term], way: Way) -> Select[Any]:
    """Select the id of each post that holds all terms, and a score; a higher one is better."""
    score = _by_place(terms) if way.is_common else _SCORE
    return newest(terms, way).add_columns(score.label("score"))


def newest(
    terms: Sequence[Term],
    way: Way,
    *,
    headings_only: bool = False,
    since: ColumnElement[int] | None = None,
    among: Sequence[int] | Select[Any] | CompoundSelect[Any] | None = None,
) -> Select[Any]:
    """Select the ids of the newest posts that hold all terms; from the id `since` on, or `among` some."""
    columns = _HEADING if headings_only else _TEXT
    wanted = " AND ".join(_match(term, columns, way) for term in terms if not term.is_excluded)
    unwanted = " OR ".join(_match(term, columns, way) for term in terms if term.is_excluded)
    query = select(_POST).where(_holds(f"({wanted}) NOT ({unwanted})" if unwanted else wanted))
    query = query if since is None else query.where(_index.c.rowid >= since)
    if among is not None:
        # SQLite looks up each of them by its number, which is as a sum no number that it could look up.
        each = _index.c.rowid if isinstance(among, Sequence) else _index.c.rowid + 0
        query = query.where(each.in_(among))
    return query.order_by(_index.c.rowid.desc()).limit(MOST_RANKED)


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


def _by_place(terms: Sequence[Term]) -> ColumnElement[int]:
    """Score a post by how many of the terms its title holds, and then what it says of itself; its text holds the rest.

    It is read from the words of the found posts: to look them up in the index would read on where few titles hold them.
    """
    wanted = [term for term in terms if not term.is_excluded]
    title, about = (
        sum((type_coerce(_stands(term, name), Integer) for term in wanted), literal(0)) for name in _HEADING
    )
    return title * (len(wanted) + 1) + about


def _stands(term: Term, name: str) -> ColumnElement[bool]:
    """Tell whether a column, or that of its stems, holds a term; there is a space between all words."""
    words = literal(" ") + _index.c[name] + " " + _index.c[f"{name}_stems"] + " "
    typed = " ".join(word.plain for word in term.words)
    stands = func.instr(words, f" {typed}" + ("" if term.is_beginning else " ")) > 0
    stem = term.words[0].stem
    is_told = term.is_phrase or (term.is_beginning and stem.startswith(typed))
    return stands if is_told else or_(stands, func.instr(words, f" {stem} ") > 0)


def _match(term: Term, columns: Sequence[str], way: Way) -> str:
    """Write a term in FTS5's query language; its words hold letters and digits only, so quotes cannot be closed."""
    plain, stems = " ".join(columns), " ".join(f"{name}_stems" for name in columns)
    if term.is_phrase:
        return f'({{{plain}}} : "{" ".join(word.plain for word in term.words)}")'
    word = term.words[0]
    beginning = f'"{word.plain}" *' if term.is_beginning else f'"{word.plain}"'
    if word.plain in way.words and term.is_beginning:
        beginning = "(" + " OR ".join(f'"{each}"' for each in way.words[word.plain]) + ")"
    return f'({{{plain}}} : {beginning} OR {{{stems}}} : "{word.stem}")'


def _ranges(term: Term) -> list[tuple[str, str]]:
    """Give between which words of the index those of a term lie."""
    if term.is_phrase:
        return [(word.plain, word.plain + _AFTER) for word in term.words]
    word, last = term.words[0], _LAST if term.is_beginning else _AFTER
    stem = [] if word.stem == word.plain else [(word.stem, word.stem + _AFTER)]
    return [(word.plain, word.plain + last), *stem]
