"""Sign-ins: where they are, how long they last, and what ends them."""

from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import Clock, cookie_of
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.devices import device_of
from blog.auth.passwords import hash_password
from blog.auth.tokens import token_hash
from blog.models import Login, User
from blog.web.edge import Edge

PASSWORD = "correct horse battery staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def sign_in(browser: Browser, db: AsyncSession, **headers: str) -> None:
    person = (await db.scalars(select(User).where(User.username == "anna"))).one()
    person.password_hash = person.password_hash if "argon2" in browser.cookie else await hash_password(PASSWORD)
    await db.commit()
    answer = await browser.post("/login", {"email": "anna@example.org", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 303


async def login_of(db: AsyncSession, browser: Browser) -> Login | None:
    query = select(Login).where(Login.token_hash == token_hash(browser.cookie))
    return await db.scalar(query.execution_options(populate_existing=True))


async def test_the_list_says_in_words_where_and_when(browse: Any, db: AsyncSession, clock: Clock) -> None:
    phone = browse()
    await sign_in(phone, db, **{"user-agent": SAFARI})
    clock.advance(2 * HOUR)
    laptop = browse()
    await sign_in(laptop, db, **{"user-agent": FIREFOX})
    page = (await laptop.get("/account/sessions")).text
    assert page.index("Firefox on Linux") < page.index("Safari on iPhone")
    assert page.count("this browser") == 1
    assert "127.0.0.1" in page
    assert "not used for 14 days, and 30 days after it began" in page
    row = await login_of(db, phone)
    assert row
    await laptop.post(f"/account/sessions/{row.id}/delete")
    assert (await phone.get("/account")).status_code == 303
    assert (await laptop.get("/account")).status_code == 200


async def test_use_is_noted_when_the_note_has_grown_old(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = browse("anna")
    began = clock()
    for path, after, noted in (
        ("/studio", 30 * timedelta(seconds=1), began),
        ("/studio", 31 * timedelta(seconds=1), began + 61 * timedelta(seconds=1)),
        ("/posts/hello", 9 * MINUTE, began + 61 * timedelta(seconds=1)),
        ("/posts/hello", 2 * MINUTE, began + 61 * timedelta(seconds=1) + 11 * MINUTE),
    ):
        clock.advance(after)
        assert (await anna.get(path)).status_code == 200
        row = await login_of(db, anna)
        assert row
        assert row.last_used_at == noted, (path, after)


async def test_a_sign_in_that_lies_idle_ends(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = browse()
    await sign_in(anna, db)
    clock.advance(13 * DAY)
    assert (await anna.get("/account")).status_code == 200
    clock.advance(13 * DAY)
    assert (await anna.get("/account")).status_code == 200
    clock.advance(timedelta(hours=4 * 24 - 1))
    assert (await anna.get("/account")).status_code == 200
    clock.advance(HOUR)
    assert (await anna.get("/account")).status_code == 303, "thirty days after it began, however much it was used"
    await sign_in(anna, db)
    clock.advance(14 * DAY)
    assert (await anna.get("/account")).status_code == 303


async def test_the_settings_say_how_long(fresh_app: Any) -> None:
    async with fresh_app(session_idle_hours=2, session_lifetime_hours=5) as app:
        async with app.house.sessions() as db:
            anna = Browser(app)
            await sign_in(anna, db)
        for hours, status in ((1, 200), (1, 200), (1, 200), (1, 200), (1, 303)):
            app.house.clock.advance(timedelta(hours=hours))
            assert (await anna.get("/account")).status_code == status
        cookie = await anna.post("/login", {"email": "anna@example.org", "password": PASSWORD})
        assert "max-age=18000" in cookie.headers["set-cookie"].lower()
        app.house.clock.advance(timedelta(hours=2))
        assert (await anna.get("/account")).status_code == 303


async def test_a_stolen_cookie_is_worth_nothing_after_sign_out(app: Edge, browse: Any, db: AsyncSession) -> None:
    anna, thief = browse(), browse()
    await sign_in(anna, db)
    thief.client.cookies.set("session", anna.cookie, domain="127.0.0.1")
    assert (await thief.get("/account")).status_code == 200
    row = await login_of(db, anna)
    answer = await anna.post("/logout")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert (await thief.get("/account")).status_code == 303
    assert row
    assert await db.get(Login, row.id, populate_existing=True) is None
    await app.house.note_use(row)
    assert await db.get(Login, row.id, populate_existing=True) is None, "a slow request brings no sign-in back"


async def test_who_signs_in_as_somebody_else_leaves_the_first_sign_in(browse: Any, db: AsyncSession) -> None:
    browser = browse("ben")
    await sign_in(browser, db)
    assert browser.cookie != cookie_of("ben")
    assert (await browse("ben").get("/account")).status_code == 303


async def test_new_rights_or_none_end_every_sign_in(browse: Any, db: AsyncSession) -> None:
    anna_id = (await db.scalars(select(User.id).where(User.username == "anna"))).one()
    for path, fields in (
        (f"/admin/users/{anna_id}/role", {"role": "editor"}),
        (f"/admin/users/{anna_id}/suspension", {}),
    ):
        anna = browse()
        await sign_in(anna, db)
        assert (await browse("ada").post(path, fields)).status_code == 303
        assert (await anna.get("/account")).status_code == 303


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (SAFARI, ("Safari", "iPhone")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0.0.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", ("Safari", "macOS")),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
        ("<script>", ("", "")),
    ],
)
def test_browsers_are_known_by_their_names(said: str, device: tuple[str, str]) -> None:
    assert device_of(said) == device
