"""A new password: asked for without telling who has an account, chosen behind a link that works once."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from browser import Browser
from cast import cookie_of
from postbox import Postbox, link_in, writing
from sqlalchemy import event, func, select

from blog.auth.passwords import hash_password
from blog.auth.throttle import RESETS_PER_ACCOUNT, RESETS_PER_ADDRESS
from blog.models import Event, Login, Mail, Token, User

NEW = "seven quiet otters"


async def ask(app: Any, email: str, **more: Any) -> httpx.Response:
    return await Browser(app).post("/password-reset", {"email": email}, **more)


async def opened(app: Any, link: str) -> Browser:
    """Follow a link to the form for the new password."""
    browser = Browser(app)
    answer = await browser.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/new-password")
    assert (await browser.get("/new-password")).status_code == 200
    return browser


async def sign_in(app: Any, password: str, email: str = "anna@example.org") -> int:
    answer = await Browser(app).post("/login", {"email": email, "password": password})
    return answer.status_code


async def test_a_forgotten_password_is_replaced_and_everything_else_ends(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        answer = await ask(app, " ANNA@example.org ")
        assert answer.headers["location"] == "/password-reset?done=asked"
        assert "If there is an account with this address" in (await Browser(app).get("/password-reset?done=asked")).text
        message = await box.wait()
        assert box.recipients == [["anna@example.org"]]
        link = link_in(message)
        looked = await Browser(app).get(link)
        assert looked.headers["referrer-policy"] == "no-referrer"
        assert "httponly" in looked.headers["set-cookie"].lower()
        anna = await opened(app, link)
        form = await anna.get("/new-password")
        assert link.rsplit("/", 1)[1] not in form.text
        assert (await anna.post("/new-password", {"password": "short"})).status_code == 422
        assert (
            await anna.post("/new-password", {"password": NEW}, headers={"origin": "https://evil.test"})
        ).status_code == 403
        done = await anna.post("/new-password", {"password": NEW})
        assert done.headers["location"] == "/password-reset?done=changed"
        assert (await Browser(app, "anna").get("/account")).status_code == 303, "other sign-ins end"
        assert await sign_in(app, NEW) == 303
        for browser in (anna, Browser(app)):
            assert (await browser.post("/new-password", {"password": NEW + " again"})).status_code == 410
        assert (await Browser(app).get(link)).status_code == 410
        told = await box.wait(2)
        assert told["subject"] == "Your password for A new publication was changed"
        async with app.house.sessions() as db:
            assert {"user.reset_asked", "user.password_changed"} <= set(await db.scalars(select(Event.action)))
            assert await db.scalar(select(func.count(Token.id))) == 0
            assert {mail.text + mail.html for mail in await db.scalars(select(Mail))} == {""}


async def test_asking_tells_nothing_about_who_has_an_account(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        done: dict[str, list[str]] = {}
        answers = {}
        engine = app.house.sessions.kw["bind"].sync_engine
        for who in ("anna", "nobody", "sam", "greta"):
            seen: list[str] = []

            def note(_c: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
                seen.append(re.sub(r"\s+", " ", statement))

            event.listen(engine, "before_cursor_execute", note)
            answer = await ask(app, f"{who}@example.org")
            event.remove(engine, "before_cursor_execute", note)
            answers[who] = (answer.status_code, answer.text, sorted(answer.headers))
            done[who] = [statement for statement in seen if "INTO mails" in statement or "attempts" in statement]
        assert len(set(map(str, answers.values()))) == 1
        assert len(set(map(str, done.values()))) == 1
        await box.wait()
        await Browser(app, "ada").post("/admin/mail/test")
        await box.wait(2)
        assert box.recipients == [["anna@example.org"], ["ada@example.org"]], "nothing goes to who cannot sign in"
        async with app.house.sessions() as db:
            assert set(await db.scalars(select(Mail.address))) == {"anna@example.org", "ada@example.org"}


async def test_of_several_links_only_the_newest_opens(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        await ask(app, "anna@example.org")
        first = link_in(await box.wait())
        await ask(app, "anna@example.org")
        second = link_in(await box.wait(2))
        assert (await Browser(app).get(first)).status_code == 410
        browsers = [await opened(app, second) for _ in range(4)]
        answers = await asyncio.gather(*(one.post("/new-password", {"password": NEW}) for one in browsers))
        assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]


async def test_a_link_ends_after_an_hour_with_suspension_and_with_a_new_password(
    mailing_app: Any, box: Postbox
) -> None:
    async with mailing_app() as app:
        async with writing(app) as db:
            anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
            anna.password_hash = await hash_password(NEW)
            anna_id = anna.id
        await ask(app, "anna@example.org")
        link = link_in(await box.wait())
        browser = await opened(app, link)
        await Browser(app, "ada").post(f"/admin/users/{anna_id}/suspension")
        assert (await browser.post("/new-password", {"password": NEW})).status_code == 410
        await Browser(app, "ada").post(f"/admin/users/{anna_id}/suspension/delete")
        assert (await browser.get("/new-password")).status_code == 200
        app.house.clock.advance(timedelta(minutes=60))
        assert (await browser.post("/new-password", {"password": NEW})).status_code == 410
        await ask(app, "anna@example.org")
        link = link_in(await box.wait(2))
        signed_in = Browser(app)
        await signed_in.post("/login", {"email": "anna@example.org", "password": NEW})
        changed = await signed_in.post("/account/password", {"current_password": NEW, "password": NEW + " again"})
        assert changed.status_code == 303
        assert (await Browser(app).get(link)).status_code == 410


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.test"}, {"host": "127.0.0.1:8000@evil.test"}, {"host": "evil.test#127.0.0.1"},
        {"x-forwarded-host": "evil.test"}, {"forwarded": "host=evil.test"}, {"x-host": "evil.test"},
        {"host": "localhost:1", "x-forwarded-proto": "https"},
    ],
)  # fmt: skip
async def test_a_made_up_host_never_gets_into_the_link(mailing_app: Any, box: Postbox, headers: dict[str, str]) -> None:
    async with mailing_app() as app:
        answer = await ask(app, "anna@example.org", headers=headers)
        if answer.status_code == 400:
            assert "evil" in headers["host"]
            return
        assert answer.status_code == 303
        message = await box.wait()
        assert link_in(message).startswith("/password-reset/")
        assert "evil.test" not in message.as_string()


async def test_the_letter_goes_to_the_address_of_the_account_not_to_one_that_looks_like_it(
    mailing_app: Any, box: Postbox
) -> None:
    async with mailing_app() as app:
        assert (await ask(app, "ａｎｎａ@ｅｘａｍｐｌｅ.org")).status_code == 303
        await box.wait()
        assert box.recipients == [["anna@example.org"]]


async def test_asking_too_often_is_refused_alike_for_everybody(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        for who in ("anna", "nobody"):
            spellings = [who, who.upper(), who.title()]
            for number in range(RESETS_PER_ACCOUNT):
                assert (await ask(app, f"{spellings[number % 3]}@example.org")).status_code == 303
            refused = await ask(app, f"{who}@example.org")
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) > 0
        statuses = [(await ask(app, f"person{n}@example.org")).status_code for n in range(RESETS_PER_ADDRESS)]
        assert statuses[-1] == 429


async def test_without_mail_an_admin_makes_the_link(fresh_app: Any) -> None:
    async with fresh_app() as app:
        page = await Browser(app).get("/password-reset")
        assert "Ask an admin" in page.text
        assert "<form" not in page.text
        await ask(app, "anna@example.org")
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count(Mail.id))) == 0
            people = {user.username: user.id for user in await db.scalars(select(User))}
        ada = Browser(app, "ada")
        made = await ada.post(f"/admin/users/{people['anna']}/access/password-reset")
        found = re.search(r'value="http://127.0.0.1:8000(/[^"]+)" readonly', made.text)
        assert found
        anna = await opened(app, found[1])
        assert (await anna.post("/new-password", {"password": NEW})).status_code == 303
        assert await sign_in(app, NEW) == 303
        for who, status in {"sam": 409, "greta": 409, "ada": 403}.items():
            answer = await ada.post(f"/admin/users/{people[who]}/access/password-reset")
            assert answer.status_code == status, who
        assert (await ada.get("/admin/users/9999/access")).status_code == 404


async def test_looking_at_links_that_are_none_changes_nothing(fresh_app: Any) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            logins = await db.scalar(select(func.count(Login.id)))
        for link in ("/password-reset/guessed", "/password-reset/" + "x" * 1000, "/new-password"):
            answer = await Browser(app).get(link)
            assert answer.status_code == 410
            assert "set-cookie" not in answer.headers
        stranger = Browser(app)
        stranger.client.cookies.set("reset", cookie_of("anna"), domain="127.0.0.1")
        assert (await stranger.post("/new-password", {"password": NEW})).status_code == 410
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count(Login.id))) == logins
