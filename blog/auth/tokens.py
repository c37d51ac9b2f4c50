"""Random secrets for cookies and links, and the only form in which they are stored."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """Make a secret of 256 random bits, fit for a cookie or a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Give what is stored of a token. A plain hash does: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(secret_key: str, login_hash: str) -> str:
    """Make the token that the forms of one sign-in carry; it is worth nothing in any other (ASVS 3.5.1)."""
    return hmac.new(secret_key.encode(), b"form:" + login_hash.encode(), hashlib.sha256).hexdigest()


def device_mark(secret_key: str, account: str, name: str) -> str:
    """Make what proves that a browser was named here, by that name and for that account."""
    said = f"device:{name}:{account}".encode("utf-8", "surrogatepass")
    return hmac.new(secret_key.encode(), said, hashlib.sha256).hexdigest()


def unsubscribe_token(secret_key: str, user_id: int) -> str:
    """Make the token of the link with which somebody ends mail of the desk without signing in (RFC 8058)."""
    return hmac.new(secret_key.encode(), b"unsubscribe:%d" % user_id, hashlib.sha256).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare two secrets in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
