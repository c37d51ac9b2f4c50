"""Signing in with more than a password: codes of an app, recovery codes, roles that need it, and when all is lost."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import Clock
from phone import STEP, Phone, set_up
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password
from blog.models import Arrival, Event, Login, Notice, RecoveryCode, Site, Totp, User

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
async def password_hash() -> str:
    return await hash_password(PASSWORD)


async def give_password(db: AsyncSession, username: str, password_hash: str) -> None:
    person = (await db.scalars(select(User).where(User.username == username))).one()
    person.password_hash = password_hash
    await db.commit()


async def first_step(browser: Browser, who: str = "anna", **more: str) -> Any:
    return await browser.post("/login", {"email": f"{who}@example.org", "password": PASSWORD, **more})


async def second_step(browser: Browser, **fields: str) -> Any:
    return await browser.post("/login/second-step", fields)


@pytest.fixture
async def annas_phone(browse: Any, db: AsyncSession, clock: Clock, password_hash: str) -> Phone:
    await give_password(db, "anna", password_hash)
    return await set_up(browse("anna"), clock)


async def test_an_app_is_set_up_by_its_first_code_and_comes_with_recovery_codes(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, other = browse("anna"), browse("anna")
    cookie = anna.cookie
    assert (await anna.post("/account/two-factor/app/confirmation", {"code": "123456"})).status_code == 303
    await anna.post("/account/two-factor/app")
    page = await anna.get("/account/two-factor/app")
    assert "<svg" in page.text
    assert "otpauth://totp/" in page.text
    refused = await anna.post("/account/two-factor/app/confirmation", {"code": "123456"})
    assert refused.status_code == 422
    assert "Signing in asks only for your password" in (await anna.get("/account/two-factor")).text
    phone = await set_up(anna, clock)
    assert len(set(phone.codes)) == 10
    assert anna.cookie != cookie, "rights have grown, so the old cookie is worth nothing"
    assert (await other.get("/account")).status_code == 303
    assert "10 codes are left" in (await anna.get("/account/two-factor")).text
    stored = (await db.scalars(select(Totp))).one()
    assert phone.app.secret not in stored.secret
    hashes = set(await db.scalars(select(RecoveryCode.code_hash)))
    assert not hashes & {code.replace("-", "") for code in phone.codes}


async def test_the_password_alone_signs_nobody_in(browse: Any, db: AsyncSession, annas_phone: Phone) -> None:
    before = await db.scalar(select(func.count(Login.id)))
    visitor = browse()
    answer = await first_step(visitor, next="/studio/posts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/second-step?next=%2Fstudio%2Fposts")
    assert visitor.cookie == ""
    assert (await visitor.get("/studio")).status_code == 303
    assert await db.scalar(select(func.count(Login.id))) == before
    door = visitor.client.cookies["arrival"]
    thief = browse()
    thief.client.cookies.set("session", door, domain="127.0.0.1")
    assert (await thief.get("/account")).status_code == 303, "the cookie of the door opens nothing"
    page = await visitor.get("/login/second-step?next=/studio/posts")
    assert 'autocomplete="one-time-code"' in page.text
    answer = await second_step(visitor, code=annas_phone.code(), next="/studio/posts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio/posts")
    assert visitor.cookie not in {"", door}
    assert (await visitor.get("/studio/posts")).status_code == 200
    assert "arrival" not in visitor.client.cookies
    assert await db.scalar(select(func.count(Arrival.id))) == 0


async def test_without_the_first_step_there_is_no_second(browse: Any, annas_phone: Phone, clock: Clock) -> None:
    visitor = browse()
    for answer in (await visitor.get("/login/second-step"), await second_step(visitor, code=annas_phone.code())):
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    late = await visitor.get("/login/second-step?next=/studio/posts")
    assert late.headers["location"] == "/login?next=%2Fstudio%2Fposts", "not back here for ever"
    await first_step(visitor)
    clock.advance(timedelta(minutes=11))
    assert (await second_step(visitor, code=annas_phone.code())).status_code == 303
    assert visitor.cookie == ""


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_one_step(
    browse: Any, annas_phone: Phone, clock: Clock, steps: int, fits: bool
) -> None:
    clock.advance(10 * STEP)
    visitor = browse()
    await first_step(visitor)
    assert (await second_step(visitor, code=annas_phone.code(steps))).status_code == (303 if fits else 422)


async def test_a_code_works_once_and_no_older_one_after_it(browse: Any, annas_phone: Phone, clock: Clock) -> None:
    clock.advance(10 * STEP)
    for code, status in ((annas_phone.code(), 303), (annas_phone.code(), 422), (annas_phone.code(-1), 422)):
        visitor = browse()
        await first_step(visitor)
        assert (await second_step(visitor, code=code)).status_code == status
    clock.advance(STEP)
    assert (await second_step(visitor, code=f" {annas_phone.code()[:3]} {annas_phone.code()[3:]} ")).status_code == 303


async def test_of_many_with_one_code_at_once_one_gets_in(fresh_app: Any, password_hash: str) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            await give_password(db, "anna", password_hash)
        anna = Browser(app, "anna")
        phone = await set_up(anna, app.house.clock)
        for field, code in (("code", phone.code()), ("recovery_code", phone.codes[0])):
            visitors = [Browser(app) for _ in range(4)]
            for visitor in visitors:
                await first_step(visitor)
            answers = await asyncio.gather(*(second_step(visitor, **{field: code}) for visitor in visitors))
            # Refused for the code, or for trying too often: the failures of the first code count for the second too.
            first, *others = sorted(answer.status_code for answer in answers)
            assert (first, set(others) <= {422, 429}) == (303, True), field


async def test_a_recovery_code_lets_in_once_and_its_owner_is_told(
    browse: Any, db: AsyncSession, annas_phone: Phone
) -> None:
    for status in (303, 422):
        visitor = browse()
        await first_step(visitor)
        typed = annas_phone.codes[3].upper().replace("-", " ")
        assert (await second_step(visitor, recovery_code=typed)).status_code == status
        if status == 303:
            anna = visitor
    assert await db.scalar(select(func.count(Notice.id)).where(Notice.news == "recovery_code")) == 1
    assert "You signed in with a recovery code" in (await anna.get("/studio/news")).text
    page = (await anna.get("/account/two-factor")).text
    assert "You signed in with a recovery code" in page
    assert "9 codes are left" in page
    await anna.post("/account/two-factor/notices")
    assert "You signed in with a recovery code" not in (await anna.get("/account/two-factor")).text
    details = [event.detail for event in await db.scalars(select(Event).where(Event.action == "user.signed_in"))]
    assert details[-1] == {"proof": "recovery code"}
    fresh = await anna.post("/account/two-factor/recovery-codes")
    assert fresh.status_code == 200
    visitor = browse()
    await first_step(visitor)
    assert (await second_step(visitor, recovery_code=annas_phone.codes[4])).status_code == 422


async def test_after_five_wrong_codes_the_right_one_waits_too(
    browse: Any, db: AsyncSession, annas_phone: Phone, clock: Clock
) -> None:
    visitor = browse()
    await first_step(visitor)
    for _ in range(5):
        assert (await second_step(visitor, code="000000")).status_code == 422
    answer = await second_step(visitor, code=annas_phone.code())
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    failed = select(func.count(Event.id)).where(Event.action == "user.second_step_failed")
    assert await db.scalar(failed) == 5
    clock.advance(timedelta(minutes=16))
    await first_step(visitor)
    assert (await second_step(visitor, code=annas_phone.code())).status_code == 303


async def test_who_was_writing_goes_on_after_the_second_step(browse: Any, annas_phone: Phone) -> None:
    visitor, text = (
        browse(),
        {"writer": "anna", "title": "Half a thought", "body": "It is not", "next": "/studio/posts/new"},
    )
    answer = await first_step(visitor, **text)
    assert answer.status_code == 200
    assert 'value="Half a thought"' in answer.text
    wrong = await second_step(visitor, code="000000", **text)
    assert 'value="Half a thought"' in wrong.text
    answer = await second_step(visitor, code=annas_phone.code(), **text)
    assert answer.status_code == 200
    assert "Your text is here as you left it" in answer.text
    assert (await visitor.get("/studio")).status_code == 200


async def test_a_new_password_ends_what_was_half_way_to_a_sign_in(
    browse: Any, db: AsyncSession, annas_phone: Phone
) -> None:
    visitor, anna = browse(), browse()
    await first_step(visitor)
    await first_step(anna)
    await second_step(anna, code=annas_phone.code())
    changed = await anna.post("/account/password", {"current_password": PASSWORD, "password": "another long phrase"})
    assert changed.status_code == 303
    assert (await second_step(visitor, recovery_code=annas_phone.codes[0])).status_code == 303
    assert visitor.cookie == ""
    assert (await db.scalars(select(Login).join(User).where(User.username == "anna"))).one().has_second_factor


async def need_second_factor(browse: Any, *roles: str) -> None:
    form = {"second_factor": "1"} | {f"second_factor_{role}": "1" for role in roles}
    assert (await browse("ada").post("/admin/site", form)).status_code == 303


async def test_a_role_that_needs_it_can_do_nothing_before(browse: Any, db: AsyncSession, clock: Clock) -> None:
    await need_second_factor(browse, "author", "editor")
    assert (await db.scalars(select(Site.second_factor_roles))).one() == ["author", "editor"]
    anna = browse("anna")
    assert (await browse("carl").get("/studio")).status_code == 200
    assert (await browse().get("/posts/hello")).status_code == 200
    for path in (
        "/",
        "/posts/zebrafish-draft",
        "/studio",
        "/studio/posts/1",
        "/account",
        "/account/sessions",
        "/login",
    ):
        answer = await anna.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/two-factor"), path
    answer = await anna.post("/studio/posts", {"title": "T", "body": "b"})
    assert answer.headers["location"] == "/account/two-factor"
    told = await anna.post("/studio/posts/autosave", {}, headers={"accept": "application/json"})
    assert (told.status_code, "Your role needs" in told.json()["message"]) == (403, True)
    page = await anna.get("/account/two-factor")
    assert "Your role needs a second factor" in page.text
    style = re.search(r'href="(/static/studio[^"]+)"', page.text)
    assert style
    assert (await anna.get(style[1])).status_code == 200
    await set_up(anna, clock)
    assert (await anna.get("/studio")).status_code == 200
    assert (await anna.post("/account/two-factor/app/delete")).headers["location"] == "/account/two-factor"
    assert "Set up another one before you remove this" in (await anna.get("/account/two-factor")).text
    await need_second_factor(browse)
    assert (await anna.post("/account/two-factor/app/delete")).status_code == 303
    assert "Signing in asks only for your password" in (await anna.get("/account/two-factor")).text
    assert await db.scalar(select(func.count(RecoveryCode.id))) == 0


async def test_an_admin_takes_away_what_was_lost_and_the_person_is_told(
    browse: Any, db: AsyncSession, annas_phone: Phone
) -> None:
    anna_id = (await db.scalars(select(User.id).where(User.username == "anna"))).one()
    path = f"/admin/users/{anna_id}/two-factor/delete"
    assert path in (await browse("ada").get(f"/admin/users/{anna_id}")).text
    assert (await browse("ed").post(path)).status_code == 403
    assert (await browse("ada").post(path)).status_code == 303
    assert path not in (await browse("ada").get(f"/admin/users/{anna_id}")).text
    event = (await db.scalars(select(Event).where(Event.action == "user.second_factor_reset"))).one()
    assert event.subject_id == anna_id
    anna = browse()
    assert (await first_step(anna)).headers["location"] == "/studio"
    assert "Ada Admin took your second factor away" in (await anna.get("/studio/news")).text
    assert "Ada Admin took your second factor away" in (await anna.get("/studio")).text


async def test_nobody_resets_their_own_second_factor_as_an_admin(browse: Any, db: AsyncSession, clock: Clock) -> None:
    ada_id = (await db.scalars(select(User.id).where(User.username == "ada"))).one()
    ada = browse("ada")
    await set_up(ada, clock)
    assert (await ada.post(f"/admin/users/{ada_id}/two-factor/delete")).status_code == 409
    assert await db.scalar(select(func.count(Totp.user_id))) == 1


async def test_a_changed_key_of_the_site_leaves_the_recovery_codes(fresh_app: Any, password_hash: str) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            await give_password(db, "anna", password_hash)
        phone = await set_up(Browser(app, "anna"), app.house.clock)
        object.__setattr__(app.house.settings, "secret_key", "t" * 40)
        visitor = Browser(app)
        await first_step(visitor)
        assert (await second_step(visitor, code=phone.code())).status_code == 422
        assert (await second_step(visitor, recovery_code=phone.codes[0])).status_code == 303
