"""Signing in and out."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passkeys import work_at
from blog.auth.passwords import hash_password, needs_rehash, verify_password
from blog.auth.throttle import sign_in_buckets
from blog.controllers.account.entering import enter, home_of
from blog.controllers.account.second_steps import second_step
from blog.database import begin_write
from blog.forms.account import SignInForm
from blog.forms.fields import Errors
from blog.languages import gettext, mark
from blog.models import Event, User
from blog.models.user import email_key
from blog.queries import logins, second_factors, users
from blog.web import arrivals as web_arrivals
from blog.web import known_devices, routes
from blog.web import logins as web_logins
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now, Viewer, Visitor
from blog.web.bodies import LARGEST_SIGN_IN
from blog.web.carrying import carried
from blog.web.errors import Refusal
from blog.web.factors import too_many, wait_words, whole_seconds
from blog.web.guards import ALWAYS_OPEN, serves
from blog.web.input import own_path, read_form, text_of
from blog.web.rendering import Asked, page, query_of, see
from blog.web.state import house

NOT_YOURS = mark(
    "The text below was begun by %(name)s, so only they can go on with it. Sign in as %(name)s, or sign in without it."
)
WRONG = mark("That address and password do not belong together. Check both and try again.")


class Logins(Controller):
    path = "/login"
    opt = serves(policy.Action.READ)

    @get("/", name="logins.new")
    async def new(self, request: Asked, viewer: Visitor) -> Response[Any]:
        """Ask who is there; who is signed in already goes on."""
        where_to = request.query_params.get("next", "")
        if viewer is not None:
            return see(own_path(where_to, home_of(viewer)))
        return sign_in_form(request, SignInForm(), {}, where_to)

    @post("/", name="logins.create", status_code=200, request_max_body_size=LARGEST_SIGN_IN)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Sign somebody in. An unknown address, a wrong password and a suspended person get the same answer."""
        typed = await read_form(request)
        form, errors = SignInForm.parse(typed)
        where_to, kept = text_of(typed, "next"), carried(typed)
        if errors:
            return sign_in_form(request, form, errors, where_to, kept)
        account, address = email_key(form.email), client_address(request.scope, house(request).settings)
        buckets = sign_in_buckets(account, address, known_devices.known(request, account))
        if wait := await too_many(db, buckets, now):
            if not kept:
                raise Refusal(429, wait_words(wait), retry_seconds=whole_seconds(wait))
            return sign_in_form(request, form, {"": wait_words(wait)}, where_to, kept)
        person = await users.by_email(db, form.email)
        stored = person.password_hash if person else None
        await db.commit()  # nothing is held while the password is hashed
        is_right = await verify_password(form.password, stored) and person is not None and person.is_active
        if person is None or not is_right:
            await _note_failure(db, person, now)
            return sign_in_form(request, form, {"": gettext(WRONG)}, where_to, kept)
        if kept and kept["writer"] != person.username:
            return sign_in_form(request, form, {"": gettext(NOT_YOURS) % {"name": kept["writer"]}}, where_to, kept)
        if stored and needs_rehash(stored):
            stored = await _renewed(db, person, stored, form.password)
        return await _past_the_password(request, db, person, stored, where_to, kept, now)


class Logout(Controller):
    path = "/logout"
    opt = serves(policy.Action.OWN_ACCOUNT) | ALWAYS_OPEN

    @post("/", name="logins.delete", status_code=200)
    async def delete(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Sign out of this browser."""
        assert request.auth is not None  # noqa: S101 - the guard let in only who is signed in
        await logins.end(db, viewer, request.auth.id)
        db.add(Event.about("user.signed_out", viewer, now, viewer))
        await db.commit()
        response = see(routes.url("posts.index"))
        web_logins.forget(response, house(request).settings)
        return response


async def _past_the_password(
    request: Asked,
    db: AsyncSession,
    person: User,
    stored: str | None,
    where_to: str,
    kept: dict[str, str],
    now: datetime,
) -> Response[Any]:
    """Let somebody in, or lead who has a second factor to the second step: until then they are nobody."""
    await begin_write(db)
    fresh = await users.with_password(db, person.id)
    if fresh is None or not fresh.is_active or fresh.password_hash != stored:
        raise Refusal(409)
    if not (await second_factors.of_user(db, fresh.id)).count:
        return await enter(request, db, fresh, "password", where_to, kept, now)
    _arrival, token = await web_arrivals.begin(db, fresh, now)
    await db.commit()
    if kept:
        response = await second_step(request, db, fresh, where_to, kept)
    else:
        response = see(routes.url("second_steps.new") + query_of({"next": own_path(where_to, "")}))
    web_arrivals.remember(response, token, house(request).settings)
    return response


async def _note_failure(db: AsyncSession, person: User | None, now: datetime) -> None:
    """Record a try that was wrong. What was typed is not kept: people mistype passwords into the field before."""
    await begin_write(db)
    db.add(Event.about("user.sign_in_failed", person or User, now, None))
    await db.commit()


async def _renewed(db: AsyncSession, person: User, stored: str, password: str) -> str:
    """Keep the password under a hash of today's costs, and give that."""
    renewed = await hash_password(password)
    await begin_write(db)
    is_kept = await users.renew_hash(db, person.id, stored, renewed)
    await db.commit()
    return renewed if is_kept else stored


def sign_in_form(
    request: Asked, form: SignInForm, errors: Errors, where_to: str, kept: dict[str, str] | None = None
) -> Response[Any]:
    """Show the page that asks who is there; 422 when somebody was refused."""
    return page(
        request,
        "account/login.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        next=own_path(where_to, ""),
        carried=kept or {},
        passkeys=work_at(house(request).settings.base_url),
    )
