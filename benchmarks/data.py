"""Fills migrated databases with made-up posts: three tags each, in bulk, with a progress bar.

Some patterns are drawn from fixed seeds and rendered as the blog renders; the databases themselves make as many posts of
them as are wanted. So two runs measure the same posts, a database can be made to grow, and a million takes minutes.
"""

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.progress import track
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from blog.content.markdown import render
from blog.database import make_engine
from blog.search import Document, postgres
from blog.settings import Settings

BATCH = 10_000
PATTERNS = 1000
AUTHORS = 50
TAGS = 200
_VOCABULARY = (
    "harbour lantern orchard granite willow copper meadow thunder velvet compass saffron glacier ember thicket canyon "
    "marble juniper lagoon falcon cedar quarry prairie walnut basalt heather otter pebble tundra acorn lichen"
)
WORDS = _VOCABULARY.split()
BEGIN = "2016-11-01"

_PEOPLE = (
    "INSERT INTO users (id, name, username, role, status, bio, created_at) "
    "VALUES (:id, :name, :username, 'author', 'active', '', :now)"
)
_TAGS = "INSERT INTO tags (id, name, key, slug, description) VALUES (:id, :name, :slug, :slug, '')"
_PATTERNS = (
    "CREATE TABLE bench_patterns (pattern INTEGER PRIMARY KEY, title TEXT, body TEXT, html TEXT, contents TEXT, "
    "summary TEXT, words INTEGER, minutes INTEGER, tag_1 INTEGER, tag_2 INTEGER, tag_3 INTEGER, "
    "plain_title TEXT, stem_title TEXT, plain_body TEXT, stem_body TEXT, vector TEXT)"
)
_PATTERN = (
    "INSERT INTO bench_patterns VALUES (:pattern, :title, :body, :html, :contents, :summary, :words, :minutes, "
    ":tag_1, :tag_2, :tag_3, :plain_title, :stem_title, :plain_body, :stem_body, :vector)"
)
_POSTS = """
    INSERT INTO posts (id, version, revision_number, owner_id, kind, status, visibility, is_featured, title, slug, excerpt,
        body, html, contents, summary, words, reading_minutes, cover_alt, created_at, updated_at, saved_at, published_at,
        first_published_at)
    SELECT CAST(:first AS bigint) + number, 1, 0, 1 + number % {authors}, 'post', 'published', 'public', false, title || ' ' || number,
        'post-' || number, '', body, html, {contents}, summary, words, minutes, '', moment, moment, moment, moment, moment
    FROM (SELECT number, {moment} AS moment FROM {numbers}) AS numbered JOIN bench_patterns ON pattern = number % {patterns}
"""
_POST_TAGS = """
    INSERT INTO post_tags (post_id, tag_id)
    SELECT CAST(:first AS bigint) + number, tag FROM (SELECT number FROM {numbers}) AS numbered JOIN (
        SELECT pattern, tag_1 AS tag FROM bench_patterns UNION ALL SELECT pattern, tag_2 FROM bench_patterns
        UNION ALL SELECT pattern, tag_3 FROM bench_patterns) AS tagged ON pattern = number % {patterns}
"""
_SEARCH_TEXTS = """
    INSERT INTO search_texts (post_id, language, text) SELECT CAST(:first AS bigint) + number, 'en', summary
    FROM (SELECT number FROM {numbers}) AS numbered JOIN bench_patterns ON pattern = number % {patterns}
"""
_SEARCH_INDEX = {
    "sqlite": """
        INSERT INTO search_index (rowid, title, title_stems, about, about_stems, body, body_stems)
        SELECT :first + number, plain_title || ' ' || number, stem_title || ' ' || number, '', '', plain_body, stem_body
        FROM (SELECT number FROM {numbers}) AS numbered JOIN bench_patterns ON pattern = number % {patterns}
    """,
    "postgresql": r"""
        INSERT INTO search_index (post_id, vector) SELECT CAST(:first AS bigint) + number,
            CAST(vector || ' ''' || number || '''\:5A ''=' || number || '''\:5A' AS tsvector)
        FROM (SELECT number FROM {numbers}) AS numbered JOIN bench_patterns ON pattern = number % {patterns}
    """,
}
_WORDS_OF = {
    "sqlite": {
        "numbers": "(WITH RECURSIVE some(number) AS (SELECT :start UNION ALL SELECT number + 1 FROM some WHERE number + 1 < :stop) SELECT number FROM some)",
        "moment": f"strftime('%Y-%m-%d %H:%M:%S.000000', '{BEGIN}', (5 * number) || ' minutes')",
        "contents": "contents",
    },
    "postgresql": {
        "numbers": "generate_series(CAST(:start AS bigint), CAST(:stop AS bigint) - 1) AS series(number)",
        "moment": f"CAST('{BEGIN} 00:00+00' AS timestamptz) + number * interval '5 minutes'",
        "contents": "CAST(contents AS jsonb)",
    },
}


