"""Codes of apps against the standard, recovery codes, and secrets under seal."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.auth.codes import STEP_SECONDS, address_of, matching_step, new_codes, new_secret, recovery_hash, step_at
from blog.auth.sealing import seal, unseal

# RFC 6238, appendix B: the secret "12345678901234567890" and SHA-1, the last six of eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(RFC_SECRET, code, now) == seconds // STEP_SECONDS == step_at(now)


@given(MOMENTS, st.integers(-5, 5))
def test_a_code_fits_one_step_around_its_time(now: datetime, steps: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(now + timedelta(seconds=steps * STEP_SECONDS))
    found = matching_step(RFC_SECRET, code, now)
    if abs(steps) <= 1:
        assert found is not None
    else:  # six digits may come again by chance
        assert found is None or pyotp.HOTP(RFC_SECRET).at(found) == code


@given(st.text(max_size=12), MOMENTS)
def test_what_is_no_code_fits_nothing(typed: str, now: datetime) -> None:
    found = matching_step(RFC_SECRET, typed, now)
    assert found is None or "".join(typed.split()) == pyotp.HOTP(RFC_SECRET).at(found)


def test_recovery_codes_are_long_and_each_another_one() -> None:
    codes = new_codes() + new_codes()
    assert len({recovery_hash(code) for code in codes}) == 20
    assert all(len(code.replace("-", "")) == 24 for code in codes)


@given(st.sampled_from(["", "-", " ", " - "]), st.booleans())
def test_recovery_codes_are_known_however_they_are_typed(between: str, shouted: bool) -> None:
    code = new_codes()[0]
    typed = code.replace("-", between)
    assert recovery_hash(typed.upper() if shouted else typed) == recovery_hash(code)


def test_the_address_names_the_site_and_the_person() -> None:
    address = address_of(new_secret(), account="mei@example.org", site="Field: Notes")
    assert address.startswith("otpauth://totp/Field%20%20Notes:mei%40example.org?secret=")


@given(st.text(max_size=100))
def test_what_is_sealed_opens_under_its_key_only(text: str) -> None:
    sealed = seal("k" * 40, text)
    assert unseal("k" * 40, sealed) == text
    assert unseal("l" * 40, sealed) is None
    assert unseal("k" * 40, sealed[:-10]) is None
