"""Codes that prove a second factor: those of authenticator apps (TOTP, RFC 6238), and codes for when all else is lost."""

import secrets
from datetime import datetime

from blog.auth.tokens import same, token_hash

STEP_SECONDS = 30
DIGITS = 6
SKEW_STEPS = (-1, 0, 1)
"""Clocks may differ by one step in either direction."""
CODES_AT_ONCE = 10
# Without letters and digits that look alike. Six groups of four hold 120 bits: a plain hash does (ASVS 6.5.2).
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 6, 4


def new_secret() -> str:
    """Make the secret that an app shares with us: 160 bits in base32."""
    import pyotp

    return pyotp.random_base32()


def step_at(moment: datetime) -> int:
    """Number the time step of a moment."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """Give the time step that a code belongs to, or None: it is wrong, or too old or new.

    The caller must note the step and accept none up to it again (RFC 6238, section 5.2).
    """
    import pyotp

    code = "".join(typed.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    app, found = pyotp.HOTP(secret), None
    for step in (step_at(now) + skew for skew in SKEW_STEPS):
        if same(code, app.at(step)):
            found = step
    return found


def address_of(secret: str, *, account: str, site: str) -> str:
    """Write the address that a QR code hands to an app."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site.replace(":", " "))


def new_codes() -> list[str]:
    """Make a set of recovery codes, to be shown once."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(CODES_AT_ONCE)]


def recovery_hash(typed: str) -> str:
    """Give what is stored of a recovery code, however it was typed in."""
    return token_hash("".join(character for character in typed.lower() if character.isalnum()))


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))
