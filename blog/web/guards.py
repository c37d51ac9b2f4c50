"""The door of every route: closed unless the route names the action that it serves."""

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection, Request
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler

from blog import policy
from blog.auth.tokens import form_token, same
from blog.database import begin_write
from blog.languages import gettext, mark
from blog.policy import Action
from blog.queries import logins
from blog.web import proofs
from blog.web.carrying import carried
from blog.web.edge import SAFE_METHODS
from blog.web.errors import Refusal, SecondFactorNeeded, SignInNeeded, StaleForm
from blog.web.input import read_form
from blog.web.sessions import request_db
from blog.web.state import house, site_of

STALE_FORM = mark(
    "This form is too old or not yours: perhaps you signed in again in the meantime. "
    "Go back, copy what you wrote, reload the page and send it again."
)


SLOW = {"slow": True}
"""A route's `opt` that says: much work comes before writing, and the handler calls `begin_writing` itself after it."""


CARRIED_ON = {"carried_on": True}
"""A route's `opt` that says: what was typed is kept when the sign-in has ended, and goes on after the next one."""


ALWAYS_OPEN = {"always_open": True}
"""A route's `opt` that says: even who must set up a second factor before anything else may use it."""


def asks_again() -> dict[str, Any]:
    """Declare that a route asks once more who is there, when the last proof of identity is too old.

    Its form comes back as a page that carries what was typed and asks for the password; then the act is done at once.
    """
    return {"asks_again": True}


def serves(action: Action) -> dict[str, Any]:
    """Declare which action of the role table a route serves."""
    return {"action": action}


def kept(*parameters: str) -> dict[str, Any]:
    """Declare that a route's answer may be kept for all who have no session, by these parameters of the query."""
    return {"kept": frozenset(parameters)}


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whom the role table allows; send the others to sign in, or refuse them."""
    action: Action = handler.opt["action"]
    if _must_set_up(connection) and not handler.opt.get("always_open"):
        raise SecondFactorNeeded
    if policy.may(connection.user, action):
        if handler.opt.get("asks_again") and connection.scope.get("method") in SAFE_METHODS:
            await proofs.insist(connection, {})
        return
    if connection.user is None:
        raise SignInNeeded(await _typed(connection, handler))
    raise Refusal(403)


async def check_form(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a form of somebody signed in that does not carry the token of this very sign-in; else make it writable."""
    if connection.auth is None or connection.scope.get("method") in SAFE_METHODS:
        return
    assert isinstance(connection, Request)  # noqa: S101 - only HTTP requests have methods
    typed = await read_form(connection)
    expected = form_token(house(connection).settings.secret_key, connection.auth.token_hash)
    if not same(typed.get("csrf_token", ""), expected):
        if carried := await _typed(connection, handler):
            raise StaleForm(carried)
        raise Refusal(403, gettext(STALE_FORM))
    if handler.opt.get("asks_again"):
        await proofs.insist(connection, typed)
    if not handler.opt.get("slow"):
        await begin_writing(connection)


async def begin_writing(request: Request[Any, Any, Any]) -> None:
    """Begin the transaction in which a form is written, and look again who sent it.

    Until here nothing was held; somebody may have been demoted, suspended or signed out in the meantime.
    """
    db = request_db(request)
    await db.commit()
    await begin_write(db)
    login = await logins.by_token_hash(db, request.auth.token_hash, house(request).clock(), again=True)
    if login is None:
        raise SignInNeeded(await _typed(request, request.route_handler))
    if not policy.may(login.user, request.route_handler.opt["action"]):
        raise Refusal(403)


def _must_set_up(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    needed = policy.needs_second_factor(connection.user, site_of(connection.scope))
    return needed and not connection.auth.has_second_factor


async def _typed(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> dict[str, str]:
    """Give what was typed into a form that goes on after the next sign-in; nothing of any other."""
    if not handler.opt.get("carried_on") or not isinstance(connection, Request):
        return {}
    return carried(await read_form(connection))


def insist_on_policy(app: Litestar) -> None:
    """Refuse to start with a route that does not say whom it is for."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.http_methods != {"OPTIONS"} and not isinstance(handler.opt.get("action"), Action):
                raise ImproperlyConfiguredException(f"{handler} at {route.path} declares no action of the policy")
