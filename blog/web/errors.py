"""Every refusal as a page in plain words; the one place that knows what a status means to a reader."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar.exceptions import HTTPException
from litestar.types import HTTPScope, Send
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from blog.auth.passkeys import work_at
from blog.auth.passwords import TooBusy
from blog.auth.tokens import form_token
from blog.languages import gettext, mark
from blog.models import Site
from blog.storage import StorageAway
from blog.web import routes
from blog.web.addresses import header
from blog.web.assets import Assets
from blog.web.carrying import editor_of
from blog.web.rendering import render

RETRY_SECONDS = 5
SIGNED_OUT = mark("You are no longer signed in. Sign in again in another tab; what you wrote stays here.")
PROOF_FIRST = mark("This needs your password once more. Do it again from the page, where you can type it.")
SECOND_FACTOR_FIRST = mark("Your role needs a second factor. Set it up on the page of your account; then go on here.")
SERVER_ERROR = 500
# PostgreSQL's error classes for lost connections, conflicts between transactions, full resources, and shutting down
# (its manual, appendix A).
_PASSING = frozenset({"08", "40", "53", "57"})
_CONFLICTS = frozenset({"40001", "40P01"})

WORDS: dict[int, tuple[str, str]] = {
    400: (mark("We cannot read this request"), mark("Something in the address or the form is not as it should be.")),
    403: (mark("You may not do this"), mark("Your role does not allow it. An admin can change that.")),
    404: (
        mark("Page not found"),
        mark("There is nothing at this address. It may have moved, or the link may be mistyped."),
    ),
    405: (mark("This address does not do that"), mark("It can be opened, but not used in that way.")),
    408: (mark("That took too long"), mark("What you sent did not arrive in time. Please try again.")),
    409: (
        mark("Somebody else was faster"),
        mark("Your change met another one. Go back, reload the page and try again."),
    ),
    410: (mark("This page is gone"), mark("There was something at this address once; it has been taken down.")),
    413: (mark("That is too large"), mark("What you sent is larger than this page accepts.")),
    415: (mark("We cannot read this kind of content"), mark("Please use the form on the page.")),
    429: (mark("Too many tries"), mark("Please wait a little before the next one.")),
    500: (
        mark("Something went wrong here"),
        mark("The fault is ours, not yours. Nothing you sent was saved; please try again."),
    ),
    501: (mark("We do not know that method"), mark("This server answers ordinary page requests.")),
    503: (
        mark("The site cannot answer just now"),
        mark("It is too busy, or its database is away for a moment. Please try again shortly."),
    ),
}


class Refusal(Exception):
    """A request that gets a page of an error status; `words`, said already, replace the usual ones of that status."""

    def __init__(self, status: int, words: str = "", *, retry_seconds: int = RETRY_SECONDS) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.retry_seconds = retry_seconds


class NotFound(Refusal):
    """There is nothing here, or nothing that this visitor may know of: the same page for both."""

    def __init__(self) -> None:
        super().__init__(404)


class SignInNeeded(Exception):
    """Somebody who has not signed in asked for a page that needs it; `carried` is what they typed, to be kept."""

    def __init__(self, carried: dict[str, str] | None = None) -> None:
        super().__init__()
        self.carried = carried or {}


class SecondFactorNeeded(Exception):
    """Somebody whose role needs a second factor has none yet, and asked for something else than to set it up."""


Fields = tuple[tuple[str, str], ...]
"""What was typed into a form, field by field; one may come several times."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody can prove who they are."""

    password: bool
    code: bool
    passkey: bool


class ProofNeeded(Exception):
    """A dangerous act, and the last proof of identity is too old; `fields` are what was typed, to go along with it."""

    def __init__(self, ways: Ways, action: str, fields: Fields, *, problem: str = "", status: int = 403) -> None:
        super().__init__()
        self.ways = ways
        self.action = action
        self.fields = fields
        self.problem = problem
        self.status = status


class StaleForm(Exception):
    """A form of another sign-in came; `carried` is what was typed, to be kept."""

    def __init__(self, carried: dict[str, str]) -> None:
        super().__init__()
        self.carried = carried


class Moved(Exception):
    """The page is at another path, for good; with the query of the request, or with this one."""

    def __init__(self, path: str, query: str | None = None) -> None:
        super().__init__(path)
        self.path = path
        self.query = query


