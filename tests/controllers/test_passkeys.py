"""Passkeys: made, named, removed; as the second step, instead of a password, and everything that must not work."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from browser import Browser
from soft_key import SoftKey, content, text
from sqlalchemy import func, select

from blog.auth.passkeys import work_at
from blog.auth.passwords import hash_password
from blog.models import Arrival, Challenge, Event, Passkey, User, UserStatus
from blog.models.arrival import CHALLENGE_LIFETIME
from blog.web.edge import Edge

PASSWORD = "correct horse battery staple"
PAGE = "/account/two-factor"


@pytest_asyncio.fixture
async def named(fresh_app: Any) -> AsyncIterator[Edge]:
    """The application at an address where browsers allow passkeys."""
    async with fresh_app(base_url="https://blog.test") as app:
        async with app.house.sessions() as db:
            (await db.scalars(select(User).where(User.username == "anna"))).one().password_hash = await hash_password(
                PASSWORD
            )
            await db.commit()
        yield app


async def options(browser: Browser, path: str) -> dict[str, Any]:
    answer = await browser.post(f"{path}/challenge", headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    asked: dict[str, Any] = answer.json()
    return asked


async def make(browser: Browser, key: SoftKey, name: str = "Blue key") -> Any:
    answer = key.make(await options(browser, f"{PAGE}/passkeys"))
    return await browser.post(f"{PAGE}/passkeys", {"name": name, "passkey": answer})


async def enter(browser: Browser, key: SoftKey, **more: str) -> Any:
    answer = key.use(await options(browser, "/login/passkey"))
    return await browser.post("/login/passkey", {"passkey": answer, **more})


async def first_step(browser: Browser) -> None:
    answer = await browser.post("/login", {"email": "anna@example.org", "password": PASSWORD})
    assert answer.headers["location"] == "/login/second-step"


async def second_step(browser: Browser, key: SoftKey) -> Any:
    answer = key.use(await options(browser, "/login/second-step"))
    return await browser.post("/login/second-step", {"passkey": answer})


async def test_a_passkey_is_a_second_step_and_counts_on(named: Edge) -> None:
    anna, key = Browser(named, "anna"), SoftKey(verifies=False)
    made = await make(anna, key)
    assert "Keep these recovery codes" in made.text
    assert "Blue key" in (await anna.get(PAGE)).text
    visitor = Browser(named)
    await first_step(visitor)
    assert "Use your passkey" in (await visitor.get("/login/second-step")).text
    asked = await options(visitor, "/login/second-step")
    assert [each["id"] for each in asked["allowCredentials"]] == [text(key.id)]
    assert (await second_step(visitor, key)).headers["location"] == "/studio"
    async with named.house.sessions() as db:
        stored = (await db.scalars(select(Passkey))).one()
        assert (stored.sign_count, stored.last_used_at) == (1, named.house.clock())
        assert await db.scalar(select(func.count(Arrival.id))) == 0


async def test_a_key_that_knows_its_holder_signs_in_without_a_password(named: Edge) -> None:
    key = SoftKey(counts=False)
    await make(Browser(named, "anna"), key)
    visitor = Browser(named)
    assert (await enter(visitor, key, next="/studio/posts")).headers["location"] == "/studio/posts"
    assert (await visitor.get("/studio/posts")).status_code == 200
    async with named.house.sessions() as db:
        details = await db.scalars(select(Event.detail).where(Event.action == "user.signed_in"))
        assert list(details) == [{"proof": "passkey"}]
    key.verifies = False
    assert (await enter(Browser(named), key)).status_code == 422, "without its holder verified it is only half a proof"


async def test_unknown_keys_and_suspended_people_get_the_same_answer(named: Edge) -> None:
    key = SoftKey()
    await make(Browser(named, "anna"), key)
    stranger = await enter(Browser(named), SoftKey())
    async with named.house.sessions() as db:
        (await db.scalars(select(User).where(User.username == "anna"))).one().status = UserStatus.SUSPENDED
        await db.commit()
    suspended = await enter(Browser(named), key)
    assert (stranger.status_code, stranger.text) == (suspended.status_code, suspended.text) == (422, stranger.text)


async def test_an_answer_works_once_for_one_visitor_and_not_for_long(named: Edge) -> None:
    key = SoftKey(counts=False)
    await make(Browser(named, "anna"), key)
    visitor, other, late = Browser(named), Browser(named), Browser(named)
    answer = key.use(await options(visitor, "/login/passkey"))
    await options(other, "/login/passkey")
    assert (await other.post("/login/passkey", {"passkey": answer})).status_code == 422, "asked of somebody else"
    assert (await visitor.post("/login/passkey", {"passkey": answer})).status_code == 303
    thief = Browser(named)
    assert (await thief.post("/login/passkey", {"passkey": answer})).headers["location"] == "/login"
    answer = key.use(await options(late, "/login/passkey"))
    named.house.clock.advance(CHALLENGE_LIFETIME)  # type: ignore[attr-defined]  # the tests' clock
    assert (await late.post("/login/passkey", {"passkey": answer})).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://blog.test:8000"}, {"origin": "http://blog.test"}, {"origin": "http://evil.test"},
        {"rp_id": "evil.test"}, {"count": -1}, {"secret": SoftKey().secret}, {"handle": text(b"somebody else")},
    ],
    ids=lambda wrong: "-".join(wrong),
)  # fmt: skip
async def test_what_does_not_fit_is_refused(named: Edge, wrong: dict[str, Any]) -> None:
    key = SoftKey()
    await make(Browser(named, "anna"), key)
    await enter(Browser(named), key)
    for name, value in wrong.items():
        setattr(key, name, value)
    assert (await enter(Browser(named), key)).status_code == 422
    visitor = Browser(named)
    await first_step(visitor)
    key.count -= "count" in wrong
    assert (await second_step(visitor, key)).status_code == 422


@pytest.mark.parametrize(
    "nonsense",
    ["", "{", "[]", "null", '{"response": {}}', '{"id": 1, "response": {"clientDataJSON": "!"}}', "[" * 5000, "é\0",
     '{"id": "x", "response": {"clientDataJSON": "e30"}}', '{"id": "x", "response": []}'],
)  # fmt: skip
async def test_nonsense_is_refused_in_words(named: Edge, nonsense: str) -> None:
    visitor, anna = Browser(named), Browser(named, "anna")
    await options(visitor, "/login/passkey")
    assert (await visitor.post("/login/passkey", {"passkey": nonsense})).status_code == 422
    assert (await anna.post(f"{PAGE}/passkeys", {"name": "x", "passkey": nonsense})).status_code == 422


async def test_a_key_is_made_for_this_site_and_person_only(named: Edge) -> None:
    anna, ben, key = Browser(named, "anna"), Browser(named, "ben"), SoftKey()
    asked = await options(anna, f"{PAGE}/passkeys")
    assert (asked["rp"]["id"], asked["user"]["name"]) == ("blog.test", "anna@example.org")
    assert b"anna" not in content(asked["user"]["id"])
    answer = key.make(asked)
    assert (await ben.post(f"{PAGE}/passkeys", {"name": "x", "passkey": answer})).status_code == 422
    assert (await anna.post(f"{PAGE}/passkeys", {"name": "x", "passkey": answer})).status_code == 200
    assert (await anna.post(f"{PAGE}/passkeys", {"name": "x", "passkey": answer})).status_code == 422
    assert "known here already" in (await make(ben, key)).text
    foreign = await make(anna, SoftKey(origin="http://evil.test"))
    assert foreign.status_code == 422
    assert [each["id"] for each in (await options(anna, f"{PAGE}/passkeys"))["excludeCredentials"]] == [text(key.id)]


async def test_several_keys_are_named_and_removed(named: Edge) -> None:
    anna, ben = Browser(named, "anna"), Browser(named, "ben")
    await make(anna, SoftKey(), "Phone")
    assert (await make(anna, SoftKey(), "Laptop")).status_code == 303
    async with named.house.sessions() as db:
        phone, laptop = await db.scalars(select(Passkey).order_by(Passkey.id))
    assert phone.user_handle == laptop.user_handle
    for path in (f"{PAGE}/passkeys/{phone.id}", f"{PAGE}/passkeys/{phone.id}/delete"):
        assert (await ben.post(path, {"name": "Mine"})).status_code == 404
    assert (await anna.post(f"{PAGE}/passkeys/{phone.id}", {"name": ""})).status_code == 422
    await anna.post(f"{PAGE}/passkeys/{phone.id}", {"name": "Old phone"})
    assert "Old phone" in (await anna.get(f"{PAGE}/passkeys/{phone.id}")).text
    await anna.post(f"{PAGE}/passkeys/{phone.id}/delete")
    assert "Old phone" not in (await anna.get(PAGE)).text
    await anna.post(f"{PAGE}/passkeys/{laptop.id}/delete")
    assert "Recovery codes" not in (await anna.get(PAGE)).text
    assert (await Browser(named).post("/login", {"email": "anna@example.org", "password": PASSWORD})).headers[
        "location"
    ] == "/studio"


async def test_a_passkey_says_again_who_is_there(named: Edge) -> None:
    anna, key = Browser(named, "anna"), SoftKey()
    await make(anna, key)
    visitor = Browser(named)
    await enter(visitor, key)
    named.house.clock.advance(CHALLENGE_LIFETIME * 4)  # type: ignore[attr-defined]  # the tests' clock
    assert "Use your passkey" in (await visitor.post("/account/sessions/delete")).text
    answer = key.use(await options(visitor, "/account/proof"))
    done = await visitor.post("/account/sessions/delete", {"proof_passkey": answer})
    assert done.headers["location"] == "/account/sessions"
    async with named.house.sessions() as db:
        assert await db.scalar(select(func.count(Challenge.id))) == 0


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://blog.example.org", True), ("http://localhost:8000", True), ("http://blog.localhost", True),
        ("http://127.0.0.1:8000", False), ("https://192.0.2.1", False), ("http://[::1]", False),
        ("http://blog.example.org", False),
    ],
)  # fmt: skip
def test_browsers_allow_passkeys_only_at_some_addresses(address: str, fine: bool) -> None:
    assert work_at(address) is fine


async def test_where_they_cannot_work_pages_say_so_and_offer_none(browse: Any) -> None:
    assert "passkey" not in (await browse().get("/login")).text
    assert "Browsers allow passkeys only" in (await browse("anna").get(PAGE)).text
    assert "Browsers allow passkeys only" in (await browse("anna").get(f"{PAGE}/passkeys/new")).text
