"""What happened, newest first: by person, action, subject and time, from any place on.

A place is an event, and pages go on from there by an index, so that the last page takes no longer than the first.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, delete, func, literal, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write, plan_for_values
from blog.models import Event, EventOrigin, Media, Post, Tag, User
from blog.queries.chain import ADDRESSES_KEPT

PAGE_SIZE = 50
BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; what is empty leaves all of them."""

    person: str = ""
    action: str = ""
    subject: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and the address that it came from while that is kept."""

    event: Event
    address: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events, newest first; the ids that a newer and an older page go on from, where there is one."""

    items: Sequence[Told]
    newer: int | None = None
    older: int | None = None


async def stretch(db: AsyncSession, wanted: Wanted, *, before: int = 0, after: int = 0) -> Stretch | None:
    """Fetch a page: the newest, or that before or after an event; None when there is no such event."""
    await plan_for_values(db)
    place = await _place(db, before or after)
    if place is None and (before or after):
        return None
    if after:
        found = await _fetch(db, _newer(await _rows(db, wanted), place), PAGE_SIZE + 1)
        if len(found) > PAGE_SIZE:
            items = found[:PAGE_SIZE][::-1]
            return Stretch(items, items[0].event.id, items[-1].event.id)
        place = None  # this is the first page, and may hold more by now
    found = await _fetch(db, _older(await _rows(db, wanted), place), PAGE_SIZE + 1)
    items = found[:PAGE_SIZE]
    newer = items[0].event.id if items and before else None
    return Stretch(items, newer, items[-1].event.id if len(found) > PAGE_SIZE else None)


async def batches(db: AsyncSession, wanted: Wanted) -> AsyncIterator[Sequence[Told]]:
    """Fetch all of them a few at a time; nothing of the database is held in between."""
    rows, place = await _rows(db, wanted), None
    while found := await _fetch(db, _older(rows, place), BATCH_SIZE):
        await db.commit()
        yield found
        place = found[-1].event.at, found[-1].event.id


async def names(db: AsyncSession, told: Sequence[Event]) -> dict[tuple[str, int], str]:
    """Give what the subjects of events are called today, as far as they are still there; in one statement."""
    asked: list[Select[str, int, str]] = []
    for kind, column in (("post", Post.title), ("user", User.name), ("tag", Tag.name), ("media", Media.original_name)):
        ids = {one.subject_id for one in told if one.subject == kind}
        model = column.class_
        asked.append(select(literal(kind, String), model.id, column).where(model.id.in_(sorted(filter(None, ids)))))
    return {(kind, row_id): name for kind, row_id, name in await db.execute(union_all(*asked))}


async def forget_addresses(db: AsyncSession, now: datetime) -> None:
    """Drop addresses that were kept long enough, and commit; their events stay, and the chain stays whole."""
    await begin_write(db)
    await db.execute(delete(EventOrigin).where(EventOrigin.at <= now - ADDRESSES_KEPT))
    await db.commit()


Place = tuple[datetime, int]
Rows = Select[Event, str | None]


async def _place(db: AsyncSession, event_id: int) -> Place | None:
    row = (await db.execute(select(Event.at, Event.id).where(Event.id == event_id))).one_or_none() if event_id else None
    return (row.at, row.id) if row else None


async def _rows(db: AsyncSession, wanted: Wanted) -> Rows:
    query: Rows = select(Event, EventOrigin.address).outerjoin(EventOrigin, EventOrigin.event_id == Event.id)
    if wanted.person:
        query = query.where(Event.actor_id == await _person(db, wanted.person))
    if wanted.action:
        query = query.where(Event.action == wanted.action)
    if wanted.subject:
        query = query.where(Event.subject == wanted.subject)
    if wanted.subject_id is not None:
        query = query.where(Event.subject_id == wanted.subject_id)
    if wanted.since:
        query = query.where(Event.at >= wanted.since)
    if wanted.until:
        query = query.where(Event.at < wanted.until)
    return query


async def _person(db: AsyncSession, who: str) -> int:
    """Find out whom a name, a username or a number means; it may be the number of somebody who is gone."""
    same = or_(User.username == who, func.lower(User.name) == who.lower())
    found = await db.scalar(select(User.id).where(same).order_by(User.username != who, User.id).limit(1))
    return found or (int(who) if who.isascii() and who.isdigit() and len(who) < 19 else 0)


def _older(rows: Rows, place: Place | None) -> Rows:
    if place:
        rows = rows.where(tuple_(Event.at, Event.id) < tuple_(*_literals(place)))
    return rows.order_by(Event.at.desc(), Event.id.desc())


def _newer(rows: Rows, place: Place | None) -> Rows:
    if place:
        rows = rows.where(tuple_(Event.at, Event.id) > tuple_(*_literals(place)))
    return rows.order_by(Event.at, Event.id)


def _literals(place: Place) -> tuple[object, object]:
    return literal(place[0], Event.at.type), literal(place[1], Event.id.type)


async def _fetch(db: AsyncSession, rows: Rows, most: int) -> list[Told]:
    return [Told(event, address or "") for event, address in await db.execute(rows.limit(most))]
