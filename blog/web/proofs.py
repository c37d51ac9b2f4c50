"""Saying once more who one is, before a dangerous act (ASVS 7.5.1): with the password, or with what stands in for it.

A route asks for it with `opt=asks_again()`. When the last proof is older than a quarter of an hour, the form that was
sent comes back as a page that carries it and asks for the password; sent again, the act is done at once.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import UploadFile

from blog.auth.passkeys import work_at
from blog.auth.passwords import verify_password
from blog.auth.throttle import proof_bucket
from blog.auth.tokens import new_token, token_hash
from blog.database import begin_write
from blog.languages import gettext, mark
from blog.models import Login
from blog.queries import attempts, logins, second_factors, users
from blog.web import logins as web_logins
from blog.web.addresses import header
from blog.web.edge import SAFE_METHODS
from blog.web.errors import Fields, ProofNeeded, Ways
from blog.web.factors import code_fits, passkey_fits, too_many, wait_words
from blog.web.input import own_path, text_of
from blog.web.sessions import request_db
from blog.web.state import house

PROOF = "/account/proof"
PASSWORD, CODE, PASSKEY = "proof_password", "proof_code", "proof_passkey"
WRONG = mark("That is not right. Try again.")


async def insist(connection: ASGIConnection[Any, Any, Any, Any], typed: dict[str, Any]) -> None:
    """Let only those go on who proved lately who they are; take the proof that a form brings along."""
    login: Login = connection.auth
    now = house(connection).clock()
    if login.is_proved(now):
        return
    db = request_db(connection)
    ways = await _ways(connection, login)
    action, fields = await _carried(connection, typed)
    if not any(typed.get(name) for name in (PASSWORD, CODE, PASSKEY)):
        raise ProofNeeded(ways, action, fields)
    bucket = proof_bucket(login.user_id)
    if wait := await too_many(db, (bucket,), now):
        raise ProofNeeded(ways, action, fields, problem=wait_words(wait), status=429)
    if not await _is_right(connection, ways, typed):
        await db.commit()
        raise ProofNeeded(ways, action, fields, problem=gettext(WRONG), status=422)
    await attempts.forgive(db, bucket)
    token = new_token()
    login.prove(token_hash(token), now=now)
    await db.commit()
    web_logins.renew(connection, token)


async def _ways(connection: ASGIConnection[Any, Any, Any, Any], login: Login) -> Ways:
    db = request_db(connection)
    found = await second_factors.of_user(db, login.user_id)
    has_password = await users.has_password(db, login.user_id)
    has_keys = bool(found.passkeys) and work_at(house(connection).settings.base_url)
    # A code alone stands in only for a password that there is not.
    return Ways(password=has_password, code=found.has_app and not has_password, passkey=has_keys)


async def _is_right(connection: ASGIConnection[Any, Any, Any, Any], ways: Ways, typed: dict[str, Any]) -> bool:
    """Check the proof; a transaction that writes has begun afterwards."""
    db, login, here = request_db(connection), connection.auth, house(connection)
    answer, code = text_of(typed, PASSKEY), text_of(typed, CODE)
    if answer and ways.passkey:
        now, own = here.clock(), login.user_id
        return await passkey_fits(db, connection, login, answer, now, person="verified", user_id=own) is not None
    if code and ways.code:
        return await code_fits(db, here.settings, login.user_id, code, here.clock())
    person = await users.with_password(db, login.user_id)
    stored = person.password_hash if person else None
    await db.commit()  # nothing is held while the password is hashed
    is_right = await verify_password(text_of(typed, PASSWORD), stored)
    await begin_write(db)
    # The password may have been changed, and this sign-in ended, in the meantime.
    again = await logins.by_token_hash(db, login.token_hash, here.clock(), again=True)
    return is_right and again is not None


async def _carried(connection: ASGIConnection[Any, Any, Any, Any], typed: dict[str, Any]) -> tuple[str, Fields]:
    """Say where the form goes with the proof, and what it brings along. Files cannot be kept in a page: who sent one
    comes back to the form.
    """
    path = connection.scope["path"]
    if not isinstance(connection, Request) or connection.scope.get("method") in SAFE_METHODS:
        query = connection.scope["query_string"].decode("latin-1")
        return PROOF, (("next", own_path(f"{path}?{query}" if query else path, "/account")),)
    if files := [value for value in typed.values() if isinstance(value, UploadFile)]:
        for file in files:
            await file.close()
        return PROOF, (("next", own_path(urlsplit(header(connection.scope, b"referer")).path, "/account")),)
    secret = {"csrf_token", PASSWORD, CODE, PASSKEY}
    pairs = (await connection.form()).multi_items() if typed else ()
    return path, tuple((name, str(text)) for name, text in pairs if name not in secret and "password" not in name)
