"""A new e-mail address: confirmed where it leads, told where it was."""

from typing import Any

import pytest
from browser import Browser
from cast import DAY
from postbox import Postbox, link_in, text_of, writing
from sqlalchemy import select

from blog.auth.passwords import hash_password
from blog.models import Event, User

PASSWORD = "seven quiet otters"


async def with_password(app: Any, *usernames: str) -> dict[str, int]:
    async with writing(app) as db:
        people = {user.username: user for user in await db.scalars(select(User))}
        for username in usernames:
            people[username].password_hash = await hash_password(PASSWORD)
        return {username: user.id for username, user in people.items()}


async def ask(browser: Browser, email: str, password: str = PASSWORD) -> Any:
    return await browser.post("/account/mail/address", {"email": email, "current_password": password})


def to(box: Postbox) -> dict[str, Any]:
    return {recipient: message for (recipient,), message in zip(box.recipients, box.arrived, strict=True)}


async def test_a_new_address_holds_once_it_is_confirmed_and_the_old_one_is_told(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        await with_password(app, "anna")
        anna, elsewhere = Browser(app), Browser(app, "anna")
        await anna.post("/login", {"email": "anna@example.org", "password": PASSWORD})
        wrong = await ask(anna, "new@example.org", "not this one")
        assert wrong.status_code == 422
        assert 'value="new@example.org"' in wrong.text
        assert (await ask(anna, "no address")).status_code == 422
        assert (await ask(anna, "new@example.org")).status_code == 303
        await box.wait(2)
        assert "asked to change your address to new@example.org" in text_of(to(box)["anna@example.org"])
        link = link_in(to(box)["new@example.org"])
        assert "anna@example.org" in (await anna.get("/account/mail")).text, "until then the old one stays"
        assert (await Browser(app).get(link)).headers["location"].startswith("/login?next=")
        for stranger in (Browser(app, "ben"), Browser(app, "ada")):
            assert (await stranger.get(link)).status_code == 410
            assert (await stranger.post(link)).status_code == 410
        assert "new@example.org" in (await anna.get(link)).text
        assert (await anna.post(link)).status_code == 303
        assert (await anna.post(link)).status_code == 410
        assert (await elsewhere.get("/account")).status_code == 303
        assert (await anna.get("/account")).status_code == 200
        told = await box.wait(3)
        assert (box.recipients[2], "new@example.org" in text_of(told)) == (["anna@example.org"], True)
        for email, status in {"anna@example.org": 422, "new@example.org": 303}.items():
            assert (await Browser(app).post("/login", {"email": email, "password": PASSWORD})).status_code == status
        async with app.house.sessions() as db:
            assert {"user.email_asked", "user.email_changed"} <= set(await db.scalars(select(Event.action)))


async def test_an_address_that_somebody_has_is_not_told_to_who_asks(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        await with_password(app, "anna")
        anna = Browser(app, "anna")
        free, taken = await ask(anna, "free@example.org"), await ask(anna, "BEN@example.org")
        assert (free.status_code, free.headers["location"]) == (taken.status_code, taken.headers["location"])
        await box.wait(4)
        assert "it already has an account" in text_of(to(box)["BEN@example.org"])
        assert "/account/mail/address/" not in text_of(to(box)["BEN@example.org"])
        assert (await anna.get(link_in(to(box)["free@example.org"]))).status_code == 410, "a newer wish ends the older"


async def test_an_address_that_was_taken_meanwhile_is_refused(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        await with_password(app, "anna")
        anna = Browser(app, "anna")
        await ask(anna, "new@example.org")
        await box.wait(2)
        async with writing(app) as db:
            (await db.scalars(select(User).where(User.username == "ben"))).one().set_email("New@example.org")
        assert (await anna.post(link_in(to(box)["new@example.org"]))).status_code == 409
        await ask(anna, "ANNA@example.org")
        await box.wait(4)
        app.house.clock.advance(DAY)
        assert (await anna.post(link_in(to(box)["ANNA@example.org"]))).status_code == 410


async def test_without_mail_an_admin_changes_it(fresh_app: Any) -> None:
    async with fresh_app() as app:
        people = await with_password(app, "anna")
        assert "Ask an admin" in (await Browser(app, "anna").get("/account/mail")).text
        assert (await ask(Browser(app, "anna"), "new@example.org")).status_code == 404
        ada, path = Browser(app, "ada"), f"/admin/users/{people['anna']}/access"
        assert "anna@example.org" in (await ada.get(path)).text
        refused = await ada.post(f"{path}/email", {"email": "ben@example.org"})
        assert refused.status_code == 422
        assert "Ben Byline" in refused.text
        assert (await ada.post(f"{path}/email", {"email": "new@example.org"})).status_code == 303
        assert (await Browser(app, "anna").get("/account")).status_code == 303
        signed_in = await Browser(app).post("/login", {"email": "new@example.org", "password": PASSWORD})
        assert signed_in.status_code == 303
        assert (await Browser(app, "ed").post(f"{path}/email", {"email": "x@example.org"})).status_code == 403
        own = await ada.post(f"/admin/users/{people['ada']}/access/email", {"email": "x@example.org"})
        assert own.status_code == 403


@pytest.mark.parametrize("secret", ["x", "1", "1-", "0-abc", "9999999-abc", "é-é"])
async def test_a_made_up_link_ends_nobodys_news(browse: Any, secret: str) -> None:
    assert (await browse().get(f"/unsubscribe/{secret}")).status_code == 404
    assert (await browse().post(f"/unsubscribe/{secret}")).status_code == 404
