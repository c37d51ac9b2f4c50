"""Passkeys (WebAuthn): what browsers are asked, and whether the answer is right. No database.

The site's name towards keys and the one origin that is accepted come from the base URL, never from a request.
"""

import ipaddress
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

LONGEST_ANSWER = 100_000
PATIENCE_MS = 300_000
# EdDSA, ES256 and RS256: what keys of today sign with (IANA's COSE algorithms).
ALGORITHMS = (-8, -7, -257)
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})


class PasskeyRefused(Exception):
    """An answer that does not prove what it should; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Party:
    """The site as keys know it."""

    origin: str
    name: str

    @property
    def id(self) -> str:
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A passkey to choose from, and what its answer is checked with."""

    id: str
    transports: Sequence[str]
    public_key: str = ""
    sign_count: int = 0


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that somebody made for this site."""

    id: str
    public_key: str
    sign_count: int
    transports: list[str]


def work_at(base_url: str) -> bool:
    """Tell whether browsers let passkeys be used at an address: only over https or on localhost, and never at a number."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return False


def new_handle() -> str:
    """Make the random name under which a person's keys know them; it must tell nothing (WebAuthn, section 14.6.1)."""
    return secrets.token_urlsafe(48)


def to_make_one(
    party: Party, challenge: str, *, handle: str, account: str, person: str, known: Iterable[KnownKey]
) -> dict[str, Any]:
    """Write what `navigator.credentials.create` is asked; keys that are known already are left out."""
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {"id": handle, "name": account, "displayName": person},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": PATIENCE_MS,
        "excludeCredentials": [_named(key) for key in known],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
        "attestation": "none",
    }


def to_use_one(
    party: Party, challenge: str, *, known: Iterable[KnownKey] = (), person: Literal["required", "discouraged"]
) -> dict[str, Any]:
    """Write what `navigator.credentials.get` is asked: any key of this site, or one of these.

    `person` says whether the key must make sure who holds it, by a finger or a PIN: then it needs no password beside.
    """
    return {
        "challenge": challenge,
        "rpId": party.id,
        "timeout": PATIENCE_MS,
        "allowCredentials": [_named(key) for key in known],
        "userVerification": person,
    }


def challenge_in(answer: str) -> str:
    """Read the challenge that an answer is for; raises PasskeyRefused."""
    try:
        client_data = json.loads(_bytes(_object(answer)["response"]["clientDataJSON"]))
        return str(client_data["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PasskeyRefused("the answer names no challenge") from error


def key_in(answer: str) -> tuple[str, str]:
    """Read which key answers, and the handle of its person, which may be empty; raises PasskeyRefused."""
    try:
        found = _object(answer)
        return str(found["id"]), str(found["response"].get("userHandle") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefused("the answer names no key") from error


def check_new(party: Party, challenge: str, answer: str) -> NewKey:
    """Check the answer of a key that was made; raises PasskeyRefused. Takes a while: call it off the event loop."""
    # Loading it takes half a second and some megabytes, and few requests need it.
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    try:
        made = verify_registration_response(
            credential=_object(answer),
            expected_challenge=_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
        transports = _object(answer)["response"].get("transports") or []
        return NewKey(
            id=_text(made.credential_id),
            public_key=_text(made.credential_public_key),
            sign_count=made.sign_count,
            transports=sorted(TRANSPORTS & {str(way) for way in transports}),
        )
    except Exception as error:  # the library lets errors of the parsers beneath it through
        raise PasskeyRefused(str(error)) from error


def check_use(party: Party, challenge: str, answer: str, key: KnownKey, *, person_must_be_verified: bool) -> int:
    """Check the answer of a known key and give its new count; raises PasskeyRefused. Call it off the event loop.

    A count that has not grown means that the key was copied, or the answer seen before (WebAuthn, section 6.1.1).
    """
    from webauthn import verify_authentication_response

    try:
        return verify_authentication_response(
            credential=_object(answer),
            expected_challenge=_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=person_must_be_verified,
        ).new_sign_count
    except Exception as error:  # as above
        raise PasskeyRefused(str(error)) from error


def _object(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused("the answer is too long")
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise PasskeyRefused("the answer is no object")
    return found


def _named(key: KnownKey) -> dict[str, Any]:
    return {"type": "public-key", "id": key.id, "transports": list(key.transports)}


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
