"""Making oneself an account, where the site lets people: as a viewer, and without telling who has one already.

Every address gets the same work and the same answer. Whoever has an account already is told so by mail, or an admin
sees it; the page does not say.
"""

from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.passwords import hash_password
from blog.auth.throttle import registration_buckets
from blog.auth.tokens import new_token, token_hash
from blog.database import begin_write
from blog.forms.account import RegistrationForm
from blog.forms.fields import Errors
from blog.languages import ngettext, spoken
from blog.mail import post_mail
from blog.models import Event, News, Notice, Opening, Registration
from blog.models.registration import ANSWERED_WITHIN, CONFIRMED_WITHIN
from blog.models.user import email_key
from blog.queries import registrations, users
from blog.web import routes
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound, Refusal
from blog.web.factors import too_many, whole_minutes, whole_seconds
from blog.web.guards import SLOW, serves
from blog.web.input import read_form
from blog.web.rendering import Asked, page, see
from blog.web.state import house, site_of


class Registrations(Controller):
    path = "/register"
    opt = serves(policy.Action.READ)

    @get("/", name="registrations.new")
    async def new(self, request: Asked) -> Response[Any]:
        """Ask who wants an account."""
        _insist(request)
        if request.user is not None:
            return see(routes.url("account.show"))
        return _form(request, RegistrationForm(), {})

    @post("/", name="registrations.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Take an application; whether the address has an account changes nothing that can be seen."""
        _insist(request)
        form, errors = RegistrationForm.parse(await read_form(request), site_of(request.scope).title)
        if errors:
            return _form(request, form, errors)
        buckets = registration_buckets(email_key(form.email), client_address(request.scope, house(request).settings))
        if wait := await too_many(db, buckets, now):
            raise _refusal(wait)
        password_hash = await hash_password(form.password)
        await begin_write(db)
        await registrations.forget_expired(db, now)
        token = new_token() if _confirms(request) else None
        lifetime = CONFIRMED_WITHIN if token else ANSWERED_WITHIN
        made = Registration(
            name=form.name,
            email=form.email,
            email_key=email_key(form.email),
            password_hash=password_hash,
            token_hash=token_hash(token) if token else None,
            created_at=now,
            expires_at=now + lifetime,
        )
        db.add(made)
        known = await users.by_email(db, form.email)
        if token is None:
            for admin_id in await registrations.admins_to_tell(db, now):
                db.add(Notice(user_id=admin_id, news=News.REGISTRATION, at=now))
        else:
            template = "registration-known" if known else "registration"
            link = house(request).settings.base_url + routes.url("registrations.confirm", token=token)
            await post_mail(
                db, to=form.email, template=template, language=spoken().tag, name=form.name, link=link,
                sign_in=house(request).settings.base_url + routes.url("logins.new"), expires=made.expires_at,
            )  # fmt: skip
        await db.commit()
        return see(routes.url("registrations.thanks"))

    @get("/thanks", name="registrations.thanks")
    async def thanks(self, request: Asked) -> Response[Any]:
        """Say what happens next."""
        _insist(request)
        is_done = request.query_params.get("done") == "confirmed"
        return page(request, "account/registered.html", confirms=_confirms(request), is_done=is_done)

    @get("/{token:str}", name="registrations.confirm")
    async def confirm(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Ask to press a button: programs that look into mail follow links, and change nothing so."""
        found = await registrations.by_token(db, token_hash(token), now)
        if found is None:
            raise NotFound
        return page(request, "account/confirm.html", token=token, email=found.email)

    @post("/{token:str}", name="registrations.confirmed", status_code=200)
    async def confirmed(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Make the account of somebody who proved their address; they sign in with their password."""
        await begin_write(db)
        found = await registrations.by_token(db, token_hash(token), now, to_use=True)
        if found is None:
            raise NotFound
        if await users.by_email(db, found.email) is None:
            await admit(db, found, now)
        await registrations.forget_others(db, found.email_key)
        await db.commit()
        return see(f"{routes.url('registrations.thanks')}?done=confirmed")


async def admit(db: AsyncSession, found: Registration, now: datetime, by: Any = None) -> None:
    """Make a viewer of somebody who asked; the caller commits."""
    person = found.admit(await users.free_username(db, found.name), now=now)
    db.add(person)
    await db.flush()  # the event names them by id
    db.add(Event.about("user.added", person, now, by, role=person.role))


def _insist(request: Asked) -> None:
    if site_of(request.scope).registration == Opening.CLOSED:
        raise NotFound


def _confirms(request: Asked) -> bool:
    """Tell whether addresses are confirmed by mail; where no mail can be sent, an admin decides."""
    return site_of(request.scope).registration == Opening.MAIL and house(request).has_mail


def _refusal(wait: timedelta) -> Refusal:
    minutes = whole_minutes(wait)
    sentence = ngettext(
        "There were too many tries to get an account. Please try again in %(minutes)d minute.",
        "There were too many tries to get an account. Please try again in %(minutes)d minutes.",
        minutes,
    )
    return Refusal(429, sentence % {"minutes": minutes}, retry_seconds=whole_seconds(wait))


def _form(request: Asked, form: RegistrationForm, errors: Errors) -> Response[Any]:
    status = 422 if errors else 200
    return page(request, "account/register.html", status=status, form=form, errors=errors, confirms=_confirms(request))
