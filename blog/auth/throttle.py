"""How often somebody may try to sign in, and which tries count together."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50
REGISTRATIONS_OF = 3
REGISTRATIONS_FROM = 10
RESETS_PER_ACCOUNT = 3
RESETS_PER_ADDRESS = 20
PER_SECOND_STEP = 5
"""Wrong codes after a right password: six digits must not be guessed (ASVS 6.6.3)."""
PER_PROOF = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tries that are counted together, and how many of them are allowed in one window."""

    key: str
    limit: int


def sign_in_buckets(email_key: str, address: str, device: str = "") -> tuple[Bucket, ...]:
    """Name the buckets of a try; the account's is a hash, since people mistype passwords into this field.

    In a browser that is known to the account tries count for themselves, so that no guesses from elsewhere stop them.
    """
    if device:
        return (Bucket(f"device:{_hidden(device)}", PER_ACCOUNT),)
    account = Bucket(f"account:{_hidden(email_key)}", PER_ACCOUNT)
    return account, address_bucket(address)


def reset_buckets(email_key: str, address: str) -> tuple[Bucket, Bucket]:
    """Name the two buckets of asking for a new password, whether or not there is such an account."""
    account = Bucket(f"reset:{_hidden(email_key)}", RESETS_PER_ACCOUNT)
    return account, Bucket(f"reset-address:{network_of(address)}", RESETS_PER_ADDRESS)


def registration_buckets(email_key: str, address: str) -> tuple[Bucket, Bucket]:
    """Name the two buckets of somebody who asks for an account: of the address that gets mail, and of where it is from."""
    from_there = Bucket(f"registering:{network_of(address)}", REGISTRATIONS_FROM)
    return Bucket(f"registering:{_hidden(email_key)}", REGISTRATIONS_OF), from_there


def second_step_buckets(user_id: int, address: str, device: str = "") -> tuple[Bucket, ...]:
    """Name the buckets of a try at the second step of signing in; a known browser has one of its own here too."""
    if device:
        return (Bucket(f"second-device:{_hidden(device)}", PER_SECOND_STEP),)
    return Bucket(f"second:{user_id}", PER_SECOND_STEP), address_bucket(address)


def address_bucket(address: str) -> Bucket:
    """Name the bucket of all tries from an address."""
    return Bucket(f"address:{network_of(address)}", PER_ADDRESS)


def proof_bucket(user_id: int) -> Bucket:
    """Name the bucket of those who are signed in and say once more who they are: their browser may be in other hands."""
    return Bucket(f"proof:{user_id}", PER_PROOF)


def network_of(address: str) -> str:
    """Give the network that one subscriber holds: an IPv6 customer has at least a whole /64 to choose from."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _hidden(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
