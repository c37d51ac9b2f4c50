"""Getting an account: only where the site says so, always as a viewer, and nobody learns who has one already."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import DAY, Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Opening, Registration, Role, Site, User
from blog.web.edge import Edge
from blog.web.state import House

PASSWORD = "correct horse battery staple"
WANTED = {"name": "Nora New", "email": "nora@example.org", "password": PASSWORD}


async def open_to(app: Edge, opening: Opening) -> None:
    async with app.house.sessions() as db:
        (await db.scalars(select(Site))).one().registration = opening
        await db.commit()
    app.house.forget_site()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A server for mail: what is posted lands here."""
    sent: list[dict[str, Any]] = []

    async def post(_: AsyncSession, **letter: Any) -> bool:
        sent.append(letter)
        return True

    monkeypatch.setattr(House, "has_mail", True)
    monkeypatch.setattr("blog.controllers.account.registrations.post_mail", post)
    return sent


async def test_a_closed_site_has_no_such_page(browse: Any, db: AsyncSession) -> None:
    nothing = await browse().get("/no-such-page")
    for path in ("/register", "/register/thanks", "/register/any-token"):
        answer = await browse().get(path)
        assert answer.status_code == 404
        assert re.sub(r'value="[^"]*"', "", answer.text) == re.sub(r'value="[^"]*"', "", nothing.text)
    assert (await browse().post("/register", WANTED)).status_code == 404
    assert "/register" not in (await browse().get("/login")).text
    assert await db.scalar(select(func.count(Registration.id))) == 0


