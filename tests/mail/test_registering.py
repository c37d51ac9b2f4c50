"""Getting an account by confirming one's address: what is sent, to whom, and what its link does."""

from typing import Any

from browser import Browser
from postbox import Postbox, link_in, text_of
from sqlalchemy import func, select

from blog.mail.sending import send_due
from blog.models import Registration, Role, User

PASSWORD = "seven quiet otters"
OPEN = {"registration": "mail"}


async def test_a_letter_confirms_a_new_address_and_tells_who_has_an_account(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        assert (await Browser(app, "ada").post("/admin/site", OPEN)).status_code == 303
        nora = {"name": "Nora New", "email": "nora@example.org", "password": PASSWORD}
        assert (await Browser(app).post("/register", nora)).status_code == 303
        letter = await box.wait()
        assert box.recipients == [["nora@example.org"]]
        assert "Confirm your account" in letter["subject"]
        link = link_in(letter)
        assert (await Browser(app).get(link)).status_code == 200
        assert (await Browser(app).post(link)).status_code == 303
        signed_in = await Browser(app).post("/login", {"email": "nora@example.org", "password": PASSWORD})
        assert signed_in.status_code == 303
        assert (await Browser(app).post("/register", nora | {"email": "anna@example.org"})).status_code == 303
        letter = await box.wait(2)
        assert "You have an account" in letter["subject"]
        assert "/login" in text_of(letter)
        assert "/register/" not in text_of(letter)
        async with app.house.sessions() as db:
            assert await db.scalar(select(User.role).where(User.email == "nora@example.org")) == Role.VIEWER
            assert await db.scalar(select(func.count()).where(User.email_key == "anna@example.org")) == 1


async def test_a_letter_tells_who_was_let_in_and_nobody_else(still_app: Any, box: Postbox) -> None:
    async with still_app() as app:
        ada = Browser(app, "ada")
        assert (await ada.post("/admin/site", {"registration": "approval"})).status_code == 303
        for name, email in (
            ("Nora New", "nora@example.org"),
            ("Not Anna", "anna@example.org"),
            ("Tim", "tim@example.org"),
        ):
            asked = {"name": name, "email": email, "password": PASSWORD}
            assert (await Browser(app).post("/register", asked)).status_code == 303
        async with app.house.sessions() as db:
            waiting = {one.email: one.id for one in await db.scalars(select(Registration))}
        for email, deed in (("tim", "delete"), ("anna", "admission"), ("nora", "admission")):
            path = f"/admin/registrations/{waiting[f'{email}@example.org']}/{deed}"
            assert (await ada.post(path)).status_code == 303
        await send_due(next(iter(app.house.sessions.kw["info"].values())), app.house.sessions)
        letter = await box.wait()
        assert box.recipients == [["nora@example.org"]]
        assert letter["subject"] == "Your account on A new publication is ready"
        assert "http://127.0.0.1:8000/login" in text_of(letter)
