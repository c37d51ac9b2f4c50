"""Which passwords are taken, and how they are kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from blog.auth import passwords
from blog.auth.passwords import hash_password, needs_rehash, problem_with, use_costs, verify_password
from blog.settings import Settings

MEI = {"name": "Mei Lin", "email": "mei.lin@example.org", "site": "Field Notes"}


@pytest.mark.parametrize(
    "fine",
    ["three green herons", "correct horse battery staple", "zw7h-4kqp-9xvm", "один два три слова", "🦊🌲🏔️🌊🔥⛄🍄🐝🌻🦉🪶🐚",
     "Mei likes to swim in lakes", "field hockey on wet grass", "aa" + "bcdefghij" * 3, " leading and trailing "],
)  # fmt: skip
def test_any_long_enough_words_are_fine(fine: str) -> None:
    assert problem_with(fine, **MEI) is None


@pytest.mark.parametrize(
    "common",
    ["password1234", "Password1234", "PASSWORD1234!!", "iloveyou12345", "qwertyuiop123", "123456789012", "!!sunshine1234",
     "administrator", "passwordpassword", "changeme123!", "letmeinletmein"],
)  # fmt: skip
def test_what_guessers_try_first_is_refused(common: str) -> None:
    assert "easy to guess" in (told := problem_with(common) or "") or "tried first" in told


@pytest.mark.parametrize(
    "known",
    [
        "Mei Lin Mei Lin",
        "mei.lin@example.org",
        "MeiLin2026!!",
        "Field Notes 2026",
        "fieldnotes-mei",
        "lin.field.notes.1",
    ],
)
def test_what_everybody_knows_of_somebody_is_refused(known: str) -> None:
    assert "little more than your name" in (problem_with(known, **MEI) or "")


@given(st.text(max_size=2000))
def test_every_text_gets_an_answer(typed: str) -> None:
    problem = problem_with(typed, **MEI)
    assert problem is None or problem.endswith(".")
    if not 12 <= len(typed) <= 1024:
        assert problem


@given(st.text(min_size=1, max_size=5), st.integers(12, 40))
def test_one_short_thing_again_and_again_is_refused(part: str, length: int) -> None:
    assert problem_with((part * length)[:length])


@pytest.fixture
def costs() -> Iterator[Settings]:
    settings = Settings()
    yield settings
    use_costs(settings)


async def test_a_hash_tells_its_costs_and_is_renewed_when_they_change(costs: Settings) -> None:
    stored = await hash_password("three green herons")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not needs_rehash(stored)
    use_costs(replace(costs, argon2_time_cost=2, argon2_memory_kib=19456, argon2_parallelism=1))
    assert needs_rehash(stored)
    assert await verify_password("three green herons", stored), "old hashes go on"
    assert (await hash_password("three green herons")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords._NOBODY.startswith("$argon2id$v=19$m=19456,t=2,p=1$"), "nobody takes as long as somebody"


@pytest.mark.parametrize("size", [12, 64, 71, 73, 128, 1024])
async def test_long_passwords_are_not_cut_and_letters_not_changed(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    typed = ("e\u0301 ü🦊 x" * size)[:size]
    stored = await hash_password(typed)
    assert await verify_password(typed, stored)
    assert not await verify_password(typed[:-1] + "y", stored)
    assert not await verify_password(typed.replace("e\u0301", "\u00e9"), stored)
