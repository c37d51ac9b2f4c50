"""Traps of this stack that sign-in, caching and slow clients fall into; the others are met where their story is told."""

import asyncio
import re
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import func, select

from blog.auth.tokens import new_token
from blog.models import Login, User
from blog.web import bodies
from blog.web.edge import Edge

HEADERS = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1:8000"}


async def test_a_slow_page_does_not_bring_a_sign_in_back_that_was_ended(fresh_app: Any) -> None:
    async with fresh_app() as app:
        rest = asyncio.Event()

        async def chunks() -> Any:
            yield b"title=T&body=b&"
            await rest.wait()
            yield b"csrf_token=x"

        slow = asyncio.create_task(Browser(app, "anna").client.post("/studio/posts", content=chunks(), headers=HEADERS))
        await asyncio.sleep(0.05)
        assert (await Browser(app, "anna").post("/logout")).status_code == 303
        rest.set()
        answer = await slow
        assert "session=" not in answer.headers.get("set-cookie", "")
        assert (await Browser(app, "anna").get("/studio/posts")).status_code == 303
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count(Login.id)).join(User).where(User.username == "anna")) == 0


async def test_what_one_person_saw_is_never_given_to_the_next(browse: Any) -> None:
    for path in ("/", "/posts/hello", "/tags"):
        for who in ("ada", None, "ben", None):
            answer = await browse(who).get(path)
            assert "set-cookie" not in answer.headers
            if who is not None:
                assert answer.headers["cache-control"] == "no-store"
            else:
                assert "csrf_token" not in answer.text
                assert "Your desk" not in answer.text


@pytest.mark.parametrize("cookie", ["garbage", "é" * 50, '"><script>alert(1)</script>', "x" * 3000, ""])
async def test_a_broken_cookie_is_nobody_and_signing_in_replaces_it(app: Edge, cookie: str) -> None:
    browser = Browser(app)
    headers = {"cookie": f"session={cookie}; flash={cookie}; csrftoken={cookie}".encode()}
    page = await browser.get("/login", headers=headers)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert (await browser.get("/studio", headers=headers)).status_code == 303
    form = {"email": "anna@example.org", "password": "not right"}
    assert (await browser.post("/login", form, headers=headers)).status_code == 422


async def test_a_body_that_stalls_is_given_up(app: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def chunks() -> Any:
        yield b"email=a"
        await asyncio.sleep(5)
        yield b"&password=b"

    for who in (None, "anna"):
        answer = await Browser(app, who).client.post("/login", content=chunks(), headers=HEADERS)
        assert answer.status_code == 408
        assert "did not arrive in time" in answer.text


def test_the_cookie_of_a_sign_in_is_long_and_random() -> None:
    tokens = {new_token() for _ in range(2000)}
    assert len(tokens) == 2000
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
