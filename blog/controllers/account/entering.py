"""The last step of every way to sign in: a fresh sign-in with a fresh cookie, and on to where somebody wanted to go."""

from datetime import datetime
from typing import Any, Literal

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.throttle import second_step_buckets, sign_in_buckets
from blog.auth.tokens import token_hash
from blog.controllers.studio.resuming import resume
from blog.models import Event, User
from blog.models.user import email_key
from blog.queries import arrivals, attempts, logins
from blog.web import arrivals as web_arrivals
from blog.web import known_devices, routes
from blog.web import logins as web_logins
from blog.web.input import own_path
from blog.web.rendering import Asked, see
from blog.web.state import house

Proof = Literal["password", "code", "passkey", "recovery code"]


async def enter(
    request: Asked, db: AsyncSession, person: User, proof: Proof, where_to: str, kept: dict[str, str], now: datetime
) -> Response[Any]:
    """Sign somebody in, in the transaction that has begun; `kept` is a text that they were writing."""
    if request.auth is not None:
        await logins.end(db, request.auth.user, request.auth.id)
    await logins.end_expired(db, now)
    await arrivals.forget_expired(db, now)
    account = email_key(person.email or "")
    device = known_devices.known(request, account)
    await attempts.forgive(db, sign_in_buckets(account, "", device)[0])
    await attempts.forgive(db, second_step_buckets(person.id, "", device)[0])
    await attempts.forget_expired(db, now)
    token = await web_logins.begin(db, request, person, now, has_second_factor=proof != "password")
    db.add(Event.about("user.signed_in", person, now, person, proof=proof))
    await db.commit()
    if kept:
        # They go on where they were writing: this answer is the editor already, for the new sign-in.
        login = await logins.by_token_hash(db, token_hash(token), now)
        request.scope["user"], request.scope["auth"] = person, login
        response = await resume(request, db, person, kept, where_to)
    else:
        response = see(own_path(where_to, home_of(person)))
    settings = house(request).settings
    web_logins.remember(response, token, settings)
    known_devices.remember(response, request, person)
    if proof != "password":
        web_arrivals.forget(response, settings)
    return response


def home_of(user: User) -> str:
    """Give the page that somebody begins with."""
    return routes.url("studio.home" if policy.may(user, policy.Action.WRITE) else "posts.index")
