"""Signing in with a passkey and nothing else: the key itself makes sure who holds it, by a finger or a PIN."""

from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.auth.passkeys import to_use_one
from blog.auth.throttle import address_bucket
from blog.controllers.account.entering import enter
from blog.controllers.account.logins import NOT_YOURS, sign_in_form
from blog.database import begin_write
from blog.forms.account import SignInForm
from blog.languages import gettext, mark
from blog.queries import arrivals
from blog.web import arrivals as web_arrivals
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now
from blog.web.bodies import LARGEST_SIGN_IN
from blog.web.carrying import carried
from blog.web.errors import Refusal, SignInNeeded
from blog.web.factors import ask, party_of, passkey_fits, too_many, wait_words, whole_seconds
from blog.web.guards import serves
from blog.web.input import read_form, text_of
from blog.web.rendering import Asked, told
from blog.web.state import house

WRONG = mark("This passkey could not be checked, or it is not known here. Try again, or sign in with your password.")


class PasskeyLogins(Controller):
    path = "/login/passkey"
    opt = serves(policy.Action.READ)

    @post("/challenge", name="passkey_logins.ask", status_code=200)
    async def ask(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give a browser what it asks any passkey of this site."""
        settings = house(request).settings
        if wait := await too_many(db, (address_bucket(client_address(request.scope, settings)),), now):
            raise Refusal(429, wait_words(wait), retry_seconds=whole_seconds(wait))
        await begin_write(db)
        arrival, token = await web_arrivals.begin(db, None, now)
        await db.flush()  # the challenge names the arrival by id
        challenge = ask(db, arrival, now)
        await db.commit()
        response = told(to_use_one(party_of(request), challenge, person="required"))
        web_arrivals.remember(response, token, settings)
        return response

    @post("/", name="passkey_logins.create", status_code=200, request_max_body_size=LARGEST_SIGN_IN)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Sign in who holds a passkey. An unknown key, a wrong answer and a suspended person get the same answer."""
        typed = await read_form(request)
        where_to, kept = text_of(typed, "next"), carried(typed)
        arrival = await web_arrivals.present(db, request)
        if arrival is None:
            if kept:
                return sign_in_form(request, SignInForm(), {"": gettext(WRONG)}, where_to, kept)
            raise SignInNeeded
        key = await passkey_fits(db, request, arrival, text_of(typed, "passkey"), now, person="verified")
        problem = "" if key and key.user.is_active else gettext(WRONG)
        if key and not problem and kept and kept["writer"] != key.user.username:
            problem = gettext(NOT_YOURS) % {"name": kept["writer"]}
        if key is None or problem:
            await db.commit()
            return sign_in_form(request, SignInForm(), {"": problem}, where_to, kept)
        if not await arrivals.end(db, arrival.id):
            raise Refusal(409)
        return await enter(request, db, key.user, "passkey", where_to, kept, now)
