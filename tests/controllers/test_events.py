"""The activity log over HTTP: each act leaves who, what, when and where; found by filter, page by page, and as a table."""

import csv
import io
import re
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, TODAY, Clock
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password
from blog.controllers.admin.overview import DEEDS
from blog.database import begin_write
from blog.models import Event, EventOrigin, Post, User
from blog.queries import chain, events
from blog.queries.chain import ADDRESSES_KEPT

HERE = "127.0.0.1"


async def newest(db: AsyncSession) -> tuple[Event, str | None]:
    query = select(Event, EventOrigin.address).outerjoin(EventOrigin, EventOrigin.event_id == Event.id)
    event, address = (await db.execute(query.order_by(Event.id.desc()).limit(1))).one()
    return event, address


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def person(db: AsyncSession, username: str) -> User:
    return (await db.scalars(select(User).where(User.username == username))).one()


async def fill(db: AsyncSession, count: int, **more: Any) -> None:
    """Let something happen every minute until now."""
    anna = await person(db, "anna")
    for number in range(count):
        at = TODAY - timedelta(minutes=count - number)
        db.add(Event.about("post.saved", await db.get_one(Post, 1), at, anna, name=f"n{number}", **more))
    await db.commit()


ACTS: list[tuple[str, str, dict[str, str], str, str]] = [
    (
        "anna",
        f"/studio/posts/{{{SECRET}-draft}}/publication",
        {"published_at": "2026-11-01T10:00"},
        "post.published",
        "post",
    ),
    ("anna", "/studio/posts/{together}/trash", {}, "post.trashed", "post"),
    ("ed", "/studio/posts/{together}/feature", {}, "post.featured", "post"),
    ("ada", "/admin/users/{=ben}/role", {"role": "editor"}, "user.role_changed", "user"),
    ("ada", "/admin/users/{=ben}/suspension", {}, "user.suspended", "user"),
    ("ada", "/admin/site", {"title": "New", "language": "en", "timezone": "UTC"}, "site.changed", "site"),
    ("anna", "/account/sessions/delete", {}, "user.sessions_ended", "user"),
    ("anna", "/logout", {}, "user.signed_out", "user"),
]


@pytest.mark.parametrize(("who", "path", "fields", "action", "subject"), ACTS)
async def test_each_act_says_who_what_when_and_where(
    browse: Any, db: AsyncSession, clock: Clock, who: str, path: str, fields: dict[str, str], action: str, subject: str
) -> None:
    clock.advance(timedelta(minutes=5))
    found = re.search(r"\{(=?)([^}]+)\}", path)
    about = 0
    if found:
        about = (await person(db, found[2])).id if found[1] else await id_of(db, found[2])
        path = path.replace(found[0], str(about))
    assert (await browse(who).post(path, fields)).status_code == 303
    event, address = await newest(db)
    actor = await person(db, who)
    assert (event.action, event.subject, event.actor_id, event.actor_name) == (action, subject, actor.id, actor.name)
    assert event.at == clock()
    assert address == HERE
    assert not about or event.subject_id == about
    assert (await chain.verify(db, clock())).breaks == []
    shown = (await browse("ada").get("/admin/events")).text
    assert f'id="event-{event.id}"' in shown
    assert HERE in shown


async def test_wrong_tries_to_sign_in_are_recorded_alike_and_keep_nothing_that_was_typed(
    browse: Any, db: AsyncSession
) -> None:
    anna = await person(db, "anna")
    anna.password_hash = await hash_password("a right passphrase")
    await db.commit()
    told = []
    for email in ("anna@example.org", "nobody@example.org", "sam@example.org"):
        assert (await browse().post("/login", {"email": email, "password": "hunter2 hunter2"})).status_code == 422
        told.append(await newest(db))
    assert [event.action for event, _ in told] == ["user.sign_in_failed"] * 3
    assert [event.subject_id for event, _ in told] == [anna.id, None, (await person(db, "sam")).id]
    assert {(event.actor_id, address, str(event.detail)) for event, address in told} == {(None, HERE, "{}")}
    right = await browse().post("/login", {"email": "anna@example.org", "password": "a right passphrase"})
    assert right.status_code == 303
    event, address = await newest(db)
    assert (event.action, event.actor_name, address) == ("user.signed_in", "Anna Author", HERE)
    page = (await browse("ada").get("/admin/events?action=user.sign_in_failed")).text
    assert page.count("somebody not signed in") == 3
    assert "hunter2" not in page


