"""The outbox: sent once, tried again, given up, and told about."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import DAY, Clock
from conftest import running, settings_for
from postbox import Postbox, text_of
from sqlalchemy import select

from blog.app import create_app
from blog.database import begin_write, make_engine, make_sessions
from blog.mail import open_office, post_mail
from blog.mail.sending import send_due
from blog.models import Event, Mail, MailStatus
from blog.models.mail import GIVEN_UP_AFTER, LEASE, LONGEST_PAUSE
from blog.queries import mails


async def post(db: Any, address: str = "nora@example.org", clock: Any = None) -> None:
    await begin_write(db)
    assert await post_mail(db, to=address, template="test", name="Nora", now=(clock or Clock())())
    await db.commit()


async def only(app: Any) -> Mail:
    async with app.house.sessions() as db:
        return (await db.scalars(select(Mail))).one()


async def settled(app: Any, status: MailStatus) -> Mail:
    """Wait until the one letter there is has come so far."""
    async with asyncio.timeout(20):
        while (mail := await only(app)).status != status or (status == MailStatus.WAITING and not mail.reason):  # noqa: ASYNC110 - another session writes it
            await asyncio.sleep(0.02)
    return mail


def office_of(app: Any) -> Any:
    return next(iter(app.house.sessions.kw["info"].values()))


async def test_a_test_letter_arrives_and_its_words_are_forgotten(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        ada = Browser(app, "ada")
        before = (await ada.get("/admin/mail")).text
        assert "127.0.0.1" in before
        assert "blog@example.org" in before
        assert (await ada.post("/admin/mail/test")).status_code == 303
        message = await box.wait()
        assert message["to"] == "ada@example.org"
        assert message["auto-submitted"] == "auto-generated"
        assert "so e-mail works" in text_of(message)
        sent = await settled(app, MailStatus.SENT)
        assert (sent.text, sent.html) == ("", "")
        assert "ada@example.org" in (await ada.get("/admin/mail")).text


async def test_without_a_server_the_page_says_so_and_sends_nothing(fresh_app: Any) -> None:
    async with fresh_app() as app:
        ada = Browser(app, "ada")
        page = (await ada.get("/admin/mail")).text
        assert "no mail server is set" in page
        assert "Send me a test e-mail" not in page
        assert (await ada.post("/admin/mail/test")).status_code == 404


async def test_a_letter_waits_for_a_server_that_is_away(mailing_app: Any, box: Postbox) -> None:
    await box.close()
    async with mailing_app() as app:
        ada = Browser(app, "ada")
        answer = await ada.post("/admin/invitations", {"email": "nora@example.org", "role": "author"})
        assert answer.status_code == 200, "requests do not wait for the server"
        waiting = await settled(app, MailStatus.WAITING)
        assert waiting.reason.startswith("The mail server cannot be used")
        assert waiting.next_try_at == app.house.clock() + timedelta(minutes=1)
        page = (await ada.get("/admin/mail")).text
        assert "The mail server cannot be used" in page
        assert "1 e-mail is waiting." in page
        await ada.post("/admin/invitations", {"email": "nora@example.org", "role": "author"})
        assert (await settled(app, MailStatus.WAITING)).id > waiting.id, "a letter with a dead link is not sent"
        await box.open()
        assert (await ada.post("/admin/mail/try")).status_code == 303
        await send_due(office_of(app), app.house.sessions)
        assert (await box.wait())["to"] == "nora@example.org"
        assert (await only(app)).status == MailStatus.SENT


async def test_a_letter_survives_a_restart(database: str, copies: Any, tmp_path: Any, box: Postbox) -> None:
    await box.close()
    url = await asyncio.to_thread(copies, database)
    settings = replace(settings_for(url, tmp_path / "media"), smtp_url=box.url)
    clock = Clock()
    async with running(create_app(settings, clock=clock)) as first:
        async with first.house.sessions() as db:
            await post(db, clock=clock)
        assert (await settled(first, MailStatus.WAITING)).tries == 1
    await box.open()
    clock.advance(timedelta(minutes=2))
    async with running(create_app(settings, clock=clock)) as second:
        assert (await box.wait())["to"] == "nora@example.org"
        assert (await settled(second, MailStatus.SENT)).tries == 2


async def test_two_senders_at_once_send_each_letter_once(
    database: str, copies: Any, tmp_path: Any, box: Postbox
) -> None:
    url = await asyncio.to_thread(copies, database)
    settings = replace(settings_for(url, tmp_path), smtp_url=box.url)
    clock = Clock()
    engines = [make_engine(settings) for _ in range(3)]
    houses = [make_sessions(engine) for engine in engines]
    offices = [open_office(settings, sessions, clock) for sessions in houses]
    async with houses[0]() as db:
        for number in range(12):
            await post(db, f"person{number}@example.org")
    await asyncio.gather(
        *(send_due(office, sessions) for office, sessions in zip(offices, houses, strict=True) if office)
    )
    assert sorted(to for (to,) in box.recipients) == sorted(f"person{n}@example.org" for n in range(12))
    assert len({message["message-id"] for message in box.arrived}) == 12
    for engine in engines:
        await engine.dispose()


@pytest.fixture
async def outbox(sessions: Any, box: Postbox) -> Any:
    """Sessions and an office over a new database, without a running application."""
    clock = Clock()
    settings = replace(settings_for("sqlite+aiosqlite:///unused", "unused"), smtp_url=box.url)  # type: ignore[arg-type]  # any dataclass will do
    return sessions, open_office(settings, sessions, clock), clock


async def test_tries_come_further_and_further_apart_until_admins_are_told(outbox: Any, box: Postbox) -> None:
    sessions, office, clock = outbox
    await box.close()
    async with sessions() as db:
        await post(db)
    pauses = []
    for _ in range(200):
        await send_due(office, sessions)
        async with sessions() as db:
            mail = (await db.scalars(select(Mail))).one()
        if mail.status == MailStatus.FAILED:
            break
        pauses.append(mail.next_try_at - clock())
        clock.moment = mail.next_try_at
    assert [pause // timedelta(minutes=1) for pause in pauses[:8]] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(pauses) == LONGEST_PAUSE
    assert clock() - mail.created_at >= GIVEN_UP_AFTER
    assert (mail.text, mail.html) == ("", "")
    async with sessions() as db:
        assert "mail.failed" in set(await db.scalars(select(Event.action)))


async def test_an_address_that_is_refused_fails_at_once_and_others_go_on(mailing_app: Any, box: Postbox) -> None:
    box.answers["gone@example.org"] = "550 5.1.1 No such mailbox"
    box.answers["full@example.org"] = "452 4.2.2 Mailbox full"
    async with mailing_app() as app:
        async with app.house.sessions() as db:
            for who in ("gone", "full", "nora"):
                await post(db, f"{who}@example.org")
        await box.wait()
        assert box.recipients == [["nora@example.org"]]
        async with asyncio.timeout(20):
            while True:
                async with app.house.sessions() as db:
                    found = {mail.address.split("@")[0]: mail for mail in await db.scalars(select(Mail))}
                if found["nora"].status == MailStatus.SENT:
                    break
                await asyncio.sleep(0.02)
        assert found["gone"].status == MailStatus.FAILED
        assert found["gone"].reason == "The mail server answered: 550 5.1.1 No such mailbox"
        assert found["full"].status == MailStatus.WAITING
        ada = Browser(app, "ada")
        page = (await ada.get("/admin/mail")).text
        assert "550 5.1.1 No such mailbox" in page
        assert "1 could not be sent" in (await ada.get("/account")).text, "admins are told on every page of the desk"
        assert "could not be sent" not in (await Browser(app, "ed").get("/account")).text
        for who in ("gone", "full"):
            assert (await ada.post(f"/admin/mail/{found[who].id}/delete")).status_code == 303
        assert "could not be sent" not in (await ada.get("/account")).text
        assert (await ada.post(f"/admin/mail/{found['gone'].id}/delete")).status_code == 404


async def test_a_password_is_not_said_to_a_server_without_tls(fresh_app: Any, box: Postbox) -> None:
    url = f"smtp://user:hunter2@127.0.0.1:{box.port}?tls=starttls"
    async with fresh_app(smtp_url=url) as app:
        async with app.house.sessions() as db:
            await post(db)
        waiting = await settled(app, MailStatus.WAITING)
        assert "STARTTLS" in waiting.reason
        assert "hunter2" not in (await Browser(app, "ada").get("/admin/mail")).text
        assert box.arrived == []


async def test_the_letter_under_way_is_finished_when_the_application_stops(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        office = office_of(app)

        async def take_until_it_stops() -> None:
            started.set()
            while not office.is_closing:  # noqa: ASYNC110 - a flag of the application's, no event of the test's
                await asyncio.sleep(0.01)

        started, box.on_data = asyncio.Event(), take_until_it_stops
        async with app.house.sessions() as db:
            await post(db)
        await started.wait()
        assert (await Browser(app).get("/archive")).status_code == 200, "pages do not wait for the mail server"
        url = app.house.settings.database_url
    assert len(box.arrived) == 1
    engine = make_engine(replace(settings_for(url, app.house.settings.media_url)))
    async with make_sessions(engine)() as db:
        assert (await db.scalars(select(Mail.status))).one() == MailStatus.SENT
    await engine.dispose()


async def test_a_sender_that_died_is_followed_by_another_when_its_hold_ends(outbox: Any, box: Postbox) -> None:
    sessions, office, clock = outbox
    async with sessions() as db:
        await post(db)
        taken = await mails.next_due(db, clock())
        assert taken is not None
        taken.claim(clock())
        await db.commit()
        await mails.try_now(db, clock())
        await db.commit()
    await send_due(office, sessions)
    assert box.arrived == []
    clock.advance(LEASE)
    await send_due(office, sessions)
    assert len(box.arrived) == 1
    async with sessions() as db:
        assert await mails.held(db, taken) is None, "the first sender can no longer say what became of it"


async def test_what_was_rolled_back_is_never_sent(outbox: Any, box: Postbox) -> None:
    sessions, office, clock = outbox
    async with sessions() as db:
        await post_mail(db, to="nora@example.org", template="test", name="Nora", now=clock())
        await db.rollback()
    await send_due(office, sessions)
    assert box.arrived == []


async def test_a_letter_whose_link_ended_is_not_sent_any_more(outbox: Any, box: Postbox) -> None:
    sessions, office, clock = outbox
    async with sessions() as db:
        await post_mail(db, to="nora@example.org", template="test", lasts=timedelta(hours=1), name="Nora", now=clock())
        await db.commit()
    clock.advance(timedelta(hours=1))
    await send_due(office, sessions)
    assert box.arrived == []
    clock.advance(31 * DAY)
    async with sessions() as db:
        await mails.forget_before(db, clock() - 30 * DAY)
        assert await mails.page(db, 1) is not None
        assert (await db.scalars(select(Mail))).all() == []