async def fill(urls: Sequence[str], numbers: range) -> None:
    """Make the posts of these numbers in all the databases at once; they are five minutes apart, the last the newest."""
    engines = [make_engine(Settings(database_url=url, secret_key="s" * 40)) for url in urls]
    if not numbers.start:
        patterns = [_pattern(number) for number in range(PATTERNS)]
        await asyncio.gather(*(_people_tags_and_patterns(engine, patterns) for engine in engines))
    firsts = [await _next_id(engine) - numbers.start for engine in engines]
    starts = range(numbers.start, numbers.stop, BATCH)
    for start in track(starts, f"Making {len(numbers):,} posts", disable=not sys.stderr.isatty()):
        stop = min(start + BATCH, numbers.stop)
        await asyncio.gather(*(_posts(*pair, start, stop) for pair in zip(engines, firsts, strict=True)))
    await asyncio.gather(*map(_settle, engines))
    for engine in engines:
        await engine.dispose()


def _pattern(number: int) -> dict[str, Any]:
    chosen = random.Random(number)
    body = "\n\n".join(
        f"## Part {part}: {chosen.choice(WORDS)}\n\n{' '.join(chosen.choices(WORDS, k=80)).capitalize()}."
        for part in (1, 2, 3)
    )
    rendered = render(body)
    title, summary = " ".join(chosen.choices(WORDS, k=4)).capitalize(), " ".join(chosen.choices(WORDS, k=30))
    document = Document.of(title, "", summary, "en")
    plain_title, stem_title = document.title.texts
    plain_body, stem_body = document.body.texts
    # A tenth of the tags holds most of the posts, as in real blogs.
    tags = sorted({1 + int(TAGS * chosen.random() ** 3) for _ in range(20)})[:3]
    return {
        "pattern": number, "title": title, "body": body, "html": str(rendered.html), "summary": summary,
        "contents": json.dumps([[heading.level, heading.id, heading.text] for heading in rendered.contents]),
        "words": rendered.words, "minutes": rendered.reading_minutes,
        "tag_1": tags[0], "tag_2": tags[1], "tag_3": tags[2],
        "plain_title": plain_title, "stem_title": stem_title, "plain_body": plain_body, "stem_body": stem_body,
        "vector": postgres.vector(document),
    }  # fmt: skip


async def _people_tags_and_patterns(engine: AsyncEngine, patterns: list[dict[str, Any]]) -> None:
    begin = datetime.fromisoformat(BEGIN if engine.dialect.name == "sqlite" else f"{BEGIN}T00:00:00+00:00")
    numbers = range(1, AUTHORS + 1)
    people = [{"id": n, "name": f"Author {n}", "username": f"author-{n}", "now": begin} for n in numbers]
    tags = [{"id": n, "name": f"Tag {n}", "slug": f"tag-{n}"} for n in range(1, TAGS + 1)]
    async with engine.begin() as connection:
        await connection.execute(text(_PEOPLE), people)
        await connection.execute(text(_TAGS), tags)
        await connection.execute(text(_PATTERNS))
        await connection.execute(text(_PATTERN), patterns)


async def _next_id(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return 1 + (await connection.scalar(text("SELECT max(id) FROM posts")) or 0)


async def _posts(engine: AsyncEngine, first: int, start: int, stop: int) -> None:
    name = engine.dialect.name
    async with engine.begin() as connection:
        for statement in (_POSTS, _POST_TAGS, _SEARCH_TEXTS, _SEARCH_INDEX[name]):
            filled = statement.format(authors=AUTHORS, patterns=PATTERNS, **_WORDS_OF[name])
            await connection.execute(text(filled), {"first": first, "start": start, "stop": stop})


async def _settle(engine: AsyncEngine) -> None:
    """Have PostgreSQL do now what it would else do while it is measured; nobody ever does this for SQLite."""
    if engine.dialect.name == "sqlite":
        return
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        for sequence in ("users", "tags", "posts"):
            await connection.execute(text(f"SELECT setval('{sequence}_id_seq', (SELECT max(id) FROM {sequence}))"))
        for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
            await connection.execute(text(statement))
