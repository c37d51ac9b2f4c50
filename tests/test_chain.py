"""The chain of events: one line however many write, and every way in which somebody could break it is named."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from cast import TODAY
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import Sessions, begin_write
from blog.models import Event, EventHead, EventOrigin, Site, Tag
from blog.models.event import BEFORE_ALL, canonical, linked
from blog.queries import chain, events, site
from blog.queries.chain import ADDRESS, ADDRESSES_KEPT, Break, Flaw, Verdict

Details = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé", max_size=4), inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.fixed_dictionaries(
    {
        "id": st.integers(1, 2**63 - 1),
        "at": st.datetimes(timezones=st.just(UTC)),
        "actor_id": st.none() | st.integers(1, 2**63 - 1),
        "actor_name": st.text(max_size=20),
        "action": st.text(max_size=20),
        "subject": st.text(max_size=10),
        "subject_id": st.none() | st.integers(1, 2**63 - 1),
        "detail": st.dictionaries(st.text(max_size=5), Details, max_size=4),
        "commitment": st.text("0123456789abcdef", max_size=64),
    }
)


def content(values: dict[str, Any]) -> Any:
    return SimpleNamespace(**values)


@given(CONTENT, CONTENT)
def test_two_events_are_written_alike_only_if_they_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (canonical(content(one)) == canonical(content(other))) == (repr(one) == repr(other) or one == other)
    for name in one:
        mixed = content(one | {name: other[name]})
        same = repr(one[name]) == repr(other[name]) or one[name] == other[name]
        assert (linked(BEFORE_ALL, mixed) == linked(BEFORE_ALL, content(one))) == same


@given(CONTENT, st.integers(-14, 14))
def test_the_same_moment_is_written_alike_in_every_zone(values: dict[str, Any], hours: int) -> None:
    values["at"] = values["at"].replace(year=2026)
    moved = values | {"at": values["at"].astimezone(timezone(timedelta(hours=hours)))}
    turned = values | {"detail": dict(reversed(values["detail"].items()))}
    assert canonical(content(values)) == canonical(content(moved)) == canonical(content(turned))


@given(st.lists(CONTENT, min_size=2, max_size=6), st.data())
def test_whatever_changes_in_a_chain_changes_its_last_hash(rows: list[dict[str, Any]], data: Any) -> None:
    def last(chained: list[dict[str, Any]]) -> str:
        found = BEFORE_ALL
        for row in chained:
            found = linked(found, content(row))
        return found

    place = data.draw(st.integers(0, len(rows) - 1))
    renamed = [row | {"action": row["action"] + "x"} if number == place else row for number, row in enumerate(rows)]
    assert last(rows) not in {last(renamed), last(rows[:place] + rows[place + 1 :]), last(rows[:-1])}


@given(st.dictionaries(st.text(max_size=5), st.floats(), min_size=1, max_size=2))
def test_an_event_tells_no_fractions(detail: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="fractions"):
        Event.about("tag.changed", Tag, TODAY, None, **{f"n{key}": value for key, value in detail.items()})


async def act(sessions: Sessions, name: str, address: str = "192.0.2.7") -> None:
    """Do something in a transaction of its own that holds other rows too, in another order than its neighbours."""
    async with sessions(info={ADDRESS: address}) as db:
        await begin_write(db)
        row = await site.current(db)
        tag = Tag(name=name, key=name, slug=name)
        db.add(tag)
        if len(name) % 2:
            await site.touch(db)
        await db.flush()
        db.add(
            Event.about("tag.changed", tag, TODAY, None, name=name, before=["é", "\u2028", {"b": 1, "a": [None, True]}])
        )
        db.add(Event.about("site.changed", row, TODAY, None))
        if not len(name) % 2:
            await site.touch(db)
        await db.commit()


async def found(sessions: Sessions, now: datetime = TODAY, **more: Any) -> Verdict:
    async with sessions() as db:
        return await chain.verify(db, now, **more)


async def tamper(sessions: Sessions, *statements: str) -> None:
    """Do what somebody does who has the database to themselves: take the guards away first."""
    async with sessions() as db:
        await begin_write(db)
        if db.get_bind().dialect.name == "postgresql":
            await db.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
            await db.execute(text("ALTER TABLE event_origins DISABLE TRIGGER ALL"))
        else:
            await db.execute(text("DROP TRIGGER IF EXISTS events_refuse_update"))
            await db.execute(text("DROP TRIGGER IF EXISTS events_refuse_delete"))
        for statement in statements:
            await db.execute(text(statement))
        await db.commit()


async def test_fifty_acts_at_once_keep_one_chain(sessions: Sessions) -> None:
    await asyncio.gather(*(act(sessions, f"tag-{number}") for number in range(50)))
    verdict = await found(sessions)
    assert (verdict.number, verdict.breaks) == (100, [])
    async with sessions() as db:
        assert list(await db.scalars(select(Event.id).order_by(Event.id))) == list(range(1, 101))
        assert await db.scalar(select(func.count(Tag.id))) == 50


async def test_an_act_that_is_undone_leaves_no_event(sessions: Sessions) -> None:
    async with sessions() as db:
        await begin_write(db)
        db.add(Event.about("site.changed", Site, TODAY, None))
        await db.flush()
        await db.rollback()
        async with db.begin_nested() as point:
            db.add(Event.about("site.changed", Site, TODAY, None, name="undone"))
            await db.flush()
            await point.rollback()
        async with db.begin_nested():
            db.add(Event.about("site.changed", Site, TODAY, None, name="kept"))
        await db.commit()
        db.add(Event.about("site.changed", Site, TODAY, None, name="forgotten"))
        await db.flush()
        await db.close()
        db.add(Event.about("site.changed", Site, TODAY, None, name="last"))
        await db.commit()
        assert [detail["name"] for detail in await db.scalars(select(Event.detail))] == ["kept", "last"]
    assert (await found(sessions)).breaks == []


async def test_what_writes_no_event_does_not_touch_the_chain(sessions: Sessions) -> None:
    async with sessions() as holder, sessions() as db:
        await begin_write(db)
        db.add(Tag(name="quiet", key="quiet", slug="quiet"))
        if db.get_bind().dialect.name == "postgresql":
            # Whoever holds the head of the chain keeps waiting only those who write an event.
            await holder.execute(select(EventHead).with_for_update())
        await asyncio.wait_for(db.commit(), 5)


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET action = 'x' WHERE id = 1", "DELETE FROM events WHERE id = 1"]
)
async def test_the_database_refuses_to_change_events(sessions: Sessions, statement: str) -> None:
    await act(sessions, "one")
    async with sessions() as db:
        await begin_write(db)
        with pytest.raises(DBAPIError, match="neither changed nor deleted"):
            await db.execute(text(statement))


COPIED = """INSERT INTO events (id, at, actor_name, action, subject, subject_id, detail, commitment, hash)
            SELECT %d, at, actor_name, action, subject, subject_id, detail, commitment, hash FROM events WHERE id = 6"""
REWRITTEN = "UPDATE events SET action = 'tag.deleted', hash = '%s' WHERE id = %d"
HEADED = "UPDATE event_head SET hash = '%s'"
FORGERIES = {
    "altered": (["UPDATE events SET action = 'user.signed_in' WHERE id = 3"], Break(Flaw.ALTERED, 3, 3)),
    "altered time": (["UPDATE events SET at = '2026-11-21 12:00:01.000000' WHERE id = 3"], Break(Flaw.ALTERED, 3, 3)),
    "altered with its hash": (["UPDATE events SET action = 'x', hash = '00' WHERE id = 6"], Break(Flaw.ALTERED, 6, 6)),
    "removed in the middle": (["DELETE FROM event_origins WHERE event_id IN (3, 4)",
                               "DELETE FROM events WHERE id IN (3, 4)"], Break(Flaw.MISSING, 3, 4)),
    "removed at the beginning": (["DELETE FROM event_origins WHERE event_id = 1", "DELETE FROM events WHERE id = 1"],
                                 Break(Flaw.MISSING, 1, 1)),
    "removed at the end": (["DELETE FROM event_origins WHERE event_id > 4", "DELETE FROM events WHERE id > 4"],
                           Break(Flaw.MISSING, 5, 6)),
    "all removed": (["DELETE FROM event_origins", "DELETE FROM events"], Break(Flaw.MISSING, 1, 6)),
    "inserted at the end": ([COPIED % 7],
                            Break(Flaw.ADDED, 7, 7)),
    "inserted before all": ([COPIED % 0],
                            Break(Flaw.ADDED, 0, 0)),
    "another address": (["UPDATE event_origins SET address = '192.0.2.8' WHERE event_id = 2"], Break(Flaw.ADDRESS, 2, 2)),
    "an address too early gone": (["DELETE FROM event_origins WHERE event_id = 2"], Break(Flaw.ADDRESS, 2, 2)),
    "the head taken back": (["UPDATE event_head SET number = 5"], Break(Flaw.ALTERED, 5, 5)),
    "the head gone": (["DELETE FROM event_head"], Break(Flaw.HEAD)),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_every_forgery_is_named(sessions: Sessions, forgery: str) -> None:
    for number in range(3):
        await act(sessions, f"tag-{number}")
    assert (await found(sessions)).breaks == []
    statements, first = FORGERIES[forgery]
    await tamper(sessions, *statements)
    assert (await found(sessions)).breaks[0] == first
    if forgery not in {"removed at the beginning", "all removed", "inserted before all"}:
        assert first in (await found(sessions, only_last=5)).breaks


async def test_two_events_that_changed_places_are_noticed(sessions: Sessions) -> None:
    for number in range(3):
        await act(sessions, f"tag-{number}")
    swap = ["UPDATE events SET id = -1 WHERE id = 2", "UPDATE events SET id = 2 WHERE id = 3",
            "UPDATE events SET id = 3 WHERE id = -1"]  # fmt: skip
    async with sessions() as db:
        if db.get_bind().dialect.name == "sqlite":
            swap = ["DELETE FROM event_origins", *swap]
    await tamper(sessions, *swap)
    assert Break(Flaw.ALTERED, 2, 2) in (await found(sessions)).breaks


async def test_a_chain_made_anew_is_noticed_by_who_wrote_its_hash_down(sessions: Sessions) -> None:
    await act(sessions, "before")
    noted = await found(sessions)
    async with sessions() as db:
        rows = list(await db.scalars(select(Event).order_by(Event.id)))
        last, statements = BEFORE_ALL, []
        for row in rows:
            row.action = "tag.deleted"
            last = linked(last, row)
            statements.append(REWRITTEN % (last, row.id))
        db.expunge_all()
    await tamper(sessions, *statements, HEADED % last)
    assert (await found(sessions)).breaks == []
    assert (await found(sessions, noted=(noted.number, noted.hash))).breaks == [Break(Flaw.NOTED, 2, 2)]
    assert (await found(sessions, noted=(9, noted.hash))).breaks == [Break(Flaw.NOTED, 9, 9)]


async def test_addresses_are_forgotten_after_their_time_and_the_chain_stays_whole(sessions: Sessions) -> None:
    await act(sessions, "tagged")
    await act(sessions, "untraced", address="")

    async def kept(db: AsyncSession) -> int:
        return await db.scalar(select(func.count()).select_from(EventOrigin)) or 0

    async with sessions() as db:
        await events.forget_addresses(db, TODAY + ADDRESSES_KEPT - timedelta(seconds=1))
        assert await kept(db) == 2
        await events.forget_addresses(db, TODAY + ADDRESSES_KEPT)
        assert await kept(db) == 0
    assert (await found(sessions, TODAY + ADDRESSES_KEPT)).breaks == []


async def test_a_long_chain_is_followed_in_pieces(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "AT_ONCE", 4)
    for number in range(5):
        await act(sessions, f"tag-{number}")
    seen: list[tuple[int, int]] = []
    verdict = await found(sessions, progress=lambda done, total: seen.append((done, total)))
    assert (verdict.breaks, seen) == ([], [(number, 10) for number in range(1, 11)])
    await tamper(sessions, "UPDATE events SET action = 'x' WHERE id IN (4, 5, 9)")
    assert [one.first for one in (await found(sessions)).breaks] == [4, 5, 9]
    assert [one.first for one in (await found(sessions, only_last=3)).breaks] == [9]
