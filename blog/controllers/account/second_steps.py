"""The second step of signing in: a code or a passkey after the right password. Until then nobody is signed in."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.codes import recovery_hash
from blog.auth.passkeys import to_use_one, work_at
from blog.auth.throttle import second_step_buckets
from blog.controllers.account.entering import Proof, enter
from blog.database import begin_write
from blog.forms.factors import SecondStepForm
from blog.forms.fields import Errors
from blog.languages import gettext, mark
from blog.mail import post_mail
from blog.models import Arrival, Event, News, Notice, User
from blog.models.user import email_key
from blog.queries import arrivals, second_factors
from blog.web import arrivals as web_arrivals
from blog.web import known_devices, routes
from blog.web.addresses import client_address
from blog.web.arguments import Db, Now
from blog.web.bodies import LARGEST_SIGN_IN
from blog.web.carrying import carried
from blog.web.errors import Refusal, SignInNeeded
from blog.web.factors import ask, code_fits, known_key, party_of, passkey_fits, too_many, wait_words, whole_seconds
from blog.web.guards import serves
from blog.web.input import own_path, read_form, text_of
from blog.web.rendering import Asked, page, query_of, see, told
from blog.web.state import house

WRONG_CODE = mark(
    "This code is not right. Codes change every half minute, and each works once: type the one shown now."
)
WRONG_RECOVERY_CODE = mark("This recovery code is not right, or it was used before. Try another one.")
WRONG_PASSKEY = mark("This passkey could not be checked. Try again, or use a code.")


class SecondSteps(Controller):
    path = "/login/second-step"
    opt = serves(policy.Action.READ)

    @get("/", name="second_steps.new")
    async def new(self, request: Asked, db: Db) -> Response[Any]:
        """Ask for the second factor of who typed the right password."""
        where_to = own_path(request.query_params.get("next", ""), "")
        try:
            _arrival, person = await _present(request, db)
        except SignInNeeded:
            # Back to the first step, and not from there to here again.
            return see(routes.url("logins.new") + query_of({"next": where_to}))
        return await second_step(request, db, person, where_to, {})

    @post("/", name="second_steps.create", status_code=200, request_max_body_size=LARGEST_SIGN_IN)
    async def create(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Let in who gives a code or a passkey that is right; every one works once."""
        typed = await read_form(request)
        form, errors = SecondStepForm.parse(typed)
        where_to, kept = text_of(typed, "next"), carried(typed)
        arrival, person = await _present(request, db)
        if errors:
            return await second_step(request, db, person, where_to, kept, errors)
        address = client_address(request.scope, house(request).settings)
        device = known_devices.known(request, email_key(person.email or ""))
        if wait := await too_many(db, second_step_buckets(person.id, address, device), now):
            if not kept:
                raise Refusal(429, wait_words(wait), retry_seconds=whole_seconds(wait))
            return await second_step(request, db, person, where_to, kept, {"": wait_words(wait)})
        proof, problem = await _check(request, db, arrival, person, form, now)
        if problem:
            # Whoever gets here knows the password, so its owner should know of it.
            db.add(Event.about("user.second_step_failed", person, now, None, proof=proof))
            await db.commit()
            return await second_step(request, db, person, where_to, kept, problem)
        if not await arrivals.end(db, arrival.id):
            raise Refusal(409)
        if proof == "recovery code":
            db.add(Notice.of_account(News.RECOVERY_CODE, person, now=now, by=None))
            await post_mail(
                db,
                to=person.email or "",
                template="second-factor",
                name=person.name,
                what="recovery_code",
                by="",
                now=now,
            )
        return await enter(request, db, person, proof, where_to, kept, now)

    @post("/challenge", name="second_steps.ask", status_code=200)
    async def ask(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give a browser what it asks this person's passkeys."""
        arrival, person = await _present(request, db)
        found = await second_factors.of_user(db, person.id)
        await db.commit()
        await begin_write(db)
        challenge = ask(db, arrival, now)
        await db.commit()
        known = [known_key(key) for key in found.passkeys]
        return told(to_use_one(party_of(request), challenge, known=known, person="discouraged"))


async def _present(request: Asked, db: AsyncSession) -> tuple[Arrival, User]:
    arrival = await web_arrivals.present(db, request)
    if arrival is None or arrival.user is None or not arrival.user.is_active:
        raise SignInNeeded
    return arrival, arrival.user


async def _check(
    request: Asked, db: AsyncSession, arrival: Arrival, person: User, form: SecondStepForm, now: datetime
) -> tuple[Proof, Errors]:
    """Check what was given, in a transaction that goes on."""
    if form.passkey:
        key = await passkey_fits(db, request, arrival, form.passkey, now, person="present", user_id=person.id)
        return "passkey", {} if key else {"": gettext(WRONG_PASSKEY)}
    if form.recovery_code:
        await begin_write(db)
        is_right = await second_factors.use_recovery_code(db, person.id, recovery_hash(form.recovery_code))
        return "recovery code", {} if is_right else {"recovery_code": gettext(WRONG_RECOVERY_CODE)}
    is_right = await code_fits(db, house(request).settings, person.id, form.code, now)
    return "code", {} if is_right else {"code": gettext(WRONG_CODE)}


async def second_step(
    request: Asked,
    db: AsyncSession,
    person: User,
    where_to: str,
    kept: dict[str, str],
    errors: Errors | None = None,
) -> Response[Any]:
    """Show the page that asks for the second factor; 422 when one was refused."""
    found = await second_factors.of_user(db, person.id)
    return page(
        request,
        "account/second_step.html",
        status=422 if errors else 200,
        has_app=found.has_app,
        has_codes=found.codes_left > 0,
        has_passkeys=len(found.passkeys) > 0,
        passkeys_work=work_at(house(request).settings.base_url),
        errors=errors or {},
        next=own_path(where_to, ""),
        carried=kept,
    )
