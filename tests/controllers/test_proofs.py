"""Dangerous acts ask once more who is there, and lose nothing of what was typed."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from browser import Browser
from cast import Clock
from phone import set_up
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password
from blog.auth.throttle import PER_PROOF
from blog.models import Login, Role, Totp, User
from blog.models.login import PROOF_HOLDS

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def ada(browse: Any, db: AsyncSession, clock: Clock) -> Browser:
    """Ada, who signed in a while ago."""
    person = (await db.scalars(select(User).where(User.username == "ada"))).one()
    person.password_hash = await hash_password(PASSWORD)
    await db.commit()
    clock.advance(PROOF_HOLDS)
    browser: Browser = browse("ada")
    return browser


async def role_of(db: AsyncSession, username: str) -> Role:
    return (await db.scalars(select(User.role).where(User.username == username))).one()


async def id_of(db: AsyncSession, username: str) -> int:
    return (await db.scalars(select(User.id).where(User.username == username))).one()


def hidden_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


async def test_the_act_is_done_at_once_when_the_password_is_given(
    ada: Browser, browse: Any, db: AsyncSession, clock: Clock
) -> None:
    path, cookie = f"/admin/users/{await id_of(db, 'anna')}/role", ada.cookie
    asked = await ada.post(path, {"role": "editor"})
    assert asked.status_code == 403
    assert "Is it you?" in asked.text
    assert "set-cookie" not in asked.headers
    assert hidden_of(asked.text)["role"] == "editor"
    assert f'action="{path}"' in asked.text
    assert await role_of(db, "anna") == Role.AUTHOR
    wrong = await ada.post(path, hidden_of(asked.text) | {"proof_password": "not this one"})
    assert wrong.status_code == 422
    assert hidden_of(wrong.text)["role"] == "editor"
    assert "not this one" not in wrong.text
    done = await ada.post(path, hidden_of(wrong.text) | {"proof_password": PASSWORD})
    assert done.headers["location"] == path.removesuffix("/role")
    assert await role_of(db, "anna") == Role.EDITOR
    assert ada.cookie not in {"", cookie}, "a cookie that somebody planted gains nothing"
    assert (await browse("ada").get("/account")).status_code == 303
    ben = f"/admin/users/{await id_of(db, 'ben')}"
    assert (await ada.post(f"{ben}/role", {"role": "editor"})).status_code == 303
    assert await role_of(db, "ben") == Role.EDITOR
    clock.advance(PROOF_HOLDS)
    assert (await ada.post(f"{ben}/suspension")).status_code == 403


async def test_an_act_that_is_refused_still_gives_the_new_cookie(ada: Browser, db: AsyncSession) -> None:
    refused = await ada.post(
        f"/admin/users/{await id_of(db, 'anna')}/role", {"role": "king", "proof_password": PASSWORD}
    )
    assert refused.status_code == 422
    assert (await ada.get("/admin/users")).status_code == 200
    missing = await ada.post("/admin/users/999999/role", {"role": "editor"})
    assert missing.status_code == 404
    assert (await ada.get("/admin/users")).status_code == 200


async def test_an_act_that_ends_in_an_error_page_gives_it_too(ada: Browser) -> None:
    answer = await ada.post("/admin/users/999999/role", {"role": "editor", "proof_password": PASSWORD})
    assert answer.status_code == 404
    assert (await ada.get("/admin/users")).status_code == 200


ACTS = [
    "/account/sessions/delete",
    "/account/two-factor/app",
    "/account/two-factor/app/confirmation",
    "/account/two-factor/app/delete",
    "/account/two-factor/passkeys",
    "/account/two-factor/passkeys/1/delete",
    "/account/two-factor/recovery-codes",
    "/admin/invitations",
    "/admin/users/1/access/email",
    "/admin/users/1/access/password-reset",
    "/admin/users/1/deletion",
    "/admin/users/1/role",
    "/admin/users/1/suspension",
    "/admin/users/1/suspension/delete",
    "/admin/users/1/two-factor/delete",
]


@pytest.mark.parametrize("path", ACTS)
async def test_every_dangerous_act_asks(ada: Browser, path: str) -> None:
    answer = await ada.post(path, {"name": "x", "new_password": "y", "id": ["1", "2"]})
    assert (answer.status_code, "Is it you?" in answer.text) == (403, True)
    assert re.findall('name="id" value="(.)"', answer.text) == ["1", "2"]
    assert hidden_of(answer.text)["name"] == "x"
    assert "new_password" not in answer.text, "no password is given back to a page"
    scripted = await ada.post(path, headers={"accept": "application/json"})
    assert (scripted.status_code, "password once more" in scripted.json()["message"]) == (403, True)


async def test_of_the_settings_only_what_guards_the_door_asks(ada: Browser) -> None:
    assert (await ada.post("/admin/site", {"title": "Field Notes"})).status_code == 303
    asked = await ada.post("/admin/site", {"title": "Field Notes 2", "second_factor": "1", "second_factor_admin": "1"})
    assert (asked.status_code, hidden_of(asked.text)["title"]) == (403, "Field Notes 2")
    done = await ada.post("/admin/site", hidden_of(asked.text) | {"proof_password": PASSWORD})
    assert done.status_code == 303
    assert (await ada.get("/admin/site")).headers["location"] == "/account/two-factor"
    assert "Field Notes 2" in (await ada.get("/account/two-factor")).text


async def test_pages_ask_too_and_go_on(ada: Browser) -> None:
    asked = await ada.get("/account/two-factor/passkeys/new?x=1")
    assert (asked.status_code, 'action="/account/proof"' in asked.text) == (403, True)
    done = await ada.post("/account/proof", hidden_of(asked.text) | {"proof_password": PASSWORD})
    assert done.headers["location"] == "/account/two-factor/passkeys/new?x=1"
    assert (await ada.get("/account/two-factor/passkeys/new?x=1")).status_code == 200
    for hostile in ("//evil.test", "https://evil.test", ""):
        assert (await ada.post("/account/proof", {"next": hostile})).headers["location"] == "/account"


async def test_who_sent_a_file_comes_back_to_the_form(ada: Browser) -> None:
    sent = {"files": {"archive": ("posts.zip", b"PK")}, "headers": {"referer": "http://127.0.0.1:8000/admin/site?x=1"}}
    asked = await ada.post("/admin/invitations", {"email": "x"}, **sent)
    assert hidden_of(asked.text)["next"] == "/admin/site"
    assert 'action="/account/proof"' in asked.text


async def test_guesses_with_a_stolen_cookie_are_few(ada: Browser, clock: Clock) -> None:
    for _ in range(PER_PROOF):
        assert (await ada.post("/account/sessions/delete", {"proof_password": "guessed"})).status_code == 422
    assert (await ada.post("/account/sessions/delete", {"proof_password": PASSWORD})).status_code == 429
    change = {"current_password": PASSWORD, "password": "another long phrase"}
    refused = await ada.post("/account/password", change)
    assert (refused.status_code, "too many tries" in refused.text) == (422, True)
    clock.advance(timedelta(minutes=16))
    assert (await ada.post("/account/password", change)).status_code == 303


async def test_who_has_no_password_uses_a_code(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = browse("anna")
    phone = await set_up(anna, clock)
    person = (await db.scalars(select(User).where(User.username == "anna"))).one()
    person.password_hash = None
    await db.commit()
    clock.advance(PROOF_HOLDS)
    asked = await anna.post("/account/sessions/delete")
    assert 'name="proof_code"' in asked.text
    assert 'name="proof_password"' not in asked.text
    assert (await anna.post("/account/sessions/delete", {"proof_code": "000000"})).status_code == 422
    assert (await anna.post("/account/sessions/delete", {"proof_code": phone.code()})).status_code == 303
    assert (await db.scalars(select(Totp))).one().last_step > 0
    clock.advance(PROOF_HOLDS)
    first = await anna.post("/account/password", {"password": "a first long phrase"})
    assert (first.status_code, "Is it you?" in first.text) == (403, True)
    done = await anna.post("/account/password", {"password": "a first long phrase", "proof_code": phone.code()})
    assert done.status_code == 303
    assert (await db.scalars(select(Login).join(User).where(User.username == "anna"))).one().has_second_factor


async def test_a_code_is_no_proof_for_who_has_a_password(ada: Browser, browse: Any, db: AsyncSession) -> None:
    assert (await ada.post("/account/sessions/delete", {"proof_code": "123456"})).status_code == 422
