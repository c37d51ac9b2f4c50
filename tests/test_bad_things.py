"""Bad things that people try, one after the other. Each of these has worked against somebody's blog once.

The list is short on purpose: what is behind each is told at length in the tests of sign-ins, resets, roles and limits.
"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import Clock, cookie_of
from phone import STEP, set_up
from postbox import link_in, postbox, text_of
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password
from blog.auth.throttle import PER_ADDRESS
from blog.auth.tokens import form_token, token_hash
from blog.models import EventOrigin, Invitation, Opening, Registration, Role, Site, User, UserStatus
from blog.web.edge import Edge

PASSWORD = "correct horse battery staple"
NEW = "seven quiet otters"


@pytest.fixture
async def with_password(db: AsyncSession) -> None:
    """Let Anna know her password."""
    (await person(db, "anna")).password_hash = await hash_password(PASSWORD)
    await db.commit()


async def person(db: AsyncSession, username: str) -> User:
    return (await db.scalars(select(User).where(User.username == username))).one()


async def sign_in(browser: Browser, who: str = "anna", password: str = PASSWORD) -> Any:
    return await browser.post("/login", {"email": f"{who}@example.org", "password": password})


@pytest.mark.usefixtures("with_password")
async def test_planting_a_cookie_before_somebody_signs_in(browse: Any) -> None:
    """Fixation: the thief knows the cookie beforehand, and waits."""
    victim, thief = browse(), browse()
    for browser in (victim, thief):
        browser.client.cookies.set("session", "planted", domain="127.0.0.1")
    assert (await sign_in(victim)).status_code == 303
    assert victim.cookie != "planted"
    assert (await victim.get("/account")).status_code == 200
    assert (await thief.get("/account")).status_code == 303


@pytest.mark.usefixtures("with_password")
async def test_sending_the_form_token_of_another_sign_in(app: Edge, browse: Any) -> None:
    """Replay: a token of somebody else, of one's own earlier sign-in, or of nobody."""
    anna = browse()
    await sign_in(anna)
    key, earlier = app.house.settings.secret_key, anna.cookie
    await sign_in(anna)
    assert anna.cookie != earlier
    for cookie in (earlier, cookie_of("ada"), "nobody", ""):
        token = form_token(key, token_hash(cookie))
        assert (await anna.post("/account", {"name": "Changed", "csrf_token": token})).status_code == 403
    assert "Changed" not in (await anna.get("/account")).text
    assert (await anna.post("/account", {"name": "Changed"})).status_code == 303


async def test_using_a_link_from_a_mail_a_second_time(fresh_app: Any) -> None:
    """Replay: links to a new password and to a new address, and another person who finds the latter."""
    async with postbox() as box, fresh_app(smtp_url=box.url) as app:
        await Browser(app).post("/password-reset", {"email": "anna@example.org"})
        link, anna = link_in(await box.wait()), Browser(app)
        await anna.get(link)
        assert (await anna.post("/new-password", {"password": PASSWORD})).status_code == 303
        assert (await anna.post("/new-password", {"password": NEW})).status_code == 410
        assert (await Browser(app).get(link)).status_code == 410
        await box.wait(2)
        await sign_in(anna)
        await anna.post("/account/mail/address", {"email": "anna@new.example", "current_password": PASSWORD})
        await box.wait(4)
        link = link_in(next(letter for letter in box.arrived if letter["to"] == "anna@new.example"))
        assert (await Browser(app, "ben").get(link)).status_code == 410
        assert (await Browser(app, "ben").post(link)).status_code == 410
        assert (await anna.post(link)).status_code == 303
        assert (await anna.post(link)).status_code == 410
        async with app.house.sessions() as db:
            assert [(await person(db, who)).email for who in ("anna", "ben")] == ["anna@new.example", "ben@example.org"]


async def test_accepting_an_invitation_that_was_used(browse: Any, db: AsyncSession, clock: Clock) -> None:
    """Or one that is too old, or was taken back; and making an admin of oneself with it."""
    ada = browse("ada")

    async def invited(email: str) -> str:
        page = await ada.post("/admin/invitations", {"email": email, "role": "author"})
        return str(page.text.split('value="http://127.0.0.1:8000')[1].split('"')[0])

    async def accept(link: str, **more: str) -> int:
        fields = {"name": "Nora New", "password": NEW, "role": "admin", "email": "evil@example.org", **more}
        return int((await browse().post(link, fields)).status_code)

    used, late, taken_back = [await invited(f"{name}@example.org") for name in ("nora", "lars", "tina")]
    assert await accept(used) == 303
    nora = await person(db, "nora-new")
    assert (nora.role, nora.email) == (Role.AUTHOR, "nora@example.org")
    assert await accept(used, name="Nora Again") == 410
    tinas = await db.scalar(select(Invitation.id).where(Invitation.email == "tina@example.org"))
    await ada.post(f"/admin/invitations/{tinas}/delete")
    assert await accept(taken_back) == 410
    clock.advance(timedelta(days=7))
    assert await accept(late) == 410
    assert await db.scalar(select(func.count()).where(User.email.in_(["lars@example.org", "tina@example.org"]))) == 0


