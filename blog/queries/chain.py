"""The chain of events: how it grows, and whether it is whole.

Events that are added to a session wait until its transaction is about to be committed. Only then is the head of the
chain locked (on PostgreSQL; a transaction that writes to SQLite is alone already), so nobody waits for more than the
end of another's transaction, and since nothing is locked after it, nobody waits in a circle. What writes no event,
such as an autosave, pays nothing.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, event, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from blog.models import Event, EventHead, EventOrigin
from blog.models.event import BEFORE_ALL, LONGEST_ADDRESS, committed, linked, new_salt

ADDRESS = "address"
"""Under this name a session's `info` says whose request it serves."""
ADDRESSES_KEPT = timedelta(days=90)
AT_ONCE = 1000
MOST_TOLD = 20
_WAITING = "events that wait"


@event.listens_for(Session, "before_flush")
def _set_aside(session: Session, _context: object, _instances: object) -> None:
    for made in [one for one in session.new if isinstance(one, Event)]:
        session.expunge(made)
        session.info.setdefault(_WAITING, []).append((session.get_nested_transaction(), made))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if waiting := session.info.pop(_WAITING, None):
        _append(session, [made for _, made in waiting])


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    if undone.nested and _WAITING in session.info:
        session.info[_WAITING] = [pair for pair in session.info[_WAITING] if pair[0] is not undone]


@event.listens_for(Session, "after_transaction_end")
def _forget_all(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_WAITING, None)


def _append(session: Session, events: Sequence[Event]) -> None:
    head = session.execute(select(EventHead.number, EventHead.hash).where(EventHead.id == 1).with_for_update()).one()
    address = session.info.get(ADDRESS, "")[:LONGEST_ADDRESS]
    last, origins = head.hash, []
    for number, made in enumerate(events, head.number + 1):
        salt = new_salt() if address else ""
        made.id, made.commitment = number, committed(salt, address)
        made.actor_name = made.actor_name or ""
        made.hash = last = linked(last, made)
        if address:
            origins.append({"event_id": number, "address": address, "salt": salt, "at": made.at})
    names = [column.key for column in Event.__table__.columns]
    session.execute(insert(Event), [{name: getattr(made, name) for name in names} for made in events])
    if origins:
        session.execute(insert(EventOrigin), origins)
    grown = update(EventHead).where(EventHead.id == 1).values(number=head.number + len(events), hash=last)
    session.execute(grown.execution_options(synchronize_session=False))


class Flaw(StrEnum):
    """What can be wrong with a chain."""

    ALTERED = "altered"
    MISSING = "missing"
    ADDED = "added"
    ADDRESS = "address"
    HEAD = "head"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is not whole: from which event to which."""

    flaw: Flaw
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Verdict:
    """What was found of a chain: the number and the hash of its last event, up to which it was followed, and its first
    few breaks.
    """

    number: int = 0
    hash: str = BEFORE_ALL
    until: int = 0
    breaks: list[Break] = field(default_factory=list)
    more: int = 0

    def tell(self, flaw: Flaw, first: int = 0, last: int = 0) -> None:
        if len(self.breaks) < MOST_TOLD:
            self.breaks.append(Break(flaw, first, last or first))
        else:
            self.more += 1


Progress = Callable[[int, int], None]
_COLUMNS = (*Event.__table__.columns, EventOrigin.address, EventOrigin.salt)


async def verify(
    db: AsyncSession,
    now: datetime,
    *,
    only_last: int | None = None,
    begin: int = 0,
    most: int | None = None,
    noted: tuple[int, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> Verdict:
    """Follow the chain, or its end, or from an event that was followed before at most so many more; tell where it is
    not whole.

    What is written meanwhile is not looked at. `noted` is a number and a hash that somebody wrote down before.
    """
    head = (await db.execute(select(EventHead.number, EventHead.hash, _LAST).where(EventHead.id == 1))).one_or_none()
    if head is None:
        return Verdict(breaks=[Break(Flaw.HEAD)])
    begin = max(0, head.number - only_last) if only_last is not None else min(begin, head.number)
    end = min(head.number, begin + most) if most is not None else head.number
    verdict = Verdict(head.number, head.hash, end)
    place, before = begin, BEFORE_ALL if begin == 0 else None
    async for row in _rows(db, begin, end):
        if row.id < 1:
            verdict.tell(Flaw.ADDED, row.id)
            continue
        if row.id > place + 1:
            verdict.tell(Flaw.MISSING, place + 1, row.id - 1)
            before = None
        if before is not None and row.hash != linked(before, row):
            verdict.tell(Flaw.ALTERED, row.id)
        if not _fits_address(row, now):
            verdict.tell(Flaw.ADDRESS, row.id)
        if noted and noted[0] == row.id and noted[1] != row.hash:
            verdict.tell(Flaw.NOTED, row.id)
        place, before = row.id, row.hash
        progress(place, head.number)
    if place < end:
        verdict.tell(Flaw.MISSING, place + 1, end)
    elif end == head.number and before is not None and before != head.hash:
        verdict.tell(Flaw.ALTERED, head.number) if head.number else verdict.tell(Flaw.HEAD)
    if end == head.number and head.last and head.last > head.number:
        verdict.tell(Flaw.ADDED, head.number + 1, head.last)
    if noted and noted[0] > head.number:
        verdict.tell(Flaw.NOTED, noted[0])
    return verdict


_LAST = select(func.max(Event.id)).scalar_subquery().label("last")


async def _rows(db: AsyncSession, begin: int, end: int) -> AsyncIterator[Row[*tuple[Any, ...]]]:
    """Fetch a stretch of the chain in pieces, from its first event or, later on, from the one that others follow."""
    query = select(*_COLUMNS).outerjoin(EventOrigin, EventOrigin.event_id == Event.id).order_by(Event.id).limit(AT_ONCE)
    rows = (
        await db.execute(query.where(Event.id <= end, Event.id >= begin) if begin else query.where(Event.id <= end))
    ).all()
    while rows:
        for row in rows:
            yield row
        await db.commit()  # nothing is held between two pieces
        rows = (await db.execute(query.where(Event.id <= end, Event.id > rows[-1].id))).all()


def _fits_address(row: Any, now: datetime) -> bool:
    if row.address is not None:
        return bool(committed(row.salt, row.address) == row.commitment)
    return not row.commitment or row.at <= now - ADDRESSES_KEPT
