"""A site with something in every table and files of every kind, and an independent reading of all that a site holds."""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cast
from commands import Done, Operator
from live import environment_for
from sqlalchemy import JSON, Boolean, Date, DateTime, Enum, Float, Integer, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator

from blog.database import Sessions, begin_write, make_engine, make_sessions
from blog.models import Base, Comment, Event, Mail, MailStatus, Media, Post, Site, User
from blog.models.media import post_media
from blog.queries.chain import ADDRESS
from blog.settings import Settings, read_settings
from blog.storage import Storage, open_storage
from blog.transfer.backup.tables import emptied_tables

OWN = {"events", "event_head"}
"""Tables that making or restoring a backup adds to."""
SIZES = (5, 3000, 9_000_000)
"""Of three files: the last one is too large to be held in memory."""
Reading = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Place:
    """A site as an operator has it: a database, a place for files, and the command."""

    settings: Settings
    operator: Operator

    @classmethod
    def at(cls, url: str, folder: Path, **more: str) -> "Place":
        environment = environment_for(url, folder, SECRET_KEY="0123456789abcdef" * 3, **more)
        return cls(read_settings(environment), Operator(environment))

    def run(self, *words: object, **more: str) -> Done:
        done = self.operator.run(*map(str, words), **more)
        assert done.code == 0, done
        return done

    def fails(self, *words: object) -> str:
        return self.operator.fails(*map(str, words))

    @property
    def storage(self) -> Storage:
        return open_storage(self.settings)

    def do(self, work: Any) -> Any:
        """Do something with the sessions of this site: `place.do(lambda sessions: …)`."""

        async def run() -> Any:
            engine = make_engine(self.settings)
            try:
                return await work(make_sessions(engine))
            finally:
                await engine.dispose()

        return asyncio.run(run())

    def fill(self, sizes: Sequence[int] = SIZES) -> None:
        self.do(lambda sessions: fill(sessions, self.storage, sizes))

    def reading(self) -> Reading:
        found: Reading = self.do(read_all)
        return found

    def files(self) -> dict[str, str]:
        found: dict[str, str] = self.do(lambda sessions: read_files(sessions, self.storage))
        return found


async def fill(sessions: Sessions, storage: Storage, sizes: Sequence[int] = SIZES) -> None:
    """Let the cast enter, with files, what is said of posts, letters, and a row in each table that has none."""
    async with sessions() as db:
        db.sync_session.info[ADDRESS] = "192.0.2.7"
        await begin_write(db)
        await cast.enter(db, cast.TODAY)
        anna, hello = (await db.scalars(select(User).where(User.username == "anna"))).one(), await _hello(db)
        files = [await add_file(db, storage, number, anna.id, size) for number, size in enumerate(sizes)]
        anna.picture_id, hello.cover_id = files[0].id, files[len(files) // 2].id
        site = (await db.scalars(select(Site))).one()
        site.logo_id, site.title, site.version = files[-1].id, "Ünïcode — 日本語", 40
        await db.execute(insert(post_media), [{"post_id": hello.id, "media_id": file.id} for file in files])
        said = Comment(post_id=hello.id, author_id=anna.id, text="First", created_at=cast.TODAY)
        db.add(said)
        await db.flush()
        db.add(Comment(post_id=hello.id, author_id=anna.id, answers_id=said.id, text="Then", created_at=cast.TODAY))
        db.add_all([_letter(MailStatus.WAITING, "A secret link"), _letter(MailStatus.SENT, "")])
        db.add(Event.about("post.saved", hello, datetime.now(UTC), anna, name="né\u2028", revision=3))
        await db.commit()
        for table in reversed(emptied_tables()):
            if await db.scalar(select(func.count()).select_from(table)) == 0:
                await db.execute(insert(table).values(**await _any_row(db, table)))
        await db.commit()
        gone = User(name="Gone", username="gone", role="viewer", created_at=cast.TODAY)
        db.add(gone)
        await db.commit()
        await db.delete(gone)
        await db.commit()


async def add_file(db: AsyncSession, storage: Storage, number: int, by: int, size: int = 100) -> Media:
    """Keep a file as uploads do: its bytes and a smaller copy first, then its row."""
    name = f"{sha256(os.urandom(8)).hexdigest()[:32]}.png"
    small = f"{name[:32]}-480.webp"
    content = os.urandom(size)
    await storage.put({small: content[:10], name: content})
    media = Media(
        name=name, stored=name, original_name=f"picture {number}.png", content_type="image/png", size=size, width=9,
        height=9, fingerprint=sha256(content).hexdigest(), variants=[[480, "webp"]], uploaded_by_id=by,
        created_at=cast.TODAY + timedelta(microseconds=number),
    )  # fmt: skip
    db.add(media)
    await db.flush()
    return media


async def read_all(sessions: Sessions) -> Reading:
    """Read every row of every table by its key, in Python's own words."""
    found: Reading = {}
    async with sessions() as db:
        for name, table in Base.metadata.tables.items():
            rows = await db.execute(select(table).order_by(*table.primary_key.columns))
            found[name] = [json.loads(json.dumps(row._asdict(), default=_told, sort_keys=True)) for row in rows]
    return found


async def read_files(sessions: Sessions, storage: Storage) -> dict[str, str]:
    """Give the sums of all files that rows name."""
    found = {}
    async with sessions() as db:
        for media in (await db.scalars(select(Media))).all():
            for name in (media.stored, *(f"{media.stored[:32]}-{width}.{kind}" for width, kind in media.variants)):
                first = await storage.read(name)
                if first is not None:
                    content = b"".join([piece async for piece in storage.pieces(name, 0, first.size - 1)])
                    found[name] = sha256(content).hexdigest()
    return found


def _told(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


async def _hello(db: AsyncSession) -> Post:
    return (await db.scalars(select(Post).where(Post.slug == "hello"))).one()


def _letter(status: MailStatus, text: str) -> Mail:
    return Mail(
        address="mei@example.org", template="x", text=text, status=status, created_at=cast.TODAY,
        next_try_at=cast.TODAY, expires_at=cast.TODAY,
    )  # fmt: skip


async def _any_row(db: AsyncSession, table: Table) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
        if column.foreign_keys:
            (key,) = column.foreign_keys
            row[column.name] = await db.scalar(select(func.min(key.column)))
        elif isinstance(kind, Enum):
            row[column.name] = next(iter(kind.enum_class or []))
        elif isinstance(kind, Boolean):
            row[column.name] = True
        elif isinstance(kind, DateTime):
            row[column.name] = cast.TODAY + timedelta(microseconds=1)
        elif isinstance(kind, Date):
            row[column.name] = date(2026, 2, 3)
        elif isinstance(kind, Float):
            row[column.name] = 0.1
        elif isinstance(kind, Integer) and not (column.primary_key and len(table.primary_key.columns) == 1):
            row[column.name] = 7
        elif isinstance(kind, JSON):
            row[column.name] = [{"b": "ü", "a": [1, None, True]}]
        elif not isinstance(kind, Integer):
            row[column.name] = "x"
    return row
