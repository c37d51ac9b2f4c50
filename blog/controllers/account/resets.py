"""A new password for who forgot theirs: asked for at one page, chosen behind a link that works once."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password
from blog.auth.throttle import reset_buckets
from blog.auth.tokens import token_hash
from blog.database import begin_write
from blog.forms.access import AddressForm, parse_new_password
from blog.forms.fields import Errors
from blog.languages import gettext as _
from blog.languages import ngettext
from blog.mail import post_mail
from blog.mail.resets import ask_for_reset
from blog.models import Purpose, Token, User
from blog.models.token import LIFETIMES
from blog.models.user import email_key
from blog.queries import logins, tokens, users
from blog.web import routes
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import Refusal
from blog.web.factors import too_many, whole_minutes, whole_seconds
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of

COOKIE = "reset"


class PasswordResets(Controller):
    path = "/password-reset"
    opt = serves(policy.Action.READ)

    @get("/", name="resets.new")
    async def new(self, request: Asked) -> Response[Any]:
        """Ask for the address, or say whom to ask where there is no mail; afterwards, say that it is done."""
        done = request.query_params.get("done", "")
        return _ask(request, AddressForm(), {}, done if done in {"asked", "changed"} else "")

    @post("/", name="resets.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Take the wish for a link. Nothing here looks whether anybody has this address: the sender does, later."""
        form, errors = AddressForm.parse(await read_form(request))
        if errors or not house(request).has_mail:
            return _ask(request, form, errors)
        buckets = reset_buckets(email_key(form.email), client_address(request.scope, house(request).settings))
        if wait := await too_many(db, buckets, now):
            raise _refusal(wait)
        await (begin_writing(request) if request.auth else begin_write(db))
        await ask_for_reset(db, form.email)
        await db.commit()
        return see(f"{routes.url('resets.new')}?done=asked")

    @get("/{token:str}", name="resets.open")
    async def open(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Open a link: the secret moves out of the address, where others might see it, into a cookie."""
        if await tokens.by_hash(db, Purpose.PASSWORD, token_hash(token), now) is None:
            return _ended(request)
        response = see(routes.url("passwords.new"))
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LIFETIMES[Purpose.PASSWORD].total_seconds()),
            path=routes.url("passwords.new"),
            httponly=True,
            samesite="lax",
            secure=house(request).settings.is_https,
        )
        return response


class NewPasswords(Controller):
    path = "/new-password"
    opt = serves(policy.Action.READ)

    @get("/", name="passwords.new")
    async def new(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Ask for the new password; nothing is changed by looking."""
        token = await _token(request, db, now)
        return _ended(request) if token is None else _form(request, _person(token), {})

    @post("/", name="passwords.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Set the new password. All sign-ins and open links of its person end; a second factor stays as it is."""
        typed = await read_form(request)
        token = await _token(request, db, now)
        if token is None:
            return _ended(request)
        password, errors = parse_new_password(typed, _person(token), site_of(request.scope).title)
        if errors:
            return _form(request, _person(token), errors)
        await db.commit()  # nothing is held while the password is hashed
        password_hash = await hash_password(password)
        await (begin_writing(request) if request.auth else begin_write(db))
        token = await _token(request, db, now)
        if token is None or not await tokens.use(db, token):
            return _ended(request)
        person = await users.with_password(db, _person(token).id)
        if person is None:
            return _ended(request)
        db.add(person.change_password(password_hash, now=now, by=person))
        await logins.end_all(db, person)
        await tokens.end_all(db, person)
        await post_mail(db, to=person.email or "", template="password-changed", name=person.name, now=now)
        await db.commit()
        response = see(f"{routes.url('resets.new')}?done=changed")
        response.delete_cookie(COOKIE, path=routes.url("passwords.new"))
        return response


async def _token(request: Asked, db: AsyncSession, now: datetime) -> Token | None:
    secret = request.cookies.get(COOKIE, "")
    return await tokens.by_hash(db, Purpose.PASSWORD, token_hash(secret), now) if secret else None


def _person(token: Token) -> User:
    assert token.user is not None  # noqa: S101 - the query joins it
    return token.user


def _refusal(wait: timedelta) -> Refusal:
    minutes = whole_minutes(wait)
    sentence = ngettext(
        "This was asked for too often. Please check your e-mail, or try again in %(minutes)d minute.",
        "This was asked for too often. Please check your e-mail, or try again in %(minutes)d minutes.",
        minutes,
    )
    return Refusal(429, sentence % {"minutes": minutes}, retry_seconds=whole_seconds(wait))


def _ask(request: Asked, form: AddressForm, errors: Errors, done: str = "") -> Response[Any]:
    status, is_possible = 422 if errors else 200, house(request).has_mail
    return page(
        request, "account/reset.html", status=status, form=form, errors=errors, is_possible=is_possible, done=done
    )


def _form(request: Asked, person: User, errors: Errors) -> Response[Any]:
    return page(request, "account/new_password.html", status=422 if errors else 200, person=person, errors=errors)


def _ended(request: Asked) -> Response[Any]:
    return page(
        request,
        "account/ended.html",
        status=410,
        heading=_("This link no longer works"),
        words=_("It was used, is older than 1 hour, or was replaced by a newer one."),
        link=routes.url("resets.new"),
        label=_("Ask for a new link"),
    )