@pytest.mark.usefixtures("with_password")
async def test_going_on_with_a_stolen_cookie(browse: Any, db: AsyncSession) -> None:
    """After its owner signed out, changed the password, ended the other sign-ins, or got another role."""

    async def theft() -> tuple[Browser, Browser]:
        owner, thief = browse(), browse()
        await sign_in(owner)
        thief.client.cookies.set("session", owner.cookie, domain="127.0.0.1")
        assert (await thief.get("/account")).status_code == 200
        return owner, thief

    anna_id = (await person(db, "anna")).id
    for path, fields in (
        ("/logout", {}),
        ("/account/password", {"current_password": PASSWORD, "password": NEW}),
        (f"/admin/users/{anna_id}/sessions/delete", {}),
        (f"/admin/users/{anna_id}/role", {"role": "editor"}),
        (f"/admin/users/{anna_id}/suspension", {}),
    ):
        owner, thief = await theft()
        sender = browse("ada") if path.startswith("/admin") else owner
        assert (await sender.post(path, fields)).status_code == 303, path
        assert (await thief.get("/account")).headers["location"].startswith("/login"), path
        assert (await thief.post("/account", {"name": "Thief"})).headers["location"] == "/login", path
        (await person(db, "anna")).password_hash = await hash_password(PASSWORD)
        await db.commit()


async def test_putting_ones_own_host_into_the_letter_with_the_link(fresh_app: Any) -> None:
    hosts: list[dict[str, str]] = [
        {"host": "evil.test"}, {"host": "127.0.0.1:8000.evil.test"}, {"host": "evil.test@127.0.0.1:8000"},
        {"x-forwarded-host": "evil.test"}, {"forwarded": "host=evil.test"}, {"x-original-host": "evil.test"},
    ]  # fmt: skip
    async with postbox() as box, fresh_app(smtp_url=box.url) as app:
        answers = [
            (await Browser(app).post("/password-reset", {"email": f"{who}@example.org"}, headers=headers)).status_code
            for who, headers in zip(("anna", "anna", "anna", "ben", "carl", "ed"), hosts, strict=True)
        ]
        assert answers == [400, 400, 400, 303, 303, 303]
        await box.wait(3)
        assert {link_in(letter).split("/")[1] for letter in box.arrived} == {"password-reset"}
        assert not [letter for letter in box.arrived if "evil" in text_of(letter)]


async def test_hiding_behind_a_made_up_address(app: Edge, browse: Any, db: AsyncSession) -> None:
    """`X-Forwarded-For` and its kin from a peer that is no proxy of ours."""
    names = ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"]
    for number in range(PER_ADDRESS):
        await browse().post("/login/passkey/challenge", headers=dict.fromkeys(names, f"203.0.113.{number}"))
    refused = await browse().post("/login/passkey/challenge", headers=dict.fromkeys(names, "203.0.113.99"))
    assert refused.status_code == 429
    await browse("anna").post("/account/sessions/delete", headers=dict.fromkeys(names, "203.0.113.99"))
    assert set(await db.scalars(select(EventOrigin.address))) == {"127.0.0.1"}


async def test_choosing_a_new_password_many_times_at_once_with_one_link(fresh_app: Any) -> None:
    async with postbox() as box, fresh_app(smtp_url=box.url) as app:
        await Browser(app).post("/password-reset", {"email": "anna@example.org"})
        link, browsers = link_in(await box.wait()), [Browser(app) for _ in range(6)]
        for browser in browsers:
            await browser.get(link)
        tries = (one.post("/new-password", {"password": f"{NEW} {n}"}) for n, one in enumerate(browsers))
        answers = [answer.status_code for answer in await asyncio.gather(*tries)]
        assert sorted(answers) == [303, 410, 410, 410, 410, 410]
        signed_in = [(await sign_in(Browser(app), password=f"{NEW} {n}")).status_code for n in range(6)]
        assert signed_in == [303 if status == 303 else 422 for status in answers]


