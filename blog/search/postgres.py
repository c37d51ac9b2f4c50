"""The index on PostgreSQL: a tsvector of each post's words, with "=" before their stems.

Words and stems are ours, the same as on SQLite, so that both databases find the same posts whatever text search
configurations a server has.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    any_,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.ext.asyncio import AsyncSession

from blog.search.document import Document, Part
from blog.search.terms import COUNTED, MOST_RANKED, Term

_index = table("search_index", column("post_id"), column("vector", TSVECTOR))
LAST_POSITION = 16_383  # what a tsvector can tell apart
GAP = 2  # between parts, so that no phrase reaches from one into the next
BY_LENGTH = 1  # a flag of ts_rank: divide by the logarithm of the length

SAMPLE, RARE = 500, 50
"""A word that fewer than so many of the newest posts hold is looked up; of others the newest posts are read through."""
_CHOOSE = text(
    "SELECT set_config('enable_seqscan', way, true), set_config('enable_indexscan', way, true) FROM ("
    "SELECT CASE WHEN count(*) < :rare THEN 'off' ELSE 'on' END AS way FROM ("
    "SELECT vector FROM search_index ORDER BY post_id DESC LIMIT :sample) AS newest "
    "WHERE vector @@ CAST(:query AS tsquery)) AS chosen"
)
_LEAVE = text("SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)")
_PUT_ABOUT = text(
    "UPDATE search_index SET vector = ts_filter(vector, '{a,d}') || CAST(:words AS tsvector) WHERE post_id = :id"
)
_HELD_BY = text(
    "SELECT stem, (SELECT count(*) FROM (SELECT 1 FROM search_index "
    "WHERE vector @@ CAST(quote_literal('=' || stem) AS tsquery) LIMIT :counted) AS held) "
    "FROM unnest(CAST(:stems AS text[])) AS stem"
)
_ALIKE = text(
    "SELECT post_id, ts_rank(vector, CAST(:match AS tsquery), 1) AS score FROM search_index "
    "WHERE vector @@ CAST(:match AS tsquery) AND post_id != :but ORDER BY score DESC, post_id DESC LIMIT :most"
)


async def put(db: AsyncSession, some: Sequence[tuple[int, Document]]) -> None:
    """Take in the words of some posts, by their ids, in place of those they had."""
    words = [{"post_id": post_id, "vector": cast(literal(vector(document)), TSVECTOR)} for post_id, document in some]
    rows = insert(_index).values(words)
    await db.execute(rows.on_conflict_do_update(index_elements=["post_id"], set_={"vector": rows.excluded.vector}))


async def put_about(db: AsyncSession, abouts: Sequence[tuple[int, Part]]) -> None:
    """Take in anew what some posts, by their ids, say of themselves beside title and text."""
    # Appended words get the places after the last one; they are told apart by their weight.
    rows = [{"id": post_id, "words": _written([(part, "B")], GAP)} for post_id, part in abouts]
    await (await db.connection()).execute(_PUT_ABOUT, rows)


async def choose_way(db: AsyncSession, terms: Sequence[Term]) -> None:
    """Have the rest of this transaction look rare words up in their index.

    PostgreSQL takes a word that it has never counted for a common one, and would read all posts for it. Of a phrase it
    is how often its words stand in one post that counts: the index knows no more.
    """
    apart = [Term((word,), is_excluded=False) for term in terms if not term.is_excluded for word in term.words]
    await db.execute(_CHOOSE, {"query": _written_query(apart, ""), "sample": SAMPLE, "rare": RARE})


async def leave_way(db: AsyncSession) -> None:
    """Let what else this transaction asks for be found in any way."""
    await db.execute(_LEAVE)


def matches(terms: Sequence[Term], way: None) -> Select[Any]:
    """Select the id of each post that holds all terms, and a score; a higher one is better."""
    score = func.ts_rank(_index.c.vector, _query(terms, headings_only=False), BY_LENGTH)
    # As an array: PostgreSQL then looks each of them up, where for a set it would read all posts.
    found = func.array(newest(terms, way).scalar_subquery(), type_=ARRAY(BigInteger))
    return select(_index.c.post_id, score.label("score")).where(_index.c.post_id == any_(found))


def newest(
    terms: Sequence[Term],
    _way: None,
    *,
    headings_only: bool = False,
    since: ColumnElement[int] | None = None,
    among: Sequence[int] | Select[Any] | CompoundSelect[Any] | None = None,
) -> Select[Any]:
    """Select the ids of the newest posts that hold all terms; from the id `since` on, or `among` some."""
    query = select(_index.c.post_id).where(_index.c.vector.op("@@")(_query(terms, headings_only=headings_only)))
    query = query if since is None else query.where(_index.c.post_id >= since)
    query = query if among is None else query.where(_index.c.post_id.in_(among))
    return query.order_by(_index.c.post_id.desc()).limit(MOST_RANKED)


async def held_by(db: AsyncSession, stems: Sequence[str]) -> dict[str, int]:
    """Count the posts that hold each of these words in any form, as far as COUNTED."""
    rows = await db.execute(_HELD_BY, {"stems": list(stems), "counted": COUNTED})
    return {stem: count for stem, count in rows}  # noqa: C416 - rows are not pairs to dict()


async def alike(db: AsyncSession, stems: Sequence[str], but: int, most: int) -> list[tuple[int, float]]:
    """Find the posts that hold the most of these words, with scores; never the one with the id `but`."""
    match = " | ".join(f"'={stem}'" for stem in stems)
    found = await db.execute(_ALIKE, {"match": match, "but": but, "most": most})
    return [(post_id, score) for post_id, score in found]


def _match(term: Term, weights: str) -> str:
    """Write a term as a tsquery; its words hold letters and digits only, so quotes cannot be closed."""
    ending = f":{weights}" if weights else ""
    if term.is_phrase:
        return "(" + " <-> ".join(f"'{word.plain}'{ending}" for word in term.words) + ")"
    word = term.words[0]
    beginning = f":*{weights}" if term.is_beginning else ending
    return f"('{word.plain}'{beginning} | '={word.stem}'{ending})"


def vector(document: Document) -> str:
    """Write the words of a document as a tsvector."""
    return _written([(document.title, "A"), (document.about, "B"), (document.body, "D")])


def _query(terms: Sequence[Term], *, headings_only: bool) -> ColumnElement[Any]:
    return cast(literal(_written_query(terms, "AB" if headings_only else "")), TSQUERY)


def _written_query(terms: Sequence[Term], weights: str) -> str:
    return " & ".join(("!" if term.is_excluded else "") + _match(term, weights) for term in terms)


def _written(parts: Sequence[tuple[Part, str]], at: int = 0) -> str:
    places: dict[str, list[str]] = {}
    for part, weight in parts:
        for plain, stem in part.words:
            at = min(at + 1, LAST_POSITION)
            for lexeme in (plain, f"={stem}"):
                places.setdefault(lexeme, []).append(f"{at}{weight}")
        at = min(at + GAP, LAST_POSITION)
    return " ".join(f"'{lexeme}':{','.join(found)}" for lexeme, found in places.items())
