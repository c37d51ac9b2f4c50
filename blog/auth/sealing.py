"""Secrets that must be read again are stored sealed under the site's key: a copy of the database alone opens nothing."""

import base64
import hashlib
import hmac


def seal(secret_key: str, text: str) -> str:
    """Seal a text (Fernet: AES-128-CBC with HMAC-SHA-256)."""
    # Few requests need it, and it takes some megabytes.
    from cryptography.fernet import Fernet

    return Fernet(_key(secret_key)).encrypt(text.encode()).decode()


def unseal(secret_key: str, sealed: str) -> str | None:
    """Open what was sealed; None when that was under another key."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key(secret_key)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _key(secret_key: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.new(secret_key.encode(), b"seal", hashlib.sha256).digest())
