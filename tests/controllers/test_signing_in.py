"""Set-up, signing in and out, passwords and sign-ins."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import argon2
import pytest
from argon2 import PasswordHasher
from browser import Browser
from cast import Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password
from blog.auth.tokens import token_hash
from blog.models import Attempt, Login, Opening, Purpose, Role, Site, Token, User
from blog.web.edge import Edge
from blog.web.state import House

PASSWORD = "correct horse battery staple"


async def with_password(db: AsyncSession, username: str) -> None:
    person = (await db.scalars(select(User).where(User.username == username))).one()
    person.password_hash = await hash_password(PASSWORD)
    await db.commit()


async def sign_in(browser: Browser, username: str = "anna", password: str = PASSWORD, **more: str) -> Any:
    return await browser.post("/login", {"email": f"{username}@example.org", "password": password, **more})


async def test_signing_in_gives_a_new_cookie_and_signing_out_ends_it(browse: Any, db: AsyncSession) -> None:
    await with_password(db, "anna")
    browser = browse()
    browser.client.cookies.set("session", "chosen-by-an-attacker", domain="127.0.0.1")
    answer = await sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.cookie != "chosen-by-an-attacker"
    token = re.search(r"session=([^;]+)", answer.headers["set-cookie"])
    assert token
    assert await db.scalar(select(func.count()).where(Login.token_hash == token[1])) == 0
    assert await db.scalar(select(func.count()).where(Login.token_hash == token_hash(token[1]))) == 1


async def test_wrong_words_and_unknown_people_get_the_same_answer(browse: Any, db: AsyncSession) -> None:
    await with_password(db, "anna")
    await with_password(db, "sam")
    answers = [
        await sign_in(browse(), "anna", "wrong password here"),
        await sign_in(browse(), "nobody", PASSWORD),
        await sign_in(browse(), "sam", PASSWORD),
        await sign_in(browse(), "greta", PASSWORD),
    ]
    pages = {re.sub(r"\w+@example.org", "", answer.text) for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("path", "typed", "written", "hashes"),
    [
        ("/login", {"password": "wrong password here"}, "INTO events", ["verify"]),
        ("/password-reset", {}, "FROM mails", []),
        ("/register", {"name": "Nora New", "password": PASSWORD}, "INTO registrations", ["hash"]),
    ],
)
async def test_it_costs_the_same_whoever_is_named(
    app: Edge,
    browse: Any,
    db: AsyncSession,
    statements: Any,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    typed: dict[str, str],
    written: str,
    hashes: list[str],
) -> None:
    """Time discloses nothing (ASVS 6.3.8). It is counted, not measured: a busy machine makes any clock lie."""
    for who in ("anna", "sam"):
        await with_password(db, who)
    (await db.scalars(select(Site))).one().registration = Opening.APPROVAL
    await db.commit()
    app.house.forget_site()
    monkeypatch.setattr(House, "has_mail", True)
    # The first who asks for an account makes news for the admins; from then on they know.
    await browse().post("/register", {"name": "Otto", "email": "otto@example.org", "password": PASSWORD})
    computed: list[tuple[str, str]] = []
    made, compared = argon2._password_hasher.hash_secret, argon2._password_hasher.verify_secret

    def hashed(*given: Any, **costs: Any) -> bytes:
        done: bytes = made(*given, **costs)
        computed.append(("hash", done.decode().rsplit("$", 2)[0]))
        return done

    def verified(stored: bytes, *given: Any) -> bool:
        computed.append(("verify", stored.decode().rsplit("$", 2)[0]))
        return bool(compared(stored, *given))

    monkeypatch.setattr("argon2._password_hasher.hash_secret", hashed)
    monkeypatch.setattr("argon2._password_hasher.verify_secret", verified)
    costs = {}
    # One with a password, one suspended, one who has none yet, one known by name only, and nobody.
    for who in ("anna", "sam", "ben", "greta", "nobody"):
        computed.clear()
        app.house.forget_site()
        fields = typed | {"email": f"{who}@example.org"}
        asked = await statements(lambda fields=fields: browse().post(path, fields))
        # An INSERT leaves out the columns that stay empty, such as whom a failure was about; it is the same work.
        costs[who] = (tuple(re.sub(r"\(.*", "", one, flags=re.DOTALL) for one in asked), tuple(computed))
    for who, cost in costs.items():
        assert cost == costs["nobody"], who
    asked, done = costs["nobody"]
    assert any(written in statement for statement in asked), "it was not refused"
    assert done == tuple((kind, "$argon2id$v=19$m=65536,t=3,p=4") for kind in hashes)


async def test_after_ten_tries_an_account_rests_whatever_the_spelling(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    await with_password(db, "anna")
    spellings = ["anna", "ANNA", "Anna"]
    for number in range(10):
        assert (await sign_in(browse(), spellings[number % 3], "wrong")).status_code == 422
    answer = await sign_in(browse())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "15 minutes" in answer.text
    clock.advance(timedelta(minutes=16))
    assert (await sign_in(browse())).status_code == 303
    assert list(await db.scalars(select(Attempt.key))) == ["address:127.0.0.1"]


@pytest.mark.parametrize("hostile", ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)",
                                     "/\t/evil.test", "\\\\evil.test", "/%0d%0aset-cookie:x", "evil"])  # fmt: skip
async def test_after_signing_in_one_stays_on_this_site(browse: Any, db: AsyncSession, hostile: str) -> None:
    await with_password(db, "anna")
    assert (await sign_in(browse(), next="/tags?page=1")).headers["location"] == "/tags?page=1"
    location = (await sign_in(browse(), next=hostile)).headers["location"]
    assert location in {"/studio", "/%0d%0aset-cookie:x"}


async def test_changing_the_password_ends_all_other_sign_ins(browse: Any, db: AsyncSession) -> None:
    await with_password(db, "anna")
    here, elsewhere = browse(), browse("anna")
    await sign_in(here)
    new = "a quite different passphrase"
    wrong = await here.post("/account/password", {"current_password": "not this", "password": new})
    assert wrong.status_code == 422
    old_cookie = here.cookie
    answer = await here.post("/account/password", {"current_password": PASSWORD, "password": new})
    assert answer.status_code == 303, answer.text
    assert here.cookie != old_cookie
    assert (await here.get("/account")).status_code == 200
    assert (await elsewhere.get("/account")).status_code == 303
    assert (await sign_in(browse(), password=new)).status_code == 303


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "x" * 1025,
        "aaaaaaaaaaaaaaaa",
        "anna@example.org",
        "Anna Author 26",
        "password12345",
        "A new publication",
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(browse: Any, db: AsyncSession, weak: str) -> None:
    answer = await browse("anna").post("/account/password", {"current_password": PASSWORD, "password": weak})
    assert answer.status_code == 422
    assert "password" in answer.text


async def test_a_hash_of_older_costs_is_renewed_at_the_next_sign_in(browse: Any, db: AsyncSession) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(PASSWORD)
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    anna.password_hash = old
    await db.commit()
    assert (await sign_in(browse(), password="wrong password here")).status_code == 422
    stored = select(User.password_hash).where(User.username == "anna")
    assert await db.scalar(stored) == old
    assert (await sign_in(browse())).status_code == 303
    renewed = await db.scalar(stored)
    assert renewed
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (await sign_in(browse())).status_code == 303
    assert await db.scalar(stored) == renewed


async def test_password_fields_say_what_they_are_for(browse: Any) -> None:
    login, account = (await browse().get("/login")).text, (await browse("anna").get("/account")).text
    assert re.search(r'name="email"[^>]* autocomplete="username"', login)
    assert re.search(r'name="password"[^>]* autocomplete="current-password"', login)
    assert re.search(r'name="current_password"[^>]* autocomplete="current-password"', account)
    assert re.search(r'name="password"[^>]* autocomplete="new-password"', account)
    assert "onpaste" not in login + account


async def test_sign_ins_are_listed_and_ended(browse: Any, db: AsyncSession) -> None:
    await with_password(db, "anna")
    other = browse()
    await sign_in(other)
    anna = browse("anna")
    assert "this browser" in (await anna.get("/account/sessions")).text
    bens = (await db.scalars(select(Login.id).join(User).where(User.username == "ben"))).one()
    assert (await anna.post(f"/account/sessions/{bens}/delete")).status_code == 404
    assert (await anna.post("/account/sessions/delete")).status_code == 303
    assert (await other.get("/account")).status_code == 303
    assert (await anna.get("/account")).status_code == 200


async def test_anonymous_visits_leave_no_row(browse: Any, db: AsyncSession) -> None:
    before = await db.scalar(select(func.count(Login.id)))
    for _ in range(20):
        assert "set-cookie" not in (await browse().get("/")).headers
    assert await db.scalar(select(func.count(Login.id))) == before


async def setup_link(app: Edge) -> str:
    async with app.house.sessions() as db:
        now = app.house.clock()
        expiry = now + timedelta(days=1)
        db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash("printed"), created_at=now, expires_at=expiry))
        await db.commit()
    return "/setup?token=printed"


FIRST = {
    "token": "printed",
    "site_title": "Field Notes",
    "name": "Mei Lin",
    "email": "mei@example.org",
    "password": PASSWORD,
}


async def test_the_first_admin_is_made_once_however_many_try(fresh_app: Any) -> None:
    async with fresh_app(with_cast=False) as app:
        assert (await Browser(app).get("/setup")).status_code == 404
        assert (await Browser(app).get("/setup?token=guessed")).status_code == 404
        link = await setup_link(app)
        assert (await Browser(app).get(link)).status_code == 200
        refused = await Browser(app).post("/setup", FIRST | {"password": "short"})
        assert refused.status_code == 422
        assert "Mei Lin" in refused.text
        browsers = [Browser(app) for _ in range(8)]
        answers = await asyncio.gather(*(browser.post("/setup", FIRST) for browser in browsers))
        assert sorted(answer.status_code for answer in answers) == [303] + [404] * 7
        winner = browsers[[answer.status_code for answer in answers].index(303)]
        assert (await winner.get("/admin/users")).status_code == 200
        assert "Field Notes" in (await Browser(app).get("/")).text
        assert (await Browser(app).get(link)).status_code == 404
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count()).where(User.role == Role.ADMIN)) == 1


async def test_twenty_saves_with_one_title_get_twenty_addresses(fresh_app: Any) -> None:
    async with fresh_app() as app:
        anna = Browser(app, "anna")
        saves = (anna.save(title="The same title", body="words", tags="brand new, another") for _ in range(20))
        answers = await asyncio.gather(*saves)
        assert {answer.status_code for answer in answers} == {303}
        typed = await asyncio.gather(*(anna.save(title="x", slug="one-address") for _ in range(5)))
        assert sorted(answer.status_code for answer in typed) == [303, 422, 422, 422, 422]


FORMS = [
    ("/studio/posts", {"title": "T", "body": "b"}),
    ("/studio/posts/1", {"title": "T", "body": "b", "slug": "hello", "version": "1"}),
    ("/studio/posts/1/publication", {}),
    ("/studio/posts/1/publication/delete", {}),
    ("/studio/posts/1/trash", {}),
    ("/studio/posts/1/owner", {"username": "ben"}),
    ("/studio/posts/1/feature", {}),
    ("/account", {"name": "New Name"}),
    ("/account/sessions/delete", {}),
    ("/admin/users/1/role", {"role": "editor"}),
    ("/admin/users/1/suspension", {}),
    ("/logout", {}),
]


@pytest.mark.parametrize(("path", "fields"), FORMS)
async def test_a_commit_that_fails_is_never_answered_with_success(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch, path: str, fields: dict[str, str]
) -> None:
    async with fresh_app() as app:

        def fail(_: Any) -> None:
            raise OSError("the disk is full")

        async with app.house.sessions() as db:
            ids = {user.username: user.id for user in await db.scalars(select(User))}
        browser = Browser(app, "ada")
        monkeypatch.setattr(app.house.sessions.kw["bind"].dialect, "do_commit", fail)
        answer = await browser.post(path.replace("users/1", f"users/{ids['anna']}"), fields)
        monkeypatch.undo()
        assert answer.status_code >= 500, (path, answer.status_code)