async def test_an_admin_lets_somebody_in_who_is_a_viewer_then(app: Edge, browse: Any, db: AsyncSession) -> None:
    await open_to(app, Opening.APPROVAL)
    assert "/register" in (await browse().get("/login")).text
    assert "looks at each one" in (await browse().get("/register")).text
    asked = await browse().post("/register", WANTED | {"role": "admin", "status": "active", "username": "ada"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/register/thanks")
    assert "let you in" in (await browse().get("/register/thanks")).text
    sign_in = {"email": "nora@example.org", "password": PASSWORD}
    assert (await browse().post("/login", sign_in)).status_code == 422
    ada = browse("ada")
    assert "1 waits to be let in" in (await ada.get("/admin/users")).text
    assert "Nora New" in (await ada.get("/admin/registrations")).text
    waiting = await db.scalar(select(Registration.id))
    assert (await ada.post(f"/admin/registrations/{waiting}/admission")).status_code == 303
    assert (await ada.post(f"/admin/registrations/{waiting}/admission")).status_code == 404
    nora = (await db.scalars(select(User).where(User.username == "nora-new"))).one()
    assert (nora.role, nora.email) == (Role.VIEWER, "nora@example.org")
    browser = browse()
    assert (await browser.post("/login", sign_in)).status_code == 303
    assert (await browser.get("/studio")).status_code == 403
    assert "okapi" in (await browser.get("/posts/for-members")).text


async def test_admins_find_on_their_desk_who_waits_and_nobody_else_does(app: Edge, browse: Any) -> None:
    await open_to(app, Opening.APPROVAL)
    asked = ("Nora New", "nora@example.org"), ("<b>Otto</b>", "otto@example.org")
    for name, email in asked:
        assert "Who waits to be let in" not in (await browse("ada").get("/studio")).text or name != "Nora New"
        await browse().post("/register", WANTED | {"name": name, "email": email})
    desk = (await browse("ada").get("/studio")).text
    section = desk[desk.index('aria-labelledby="people"') :].partition("</section>")[0]
    assert re.findall(r"<bdi>([^<]*)</bdi></a>", section) == ["Nora New", "&lt;b&gt;Otto&lt;/b&gt;"]
    assert section.count('href="/admin/registrations"') == 3
    assert "(2 wait to be let in)" in (await browse("ada").get("/admin")).text
    assert "Nothing new." in (await browse("ada").get("/studio/news")).text, "the queue says it"
    for who in ("anna", "carl", "ed"):
        page = (await browse(who).get("/studio")).text
        assert "Nora" not in page
        assert "let in" not in page
    await open_to(app, Opening.CLOSED)
    assert "2 wait to be let in" in (await browse("ada").get("/admin/users")).text, "nobody is forgotten"


async def test_an_address_that_is_known_gets_the_same_answer(app: Edge, browse: Any, db: AsyncSession) -> None:
    await open_to(app, Opening.APPROVAL)
    answers = [
        await browse().post("/register", WANTED | {"email": email})
        for email in ("nora@example.org", "anna@example.org", "ANNA@example.org", "sam@example.org")
    ]
    told = {(one.status_code, one.text, tuple(sorted(one.headers.items()))) for one in answers}
    assert len(told) == 1
    assert await db.scalar(select(func.count(Registration.id))) == 4
    page = (await browse("ada").get("/admin/registrations")).text
    assert page.count("has an account already") == 3
    taken = await db.scalar(select(Registration.id).where(Registration.email == "anna@example.org"))
    people = await db.scalar(select(func.count(User.id)))
    assert (await browse("ada").post(f"/admin/registrations/{taken}/admission")).status_code == 303
    assert await db.scalar(select(func.count(User.id))) == people
    assert await db.scalar(select(func.count(Registration.id))) == 2, "all for that address are answered"


async def test_who_is_turned_away_or_not_answered_is_forgotten(
    app: Edge, browse: Any, db: AsyncSession, clock: Clock
) -> None:
    await open_to(app, Opening.APPROVAL)
    for name in ("one", "two"):
        await browse().post("/register", WANTED | {"email": f"{name}@example.org"})
    first = await db.scalar(select(func.min(Registration.id)))
    assert (await browse("ada").post(f"/admin/registrations/{first}/delete")).status_code == 303
    assert await db.scalar(select(func.count(Registration.id))) == 1
    clock.advance(31 * DAY)
    assert "Nobody waits" in (await browse("ada").get("/admin/registrations")).text
    await browse().post("/register", WANTED)
    assert list(await db.scalars(select(Registration.email))) == ["nora@example.org"]


@pytest.mark.parametrize(("field", "value"), [
    ("name", ""), ("email", "no address"), ("email", ""), ("password", "short"), ("password", "nora@example.org"), ("name", "x" * 101),
])  # fmt: skip
async def test_bad_input_is_named_and_kept_but_for_the_password(
    app: Edge, browse: Any, db: AsyncSession, field: str, value: str
) -> None:
    await open_to(app, Opening.APPROVAL)
    answer = await browse().post("/register", WANTED | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text
    assert ("Nora New" in answer.text) == (field != "name")
    assert await db.scalar(select(func.count(Registration.id))) == 0


async def test_many_tries_from_one_place_or_for_one_address_have_to_wait(app: Edge, browse: Any, clock: Clock) -> None:
    await open_to(app, Opening.APPROVAL)
    tries = [(await browse().post("/register", WANTED)).status_code for _ in range(4)]
    assert tries == [303, 303, 303, 429]
    others = [(await browse().post("/register", WANTED | {"email": f"{n}@example.org"})).status_code for n in range(8)]
    assert others[-1] == 429
    clock.advance(timedelta(minutes=16))
    assert (await browse().post("/register", WANTED)).status_code == 303


async def test_with_mail_the_address_is_confirmed_by_a_button_not_by_the_link(
    app: Edge, browse: Any, db: AsyncSession, letters: list[dict[str, Any]]
) -> None:
    await open_to(app, Opening.MAIL)
    answers = [
        await browse().post("/register", WANTED | {"email": email})
        for email in ("nora@example.org", "anna@example.org")
    ]
    assert len({(one.status_code, one.text, one.headers["location"]) for one in answers}) == 1
    assert [(letter["to"], letter["template"]) for letter in letters] == [
        ("nora@example.org", "registration"), ("anna@example.org", "registration-known"),
    ]  # fmt: skip
    link = letters[0]["link"].removeprefix("http://127.0.0.1:8000")
    token = link.rpartition("/")[2]
    assert await db.scalar(select(func.count()).where(Registration.token_hash == token)) == 0, "only its hash is kept"
    page = await browse().get(link)
    assert "nora@example.org" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert await db.scalar(select(func.count()).where(User.email == "nora@example.org")) == 0
    assert "Nobody waits" in (await browse("ada").get("/admin/registrations")).text
    assert (await browse().post(f"{link[:-1]}x")).status_code == 404
    done = await browse().post(link)
    assert (done.status_code, done.headers["location"]) == (303, "/register/thanks?done=confirmed")
    assert "Your address is confirmed" in (await browse().get(done.headers["location"])).text
    assert (await browse().post(link)).status_code == 404
    assert await db.scalar(select(User.role).where(User.email == "nora@example.org")) == Role.VIEWER
    assert (await browse().post("/login", {"email": "nora@example.org", "password": PASSWORD})).status_code == 303
    known = letters[1]["link"].removeprefix("http://127.0.0.1:8000")
    people = await db.scalar(select(func.count(User.id)))
    assert (await browse().post(known)).status_code == 303
    assert await db.scalar(select(func.count(User.id))) == people


async def test_a_link_holds_for_two_days(app: Edge, browse: Any, clock: Clock, letters: list[dict[str, Any]]) -> None:
    await open_to(app, Opening.MAIL)
    await browse().post("/register", WANTED)
    clock.advance(3 * DAY)
    assert (await browse().post(letters[0]["link"].removeprefix("http://127.0.0.1:8000"))).status_code == 404


async def test_without_mail_the_site_cannot_ask_for_it(app: Edge, browse: Any) -> None:
    settings = {"title": "T", "tagline": "", "language": "en", "timezone": "UTC", "accent": "", "registration": "mail"}
    refused = await browse("ada").post("/admin/site", settings)
    assert refused.status_code == 422
    assert 'id="registration-error"' in refused.text
    await open_to(app, Opening.MAIL)
    await browse().post("/register", WANTED)
    assert "Nora New" in (await browse("ada").get("/admin/registrations")).text, "mail went away: an admin decides"


async def test_one_application_becomes_one_account_however_many_answer_it(fresh_app: Any) -> None:
    async with fresh_app() as app:
        await open_to(app, Opening.APPROVAL)
        for _ in range(2):
            await Browser(app).post("/register", WANTED)
        async with app.house.sessions() as db:
            ids = list(await db.scalars(select(Registration.id)))
        ada = [Browser(app, "ada") for _ in range(6)]
        answers = await asyncio.gather(
            *(one.post(f"/admin/registrations/{ids[n % 2]}/admission") for n, one in enumerate(ada))
        )
        assert {answer.status_code for answer in answers} <= {303, 404, 409}
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count()).where(User.email == "nora@example.org")) == 1


async def test_only_admins_answer_who_asks(app: Edge, browse: Any, db: AsyncSession) -> None:
    await open_to(app, Opening.APPROVAL)
    await browse().post("/register", WANTED)
    waiting = await db.scalar(select(Registration.id))
    for who in ("vera", "anna", "ed"):
        for step in ("admission", "delete"):
            assert (await browse(who).post(f"/admin/registrations/{waiting}/{step}")).status_code == 403
    assert (await browse("vera").get("/register")).headers["location"] == "/account"
