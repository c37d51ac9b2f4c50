"""Whether a code or a passkey is right, checked and used up: nothing is accepted twice, whoever asks at once."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Literal

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth import passkeys
from blog.auth.codes import matching_step
from blog.auth.passkeys import KnownKey, Party, PasskeyRefused
from blog.auth.sealing import unseal
from blog.auth.throttle import Bucket
from blog.auth.tokens import new_token, token_hash
from blog.database import begin_write
from blog.languages import ngettext
from blog.models import Arrival, Challenge, Login, Passkey
from blog.queries import arrivals, attempts, second_factors
from blog.settings import Settings
from blog.web.state import house, site_of

log = logging.getLogger("blog")


async def too_many(db: AsyncSession, buckets: tuple[Bucket, ...], now: datetime) -> timedelta | None:
    """Count a try, for good; give how long to wait when it is one too many."""
    await db.commit()
    await begin_write(db)
    waits = [await attempts.count_try(db, bucket, now) for bucket in buckets]
    await db.commit()
    return max((wait for wait in waits if wait), default=None)


def wait_words(wait: timedelta) -> str:
    """Say how long to wait."""
    minutes = whole_minutes(wait)
    sentence = ngettext(
        "There were too many tries to sign in. Please try again in %(minutes)d minute.",
        "There were too many tries to sign in. Please try again in %(minutes)d minutes.",
        minutes,
    )
    return sentence % {"minutes": minutes}


def whole_minutes(wait: timedelta) -> int:
    """Give a wait as people are told it, rounded up."""
    return -(-wait // timedelta(minutes=1))


def whole_seconds(wait: timedelta) -> int:
    """Give a wait as answers tell it to programs, rounded up."""
    return int(wait.total_seconds()) + 1


async def code_fits(db: AsyncSession, settings: Settings, user_id: int, typed: str, now: datetime) -> bool:
    """Check the code of an app and use it up; the caller commits."""
    found = await second_factors.of_user(db, user_id)
    await db.commit()
    step = None
    if found.app is not None and found.has_app:
        secret = await asyncio.to_thread(unseal, settings.secret_key, found.app.secret)
        if secret is None:
            log.warning("SECRET_KEY has changed: the authenticator app of person %d fits no longer", user_id)
        else:
            step = matching_step(secret, typed, now)
    await begin_write(db)
    return step is not None and await second_factors.note_step(db, user_id, step)


def ask(db: AsyncSession, asked: Login | Arrival, now: datetime) -> str:
    """Make a challenge for a passkey, bound to this sign-in or arrival; the caller commits."""
    challenge = new_token()
    db.add(Challenge.asked_of(asked, token_hash(challenge), now=now))
    return challenge


async def passkey_fits(
    db: AsyncSession,
    connection: ASGIConnection[Any, Any, Any, Any],
    asked: Login | Arrival,
    answer: str,
    now: datetime,
    *,
    person: Literal["verified", "present"],
    user_id: int | None = None,
) -> Passkey | None:
    """Check the answer of a passkey, of this person or of anybody, and use up its challenge; the caller commits.

    None when it is wrong. The work is done before anything is held.
    """
    try:
        key_id, handle = passkeys.key_in(answer)
        key = await second_factors.passkey(db, key_id)
        await db.commit()
        if key is None or (user_id is not None and key.user_id != user_id) or handle not in {"", key.user_handle}:
            raise PasskeyRefused("the key is not known here")
        challenge = passkeys.challenge_in(answer)
        count = await asyncio.to_thread(
            passkeys.check_use, party_of(connection), challenge, answer, known_key(key),
            person_must_be_verified=person == "verified",
        )  # fmt: skip
    except PasskeyRefused as refused:
        log.info("a passkey was refused: %s", ascii(str(refused))[1:-1][:200])
        await db.commit()
        await begin_write(db)
        return None
    await begin_write(db)
    if not await arrivals.use_challenge(db, token_hash(challenge), asked, now):
        return None
    return key if await second_factors.note_use(db, key, count, now) else None


def party_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Party:
    """Give the site as keys know it."""
    return Party(house(connection).settings.base_url, site_of(connection.scope).title)


def known_key(key: Passkey) -> KnownKey:
    return KnownKey(key.credential_id, key.transports, key.public_key, key.sign_count)
