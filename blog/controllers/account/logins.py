"""Signing in and out."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password, needs_rehash, verify_password
from blog.auth.throttle import sign_in_buckets
from blog.auth.tokens import token_hash
from blog.controllers.studio.resuming import resume
from blog.database import begin_write
from blog.forms.account import SignInForm
from blog.forms.fields import Errors
from blog.languages import gettext, mark, ngettext
from blog.models import Event, User
from blog.models.user import email_key
from blog.queries import attempts, logins, users
from blog.web import logins as web_logins
from blog.web import routes
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now, Viewer, Visitor
from blog.web.bodies import LARGEST_SIGN_IN
from blog.web.carrying import carried
from blog.web.errors import Refusal
from blog.web.guards import serves
from blog.web.input import own_path, read_form, text_of
from blog.web.rendering import Asked, page, see
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
            return see(own_path(where_to, _home(viewer)))
        return _form(request, SignInForm(), {}, where_to)

    @post("/", name="logins.create", status_code=200, request_max_body_size=LARGEST_SIGN_IN)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Sign somebody in. An unknown address, a wrong password and a suspended person get the same answer."""
        typed = await read_form(request)
        form, errors = SignInForm.parse(typed)
        where_to, kept = text_of(typed, "next"), carried(typed)
        if errors:
            return _form(request, form, errors, where_to, kept)
        if too_many := await _count_try(request, db, form, now):
            if not kept:
                raise too_many
            return _form(request, form, {"": too_many.words}, where_to, kept)
        person = await users.by_email(db, form.email)
        stored = person.password_hash if person else None
        await db.commit()  # the try is counted whatever follows, and nothing is held while the password is hashed
        is_right = await verify_password(form.password, stored) and person is not None and person.is_active
        if person is None or not is_right:
            await _note_failure(db, person, now)
            return _form(request, form, {"": gettext(WRONG)}, where_to, kept)
        if kept and kept["writer"] != person.username:
            return _form(request, form, {"": gettext(NOT_YOURS) % {"name": kept["writer"]}}, where_to, kept)
        renewed = await hash_password(form.password) if stored and needs_rehash(stored) else None
        return await _signed_in(request, db, person, renewed, where_to, kept, now)


class Logout(Controller):
    path = "/logout"
    opt = serves(policy.Action.OWN_ACCOUNT)

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


async def _signed_in(
    request: Asked,
    db: AsyncSession,
    person: User,
    renewed: str | None,
    where_to: str,
    kept: dict[str, str],
    now: datetime,
) -> Response[Any]:
    await begin_write(db)
    fresh = await users.with_password(db, person.id)
    if fresh is None or not fresh.is_active:
        raise Refusal(409)
    if renewed:
        fresh.password_hash = renewed
    if request.auth is not None:
        await logins.end(db, fresh, request.auth.id)
    await logins.end_expired(db, now)
    await attempts.forgive(db, sign_in_buckets(email_key(person.email or ""), "")[0])
    await attempts.forget_expired(db, now)
    token = await web_logins.begin(db, request, fresh, now)
    db.add(Event.about("user.signed_in", fresh, now, fresh))
    await db.commit()
    if kept:
        # They go on where they were writing: this answer is the editor already, for the new sign-in.
        login = await logins.by_token_hash(db, token_hash(token), now)
        request.scope["user"], request.scope["auth"] = fresh, login
        response = await resume(request, db, fresh, kept, where_to)
    else:
        response = see(own_path(where_to, _home(fresh)))
    web_logins.remember(response, token, house(request).settings)
    return response


async def _note_failure(db: AsyncSession, person: User | None, now: datetime) -> None:
    """Record a try that was wrong. What was typed is not kept: people mistype passwords into the field before."""
    await begin_write(db)
    db.add(Event.about("user.sign_in_failed", person or User, now, None))
    await db.commit()


async def _count_try(request: Asked, db: AsyncSession, form: SignInForm, now: datetime) -> Refusal | None:
    """Count a try; give the refusal when there were too many."""
    await begin_write(db)
    address = client_address(request.scope, house(request).settings)
    waits = [await attempts.count_try(db, bucket, now) for bucket in sign_in_buckets(email_key(form.email), address)]
    wait = max((wait for wait in waits if wait), default=None)
    if wait is None:
        return None
    await db.commit()
    minutes = -(-wait // timedelta(minutes=1))
    sentence = ngettext(
        "There were too many tries to sign in. Please try again in %(minutes)d minute.",
        "There were too many tries to sign in. Please try again in %(minutes)d minutes.",
        minutes,
    )
    return Refusal(429, sentence % {"minutes": minutes}, retry_seconds=int(wait.total_seconds()) + 1)


def _home(user: User) -> str:
    return routes.url("studio.home" if policy.may(user, policy.Action.WRITE) else "posts.index")


def _form(
    request: Asked, form: SignInForm, errors: Errors, where_to: str, kept: dict[str, str] | None = None
) -> Response[Any]:
    return page(
        request,
        "account/login.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        next=own_path(where_to, ""),
        carried=kept or {},
    )