async def test_the_address_is_the_one_that_a_trusted_proxy_saw(fresh_app: Any) -> None:
    from blog.settings import read_settings

    trusted = read_settings({"TRUSTED_PROXIES": HERE, "SECRET_KEY": "s" * 40}).trusted_proxies
    forwarded = {"x-forwarded-for": "203.0.113.9, 198.51.100.4"}
    for proxies, expected in ((trusted, "198.51.100.4"), ((), HERE)):
        async with fresh_app(trusted_proxies=proxies) as app:
            await Browser(app, "anna").post("/account/sessions/delete", headers=forwarded)
            async with app.house.sessions() as db:
                assert (await newest(db))[1] == expected


async def test_the_log_is_filtered_by_person_action_subject_and_time(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, ed, ada = await person(db, "anna"), await person(db, "ed"), browse("ada")
    for at, who, action in (
        (TODAY - 3 * DAY, anna, "post.saved"),
        (TODAY - 2 * DAY, ed, "post.saved"),
        (TODAY - DAY, ed, "post.trashed"),
    ):
        db.add(Event.about(action, await db.get_one(Post, 2), at, who))
    db.add(Event.about("user.suspended", anna, TODAY, None))
    await db.commit()

    async def shown(query: str) -> list[int]:
        answer = await ada.get(f"/admin/events?{query}")
        assert answer.status_code == 200, answer.text
        return [int(number) for number in re.findall(r'id="event-(\d+)"', answer.text)]

    last = await db.scalar(select(func.max(Event.id))) or 0
    first, second, third, fourth = range(last - 3, last + 1)
    assert await shown("") == [fourth, third, second, first]
    assert (
        await shown("person=anna") == await shown("person=anna%20AUTHOR") == await shown(f"person={anna.id}") == [first]
    )
    assert await shown("action=post.saved") == [second, first]
    assert await shown("person=ed&action=post.saved&subject=post&number=2") == [second]
    assert await shown("subject=user") == [fourth]
    assert await shown("since=2026-11-19&until=2026-11-20") == [third, second]
    assert await shown("person=nobody") == []
    for wrong in ("since=soon", "until=2026-02-30", "number=x", "action=murder", "until=9999-12-31"):
        answer = await ada.get(f"/admin/events?{wrong}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    # The name that somebody had stays when they are gone.
    page = (await ada.get("/admin/events?person=anna")).text
    assert "<bdi>Anna Author</bdi>" in page
    assert '<a href="/studio/posts/2"' in page


async def test_what_may_have_happened_is_chosen_by_what_it_happened_to(browse: Any) -> None:
    page = (await browse("ada").get("/admin/events")).text
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page)
    words = [(about, said) for about, options in groups for said in re.findall(r">([^<]+)</option>", options)]
    assert ("redirect", "changed") in words
    assert ("user", "sign in failed") in words
    assert len(set(words)) == len(words) == len(DEEDS), "no two deeds look the same"


async def test_a_persons_page_says_what_happened_in_words(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, ada = await person(db, "anna"), browse("ada")
    await browse().post("/login", {"email": "anna@example.org", "password": "a wrong passphrase"})
    await ada.post(f"/admin/users/{anna.id}/suspension")
    page = (await ada.get(f"/admin/users/{anna.id}")).text
    happened = page[page.index("What happened") :]
    assert "<strong>suspended</strong>" in happened
    assert "<strong>sign in failed</strong>" in happened
    assert "somebody not signed in" in happened
    assert "user." not in happened


async def test_a_change_of_the_settings_says_of_which(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    assert (await ada.post("/admin/site", {"title": "Renamed", "accent": "#1c4f82"})).status_code == 303
    event, _ = await newest(db)
    assert (event.action, event.detail) == ("site.changed", {"settings": ["title", "accent"]})
    assert "settings: <bdi>title, accent</bdi>" in (await ada.get("/admin/events")).text
    assert (await ada.post("/admin/site", {"title": "Renamed", "posts_per_page": "7"})).status_code == 303
    assert (await newest(db))[0].detail == {"settings": ["posts_per_page"]}
    assert "settings: <bdi>posts per page</bdi>" in (await ada.get("/admin/events")).text


async def test_pages_go_on_from_an_event_and_cost_the_same_however_far_back(
    browse: Any, db: AsyncSession, statements: Any
) -> None:
    await fill(db, 2 * events.PAGE_SIZE + 10)
    ada = browse("ada")

    def numbers(page: str) -> list[int]:
        return [int(number) for number in re.findall(r'id="event-(\d+)"', page)]

    def link(page: str, rel: str) -> str:
        found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        return found[1].replace("&amp;", "&") if found else ""

    pages = [(await ada.get("/admin/events?person=anna")).text]
    while older := link(pages[-1], "next"):
        pages.append((await ada.get(older)).text)
    every = [number for page in pages for number in numbers(page)]
    assert len(pages) == 3
    assert every == sorted(every, reverse=True)
    assert len(every) == len(set(every)) == 2 * events.PAGE_SIZE + 10
    back = (await ada.get(link(pages[2], "prev"))).text
    assert numbers(back) == numbers(pages[1])
    assert numbers((await ada.get(link(back, "prev"))).text) == numbers(pages[0])
    far, near = link(pages[1], "next"), "/admin/events"
    assert len(await statements(lambda: ada.get(far))) <= len(await statements(lambda: ada.get(near))) + 2
    read = [one for one in await statements(lambda: ada.get(far)) if "ORDER BY events" in one]
    assert ["(events.at, events.id) <" in one for one in read] == [True]
    assert (await ada.get("/admin/events?before=999999")).status_code == 404


async def test_the_table_holds_all_that_fit_and_no_formula(browse: Any, db: AsyncSession, monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "BATCH_SIZE", 7)
    anna = await person(db, "anna")
    anna.name = '=HYPERLINK("http://evil.test")'
    await fill(db, 20)
    answer = await browse("ada").get("/admin/events/export.csv?person=anna")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    assert "events.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [int(row["number"]) for row in rows] == sorted((int(row["number"]) for row in rows), reverse=True)
    assert len(rows) == 20
    assert {row["person"] for row in rows} == {"'" + anna.name}
    assert rows[0]["time"] == "2026-11-21T11:59:00.000000+00:00"
    assert {len(row["hash"]) for row in rows} == {64}
    assert (await browse("ada").get("/admin/events/export.csv?since=soon")).status_code == 400
    assert (await browse("ed").get("/admin/events/export.csv")).status_code == 403


async def test_addresses_leave_the_log_by_themselves(fresh_app: Any) -> None:
    async with fresh_app() as app:
        await Browser(app, "anna").post("/account/sessions/delete")
        async with app.house.sessions() as db:
            assert (await newest(db))[1] == HERE
        app.house.clock.advance(ADDRESSES_KEPT)
        app.house.forget_site()
        await Browser(app).get("/")
        async with app.house.sessions() as db:
            assert (await newest(db))[1] is None
            assert (await chain.verify(db, app.house.clock())).breaks == []


async def test_admins_follow_the_whole_log_in_steps(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            await begin_write(db)
            await fill(db, 7)
        ada, check = Browser(app, "ada"), "/admin/events/check"
        assert "Check all events" in (await ada.get(check)).text
        whole = (await ada.post(check, {"noted": ""})).text
        assert "All events are as they were recorded." in whole
        noted = re.search(r'value="(7:[0-9a-f]{64})" readonly', whole)
        assert noted
        monkeypatch.setattr("blog.controllers.admin.verification.MOST_AT_ONCE", 3)
        begin, told = "", []
        for _ in range(3):
            step = (await ada.post(check, {"noted": noted[1], "begin": begin})).text
            told += re.findall(r"The events from (.+) are as they were recorded", step)
            assert f'name="noted" value="{noted[1]}"' in step or len(told) == 3
            begin = next(iter(re.findall('name="begin" value="(.+?)"', step)), "")
        assert (told, begin) == (["1 to 3", "4 to 6", "7 to the last"], "")
        for wrong in ("7", "7:abc", f"0:{'a' * 64}", "<b>"):
            refused = await ada.post(check, {"noted": wrong})
            assert (refused.status_code, 'id="noted-error"' in refused.text) == (422, True)
            assert f'value="{escape(wrong)}"' in refused.text
        assert "Event 2 does not have the hash" in (await ada.post(check, {"noted": f"2:{'a' * 64}"})).text
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count(Event.id))) == 7, "looking writes nothing"
            await begin_write(db)
            if db.get_bind().dialect.name == "postgresql":
                await db.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
            else:
                await db.execute(text("DROP TRIGGER events_refuse_update"))
            await db.execute(text("UPDATE events SET action = 'post.trashed' WHERE id = 5"))
            await db.commit()
        assert "1 to 3 are as" in (await ada.post(check, {})).text
        second = (await ada.post(check, {"begin": "3"})).text
        assert "Event 5 is not what was recorded" in second
        assert "are as they were recorded" not in second
        assert 'name="begin" value="6"' in second, "what comes after is looked at too"
        assert (await ada.post(check, {"begin": "999999"})).status_code == 200
        assert (await Browser(app, "ed").post(check, {})).status_code == 403
