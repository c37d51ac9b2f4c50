"""Guessing passwords: what counts together, and what a guesser can do about it."""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from argon2 import PasswordHasher
from browser import Browser
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth import passwords
from blog.auth.throttle import PER_ACCOUNT, PER_ADDRESS, network_of
from blog.models import User
from blog.settings import read_settings
from blog.web.addresses import client_address

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests count tries, hundreds of them; how strong the hashes are is another story."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))


async def guess(app: Any, email: str, client: str = "203.0.113.9", **headers: str) -> int:
    transport = httpx.ASGITransport(app=app, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as visitor:
        answer = await visitor.post("/login", data={"email": email, "password": "guessed"}, headers=headers)
        return answer.status_code


async def test_a_guesser_with_many_names_is_stopped_by_address(app: Any) -> None:
    statuses = [await guess(app, f"person{number}@example.org") for number in range(PER_ADDRESS + 2)]
    assert statuses.count(429) == 2
    assert await guess(app, "person0@example.org", "203.0.113.10") == 422


async def test_a_guesser_with_many_addresses_is_stopped_by_account(app: Any) -> None:
    statuses = [await guess(app, "anna@example.org", f"203.0.113.{number}") for number in range(PER_ACCOUNT + 2)]
    assert statuses[-2:] == [429, 429]


async def test_guesses_from_elsewhere_do_not_keep_the_owner_out(browse: Any, app: Any, db: AsyncSession) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    anna.password_hash = await passwords.hash_password(PASSWORD)
    await db.commit()
    own, right = browse(), {"email": "Anna@example.org", "password": PASSWORD}
    assert (await own.post("/login", right)).status_code == 303
    cookie = own.client.cookies.get("device", path="/login")
    assert cookie
    for number in range(PER_ACCOUNT + 1):
        await guess(app, "anna@example.org", f"203.0.113.{number}")
        await guess(app, f"person{number}@example.org", "127.0.0.1")
    assert (await browse().post("/login", right)).status_code == 429, "the right password in an unknown browser waits"
    assert (await own.post("/login", right)).status_code == 303
    assert await guess(app, "anna@example.org", "203.0.113.99") == 429, "and that forgives the guesser nothing"
    name, mark = cookie.split(".")
    for forged in (f"{name}.{'0' * 64}", f"{name[:-1]}x.{mark}", name, f".{mark}", "é", "x" * 3000):
        assert await guess(app, "anna@example.org", "203.0.113.99", cookie=f"device={quote(forged)}") == 429, forged
    for _ in range(PER_ACCOUNT + 1):
        await guess(app, "ben@example.org", "203.0.113.98", cookie=f"device={cookie}")
    assert await guess(app, "ben@example.org", "203.0.113.98", cookie=f"device={cookie}") == 429, "it is annas alone"
    statuses = [await guess(app, "anna@example.org", cookie=f"device={cookie}") for _ in range(PER_ACCOUNT + 1)]
    assert statuses == [422] * PER_ACCOUNT + [429], "whoever stole it guesses no faster than anybody"


async def test_headers_of_strangers_hide_nobody(app: Any) -> None:
    names = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip"]
    statuses = [
        await guess(app, f"p{number}@example.org", "198.51.100.1", **dict.fromkeys(names, f"203.0.113.{number}"))
        for number in range(PER_ADDRESS + 1)
    ]
    assert statuses[-1] == 429


async def test_of_many_guesses_at_once_only_the_allowed_ones_are_checked(fresh_app: Any) -> None:
    async with fresh_app() as app:
        statuses = await asyncio.gather(*(guess(app, "anna@example.org", f"203.0.113.{n}") for n in range(30)))
        assert statuses.count(422) <= PER_ACCOUNT
        assert set(statuses) <= {422, 429, 503}


async def test_a_crowd_signing_in_at_once_is_told_to_come_back_and_pages_go_on(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = PasswordHasher(time_cost=20_000, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_NOBODY", slow.hash("nobody has this password"))
    monkeypatch.setattr(passwords, "MOST_AT_ONCE", 3)
    async with fresh_app() as app:
        crowd = (guess(app, f"person{n}@example.org", f"203.0.{n}.1") for n in range(25))
        *statuses, page = await asyncio.gather(*crowd, Browser(app).get("/"))
        assert page.status_code == 200
        assert set(statuses) == {422, 503}


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8::1", "2001:db8::ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("", "nonsense", True),
    ],
)
def test_addresses_of_one_subscriber_count_together(one: str, other: str, together: bool) -> None:
    assert (network_of(one) == network_of(other)) is together


@pytest.mark.parametrize(
    ("forwarded", "client", "seen"),
    [
        ("", "10.0.0.1", "10.0.0.1"),
        ("198.51.100.7", "10.0.0.1", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "10.0.0.1", "198.51.100.7"),
        ("198.51.100.7, 10.0.0.2", "10.0.0.1", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_behind_a_trusted_proxy_the_last_untrusted_hop_is_the_client(forwarded: str, client: str, seen: str) -> None:
    settings = read_settings({"TRUSTED_PROXIES": "10.0.0.0/8", "SECRET_KEY": "s" * 40})
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert client_address({"client": (client, 1), "headers": headers}, settings) == seen
