"""Argon2id hashes, made off the event loop and only a few at once: each takes 64 MiB and a tenth of a second."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from blog.languages import gettext as _

T = TypeVar("T")

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024  # refused before hashing: hashing megabytes would be a way to stop the server

# argon2-cffi's defaults are RFC 9106's second recommendation (64 MiB, t=3, p=4), above ASVS 5.0's minimum.
_hasher = PasswordHasher()
# Two threads bound both memory (2 x 64 MiB) and processor; some more may wait, a second or two.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
MOST_AT_ONCE = 40
_at_once = 0
# Verified when there is no account, so that an unknown name takes as long to refuse as a wrong password.
_NOBODY = _hasher.hash("nobody has this password")


class TooBusy(Exception):
    """More passwords are being hashed than this process takes on at once."""


async def hash_password(password: str) -> str:
    """Hash a password for storage; raises TooBusy."""
    return await _off_loop(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Compare a password with the stored hash; as slow when there is none, and then False. Raises TooBusy."""
    return await _off_loop(_verify, password, stored)


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with older parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def problem_with(password: str, *, name: str = "", email: str = "") -> str | None:
    """Say what is wrong with a new password in a sentence, or None. No rules about kinds of characters (ASVS 6.2.5)."""
    if len(password) < SHORTEST_PASSWORD:
        sentence = _("A password needs at least %(least)s characters; three or four unrelated words do well.")
        return sentence % {"least": SHORTEST_PASSWORD}
    if len(password) > LONGEST_PASSWORD:
        return _("A password can have at most %(most)s characters.") % {"most": LONGEST_PASSWORD}
    if len(set(password)) < 4 or password.casefold() in {name.casefold(), email.casefold()}:
        return _("This password is too easy to guess; three or four unrelated words do well.")
    return None


async def _off_loop(work: Callable[..., T], *arguments: object) -> T:
    global _at_once
    if _at_once >= MOST_AT_ONCE:
        raise TooBusy
    _at_once += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work, *arguments)
    finally:
        _at_once -= 1


def _verify(password: str, stored: str | None) -> bool:
    if len(password) > LONGEST_PASSWORD:
        password = ""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