@pytest.mark.usefixtures("with_password")
async def test_using_a_code_twice_or_one_of_another_time(browse: Any, clock: Clock) -> None:
    """Clocks may differ by one step; a code that was used, or an older one, is none any more."""
    phone = await set_up(browse("anna"), clock)

    async def enter(steps: int) -> int:
        visitor = browse()
        assert (await sign_in(visitor)).headers["location"].startswith("/login/second-step")
        return int((await visitor.post("/login/second-step", {"code": phone.code(steps)})).status_code)

    clock.advance(3 * STEP)
    assert [await enter(steps) for steps in (-2, 2)] == [422, 422]
    assert await enter(-1) == 303
    assert await enter(-1) == 422
    assert await enter(1) == 303
    assert [await enter(steps) for steps in (1, 0, -1)] == [422, 422, 422]


PROMOTIONS = {
    "role": "admin", "roles": "admin", "roles[]": "admin", "user.role": "admin", "user[role]": "admin", "is_admin": "1",
    "admin": "true", "status": "active", "id": "1", "user_id": "1", "password_hash": "x", "email": "evil@example.org",
    "email_key": "evil@example.org", "picture_id": "1", "created_at": "2000-01-01", "last_seen_at": "2000-01-01",
    "wants_mail": "",
}  # fmt: skip
"""Every column of a person that no form of theirs sets, and what other blogs called it."""


async def test_making_an_admin_of_oneself_with_more_fields_than_the_form_has(
    app: Edge, browse: Any, db: AsyncSession
) -> None:
    own = {"name", "username", "bio", "links", "language", "timezone"}
    assert {column.name for column in User.__table__.columns} - own <= PROMOTIONS.keys()

    async def row(who: str) -> dict[str, Any]:
        db.expire_all()
        columns = [column for column in User.__table__.columns if column.name not in own]
        found = (await db.execute(select(*columns).where(User.username == who))).one()
        return dict(found._mapping)

    for who in ("vera", "carl", "anna", "ed"):
        before, browser = await row(who), browse(who)
        answer = await browser.post("/account", {"name": "Still Me"} | PROMOTIONS)
        assert answer.status_code == 303
        assert await row(who) == before
        own_role = f"/admin/users/{before['id']}/role"
        assert (await browser.post(own_role, {"role": "admin"})).status_code == 403
        assert (await browser.get("/admin")).status_code == 403
    (await db.scalars(select(Site))).one().registration = Opening.APPROVAL
    await db.commit()
    app.house.forget_site()
    asked = PROMOTIONS | {"name": "Nora New", "email": "nora@example.org", "password": PASSWORD}
    assert (await browse().post("/register", asked)).status_code == 303
    assert await db.scalar(select(func.count()).where(User.name == "Nora New")) == 0
    waits = await db.scalar(select(Registration.id))
    assert (await browse("ada").post(f"/admin/registrations/{waits}/admission")).status_code == 303
    assert await db.scalar(select(User.role).where(User.name == "Nora New")) == Role.VIEWER
    assert list(await db.scalars(select(User.username).where(User.role == Role.ADMIN))) == ["ada"]


@pytest.mark.parametrize(
    ("step", "fields"), [("role", {"role": "viewer"}), ("suspension", {}), ("deletion", {"heir": "anna"})]
)
async def test_leaving_the_site_without_an_admin(fresh_app: Any, step: str, fields: dict[str, str]) -> None:
    """Alone, and two at the same moment."""
    async with fresh_app() as app:

        async def admins() -> set[str]:
            async with app.house.sessions() as db:
                active = (User.role == Role.ADMIN, User.status == UserStatus.ACTIVE)
                return set(await db.scalars(select(User.username).where(*active)))

        async with app.house.sessions() as db:
            ids = {user.username: user.id for user in await db.scalars(select(User))}
        ada = Browser(app, "ada")
        assert (await ada.post(f"/admin/users/{ids['ada']}/{step}", fields)).status_code == 409
        assert await admins() == {"ada"}
        async with app.house.sessions() as db:
            (await person(db, "ed")).role = Role.ADMIN
            await db.commit()
        answers = await asyncio.gather(
            ada.post(f"/admin/users/{ids['ed']}/{step}", fields),
            Browser(app, "ed").post(f"/admin/users/{ids['ada']}/{step}", fields),
        )
        assert len(await admins()) == 1
        # The slower one is no admin any more, or signed out already.
        assert {answer.status_code for answer in answers} <= {303, 403, 409}
