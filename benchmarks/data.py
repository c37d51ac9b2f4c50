"""Fills a migrated, empty database with made-up posts: three tags each, in bulk, with a progress bar.

The words are drawn from a fixed seed, so two runs measure the same posts.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.progress import track
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from blog.content.markdown import render
from blog.database import make_engine
from blog.search import Document, postgres
from blog.settings import Settings

BATCH = 5000
AUTHORS = 50
TAGS = 200
TEMPLATES = 40
"""Different bodies; posts share them, because rendering a million would take hours and measure nothing else."""
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
WORDS = [
    "harbour",
    "lantern",
    "orchard",
    "granite",
    "willow",
    "copper",
    "meadow",
    "thunder",
    "velvet",
    "compass",
    "saffron",
    "glacier",
    "ember",
    "thicket",
    "canyon",
    "marble",
    "juniper",
    "lagoon",
    "falcon",
    "cedar",
    "quarry",
    "prairie",
    "walnut",
    "basalt",
    "heather",
    "otter",
    "pebble",
    "tundra",
    "acorn",
    "lichen",
]
COLUMNS = [
    "id",
    "version",
    "revision_number",
    "owner_id",
    "kind",
    "status",
    "visibility",
    "is_featured",
    "title",
    "slug",
    "excerpt",
    "body",
    "html",
    "contents",
    "summary",
    "words",
    "reading_minutes",
    "cover_alt",
    "created_at",
    "updated_at",
    "saved_at",
    "published_at",
    "first_published_at",
]


async def fill(database_url: str, posts: int) -> None:
    """Make the posts; a tenth of the tags holds most of them, as in real blogs."""
    engine = make_engine(Settings(database_url=database_url, secret_key="s" * 40))
    async with engine.connect() as plain:
        connection = await plain.execution_options(sqlite_begin="IMMEDIATE")
        await _people_and_tags(connection)
        for start in track(range(0, posts, BATCH), f"Making {posts:,} posts", disable=not sys.stderr.isatty()):
            await _posts(connection, range(start, min(start + BATCH, posts)), posts)
        await connection.commit()
        if engine.dialect.name == "postgresql":
            for sequence in ("users", "tags", "posts"):
                await connection.execute(text(f"SELECT setval('{sequence}_id_seq', (SELECT max(id) FROM {sequence}))"))
            await connection.commit()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))
    await engine.dispose()


async def _people_and_tags(connection: AsyncConnection) -> None:
    now = NEWEST.replace(tzinfo=None) if connection.dialect.name == "sqlite" else NEWEST
    people = [
        {
            "id": n,
            "name": f"Author {n}",
            "username": f"author-{n}",
            "role": "author",
            "status": "active",
            "bio": "",
            "now": now,
        }
        for n in range(1, AUTHORS + 1)
    ]
    await connection.execute(
        text(
            "INSERT INTO users (id, name, username, role, status, bio, created_at) "
            "VALUES (:id, :name, :username, :role, :status, :bio, :now)"
        ),
        people,
    )
    tags = [{"id": n, "name": f"Tag {n}", "slug": f"tag-{n}"} for n in range(1, TAGS + 1)]
    await connection.execute(
        text("INSERT INTO tags (id, name, key, slug, description) VALUES (:id, :name, :slug, :slug, '')"), tags
    )


async def _posts(connection: AsyncConnection, numbers: range, total: int) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    rows, tagged, texts, indexed = [], [], [], []
    for number in numbers:
        row, document = _post(number, total, is_sqlite)
        rows.append(row)
        chosen = random.Random(number)
        tags = {1 + int(TAGS * chosen.random() ** 3) for _ in range(6)}
        tagged += [{"post_id": row["id"], "tag_id": tag} for tag in sorted(tags)[:3]]
        texts.append({"post_id": row["id"], "language": "en", "text": row["summary"]})
        indexed.append({"post_id": row["id"]} | document)
    contents = ":contents" if is_sqlite else "CAST(:contents AS jsonb)"
    values = ", ".join(contents if column == "contents" else f":{column}" for column in COLUMNS)
    await connection.execute(text(f"INSERT INTO posts ({', '.join(COLUMNS)}) VALUES ({values})"), rows)
    await connection.execute(text("INSERT INTO post_tags (post_id, tag_id) VALUES (:post_id, :tag_id)"), tagged)
    await connection.execute(
        text("INSERT INTO search_texts (post_id, language, text) VALUES (:post_id, :language, :text)"), texts
    )
    if is_sqlite:
        names = "title, title_stems, about, about_stems, body, body_stems"
        slots = ":title, :title_stems, '', '', :body, :body_stems"
        await connection.execute(text(f"INSERT INTO search_index (rowid, {names}) VALUES (:post_id, {slots})"), indexed)
    else:
        await connection.execute(
            text("INSERT INTO search_index (post_id, vector) VALUES (:post_id, CAST(:vector AS tsvector))"), indexed
        )


_rendered: list[Any] = []


def _bodies() -> list[Any]:
    if not _rendered:
        for number in range(TEMPLATES):
            chosen = random.Random(number)
            body = "\n\n".join(_paragraphs(chosen))
            _rendered.append((body, render(body)))
    return _rendered


def _paragraphs(chosen: random.Random) -> Iterator[str]:
    for part in range(3):
        yield f"## Part {part + 1}: {chosen.choice(WORDS)}"
        for _ in range(2):
            yield " ".join(chosen.choices(WORDS, k=60)).capitalize() + "."


def _post(number: int, total: int, is_sqlite: bool) -> tuple[dict[str, Any], dict[str, str]]:
    chosen = random.Random(number)
    body, rendered = _bodies()[number % TEMPLATES]
    title = f"{' '.join(chosen.choices(WORDS, k=4)).capitalize()} {number}"
    at = NEWEST - STEP * (total - number)
    moment = at.replace(tzinfo=None) if is_sqlite else at
    summary = " ".join(chosen.choices(WORDS, k=30))
    row = {
        "id": number + 1, "version": 1, "revision_number": 0, "owner_id": 1 + number % AUTHORS, "kind": "post",
        "status": "published", "visibility": "public", "is_featured": False, "title": title, "slug": f"post-{number}",
        "excerpt": "", "body": body, "html": str(rendered.html), "summary": summary, "words": rendered.words,
        "contents": json.dumps([[heading.level, heading.id, heading.text] for heading in rendered.contents]),
        "reading_minutes": rendered.reading_minutes, "cover_alt": "", "created_at": moment, "updated_at": moment,
        "saved_at": moment, "published_at": moment, "first_published_at": moment,
    }  # fmt: skip
    document = Document.of(title, "", summary, "en")
    if is_sqlite:
        (title_words, title_stems), (body_words, body_stems) = document.title.texts, document.body.texts
        return row, {"title": title_words, "title_stems": title_stems, "body": body_words, "body_stems": body_stems}
    return row, {"vector": postgres.vector(document)}


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], int(sys.argv[2])))