class Led(Exception):
    """An admin lets this address lead to another, which goes out as it is."""

    def __init__(self, location: str, code: int) -> None:
        super().__init__(location)
        self.location = location
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    async def send(self, send: Send) -> None:
        """Send it as one ASGI answer."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def reply_to(
    error: Exception, scope: HTTPScope, *, site: Site, assets: Assets, request_id: str, is_static: bool = False
) -> Reply:
    """Turn an error into the answer that a visitor sees; nothing internal is ever shown."""
    if isinstance(error, Moved):
        asked = scope["query_string"].decode("latin-1")
        return Reply(301, (("location", _with_query(error.path, asked if error.query is None else error.query)),))
    if isinstance(error, Led):
        return Reply(error.code, (("location", _with_query_of(scope, error.location)),))
    if header(scope, b"accept").startswith("application/json"):
        return _told_a_program(error, scope)
    if isinstance(error, SignInNeeded | StaleForm) and error.carried:
        return _carrying(error, scope, site=site, assets=assets)
    if isinstance(error, SignInNeeded):
        here = _with_query(scope["path"], scope["query_string"].decode("latin-1")) if scope["method"] == "GET" else ""
        return Reply(303, (("location", "/login" + (f"?next={quote(here, safe='/')}" if here else "")),))
    if isinstance(error, SecondFactorNeeded):
        return Reply(303, (("location", "/account/two-factor"),))
    if isinstance(error, ProofNeeded):
        return _asking_again(error, scope, site=site, assets=assets)
    status = status_of(error)
    heading, _ = WORDS[status]
    html = render(
        "shared/error.html",
        site=site,
        assets=assets,
        status=status,
        heading=gettext(heading),
        message=_words_of(error),
        reference=request_id if status >= SERVER_ERROR else None,
        is_static=is_static,
    )
    headers = (("content-type", "text/html; charset=utf-8"), *_headers_of(error, status, scope))
    return Reply(status, headers, html.encode())


def _told_a_program(error: Exception, scope: HTTPScope) -> Reply:
    """Answer a script of our own pages, which asked for JSON."""
    is_signed_out = isinstance(error, SignInNeeded)
    status = 401 if is_signed_out else status_of(error)
    body = json.dumps({"message": gettext(SIGNED_OUT) if is_signed_out else _words_of(error)})
    return Reply(status, (("content-type", "application/json"), *_headers_of(error, status, scope)), body.encode())


def _carrying(error: SignInNeeded | StaleForm, scope: HTTPScope, *, site: Site, assets: Assets) -> Reply:
    """Keep what was typed in the page that says why it is not saved yet: to sign in again, or to go on."""
    told: dict[str, Any] = {"site": site, "assets": assets, "carried": error.carried, "next": editor_of(scope["path"])}
    user, login = scope.get("user"), scope.get("auth")
    if isinstance(error, StaleForm) and user is not None and user.username == error.carried["writer"]:
        key = scope["app"].state.house.settings.secret_key
        html = render("studio/posts/stale.html", csrf_token=form_token(key, login.token_hash), **told)
    else:
        passkeys = work_at(scope["app"].state.house.settings.base_url)
        html = render("account/login.html", form={"email": ""}, errors={}, passkeys=passkeys, **told)
    headers = (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"))
    return Reply(403 if isinstance(error, StaleForm) else 401, headers, html.encode())


def _asking_again(error: ProofNeeded, scope: HTTPScope, *, site: Site, assets: Assets) -> Reply:
    """Keep what was typed in the page that asks once more who is there."""
    key = scope["app"].state.house.settings.secret_key
    html = render(
        "account/proof.html",
        site=site,
        assets=assets,
        ways=error.ways,
        action=error.action,
        fields=error.fields,
        problem=error.problem,
        email=scope["user"].email or "",
        csrf_token=form_token(key, scope["auth"].token_hash),
    )
    return Reply(
        error.status, (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")), html.encode()
    )


def _headers_of(error: Exception, status: int, scope: HTTPScope) -> list[tuple[str, str]]:
    if status in {429, 503}:
        return [("retry-after", str(error.retry_seconds if isinstance(error, Refusal) else RETRY_SECONDS))]
    return [("allow", ", ".join(routes.methods_at(scope["path"])))] if status == 405 else []


def _words_of(error: Exception) -> str:
    if isinstance(error, Refusal) and error.words:
        return error.words
    if isinstance(error, ProofNeeded):
        return error.problem or gettext(PROOF_FIRST)
    return gettext(SECOND_FACTOR_FIRST if isinstance(error, SecondFactorNeeded) else WORDS[status_of(error)][1])


def status_of(error: Exception) -> int:
    """Say which status an error means; one without words of its own counts as 400 or 500."""
    if isinstance(error, Refusal | ProofNeeded):
        return error.status
    if isinstance(error, StaleForm | SecondFactorNeeded):
        return 403
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, StaleDataError | IntegrityError):
        status = 409
    elif _will_pass(error):
        status = 503
    else:
        status = 500
    return status if status in WORDS else (500 if status >= SERVER_ERROR else 400)


def is_fault(error: Exception) -> bool:
    """Tell whether an error is ours and belongs in the log."""
    passing = Moved | Led | SignInNeeded | SecondFactorNeeded | ProofNeeded | StaleForm | Refusal | StorageAway
    return not isinstance(error, passing) and status_of(error) >= SERVER_ERROR


def may_be_tried_again(error: Exception, *, writes: bool) -> bool:
    """Tell whether the same request may be answered anew at once: nothing of it was done.

    Of two transactions that met, PostgreSQL undoes one and asks that it be repeated (its manual, section 13.5). With
    a connection that broke, a commit may have come through; so only what writes nothing is repeated then.
    """
    if isinstance(error, DBAPIError):
        return _sqlstate(error) in _CONFLICTS or (error.connection_invalidated and not writes)
    return False


def _sqlstate(error: Exception) -> str:
    # While it connects, asyncpg's own errors come through unwrapped.
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


def _will_pass(error: Exception) -> bool:
    """Tell whether the database, the disk or the processor is out of reach just now: the same request may work later."""
    if isinstance(error, TooBusy | StorageAway | PoolTimeout | OperationalError | InterfaceError | OSError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _sqlstate(error)[:2] in _PASSING


def _with_query_of(scope: HTTPScope, location: str) -> str:
    """Pass the query on to an address of this site that has none of its own."""
    asked = scope["query_string"].decode("latin-1")
    is_plain = location.startswith("/") and not {"?", "#"} & set(location)
    return f"{location}?{asked}" if is_plain and asked and asked.isprintable() and asked.isascii() else location


def _with_query(path: str, query: str) -> str:
    location = quote(path, safe="/~:@!$&'()*+,;=-._")
    return f"{location}?{query}" if query and query.isprintable() else location
