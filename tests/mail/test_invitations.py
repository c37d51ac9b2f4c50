"""From an invitation to an account: by mail, by a copied link, and what a link that ended says."""

import asyncio
import re
from typing import Any

import pytest
from browser import Browser
from cast import DAY
from postbox import Postbox, link_in, text_of, writing
from sqlalchemy import func, select

from blog.auth.tokens import token_hash
from blog.models import Event, Invitation, Mail, Role, User

NEW = {"name": "Nora New", "password": "seven quiet otters"}


async def invite(admin: Browser, email: str = "nora@example.org", role: str = "author") -> str:
    answer = await admin.post("/admin/invitations", {"email": email, "role": role})
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


def shown(page: str) -> str:
    found = re.search(r'value="http://127.0.0.1:8000(/[^"]+)" readonly', page)
    assert found
    return found[1]


async def ids(app: Any) -> list[int]:
    async with app.house.sessions() as db:
        return list(await db.scalars(select(Invitation.id).order_by(Invitation.id)))


async def test_an_invitation_by_mail_leads_to_an_account_with_its_role(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        copied = await invite(Browser(app, "ada"), "nora@example.org", "editor")
        message = await box.wait()
        assert box.recipients == [["nora@example.org"]]
        assert message["to"] == "nora@example.org"
        assert message["subject"] == "Ada Admin invited you to A new publication"
        assert message["from"] == "A new publication <blog@example.org>"
        assert link_in(message) == copied
        nora = Browser(app)
        page = await nora.get(copied)
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "Ada Admin invited you." in page.text
        refused = await nora.post(copied, NEW | {"password": "short"})
        assert refused.status_code == 422
        assert "Nora New" in refused.text
        accepted = await nora.post(copied, NEW | {"role": "admin", "email": "other@example.org"})
        assert (accepted.status_code, accepted.headers["location"]) == (303, "/studio")
        assert (await nora.get("/studio/reviews")).status_code == 200
        assert (await nora.get("/admin/users")).status_code == 403
        again = Browser(app)
        signed_in = await again.post("/login", {"email": "nora@example.org", "password": NEW["password"]})
        assert signed_in.status_code == 303
        async with app.house.sessions() as db:
            nora_row = (await db.scalars(select(User).where(User.email == "nora@example.org"))).one()
            assert (nora_row.role, nora_row.name) == (Role.EDITOR, "Nora New")
            actions = set(await db.scalars(select(Event.action)))
            assert {"invitation.created", "invitation.accepted", "user.added"} <= actions
            assert token_hash(copied.rsplit("/", 1)[1]) in set(await db.scalars(select(Invitation.token_hash)))


async def test_a_link_that_was_used_says_so_and_is_no_key_any_more(fresh_app: Any) -> None:
    async with fresh_app() as app:
        link = await invite(Browser(app, "ada"))
        answers = await asyncio.gather(*(Browser(app).post(link, NEW) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410, 410]
        for answer in (await Browser(app).get(link), await Browser(app).post(link, NEW)):
            assert answer.status_code == 410
            assert "This invitation has ended" in answer.text
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count()).where(User.email == "nora@example.org")) == 1


async def test_links_that_ended_open_nothing(fresh_app: Any) -> None:
    async with fresh_app() as app:
        ada = Browser(app, "ada")
        old = await invite(ada)
        assert (await Browser(app).get("/invitations/guessed")).status_code == 404
        revoked = await ada.post(f"/admin/invitations/{(await ids(app))[0]}/delete")
        assert revoked.status_code == 303
        assert (await Browser(app).get(old)).status_code == 410
        assert (await Browser(app).post(old, NEW)).status_code == 410
        first = await invite(ada)
        second = shown((await ada.post(f"/admin/invitations/{(await ids(app))[-1]}/again")).text)
        assert (await Browser(app).get(first)).status_code == 410
        third = await invite(ada, "NORA@example.org", "viewer")
        assert (await Browser(app).get(second)).status_code == 410
        assert (await Browser(app).get(third)).status_code == 200
        assert (await ada.post("/admin/invitations/9999/again")).status_code == 404
        app.house.clock.advance(7 * DAY)
        assert (await Browser(app).post(third, NEW)).status_code == 410
        assert "ended" in (await ada.get("/admin/invitations")).text


async def test_an_invitation_ends_with_the_right_to_invite(fresh_app: Any) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            people = {user.username: user.id for user in await db.scalars(select(User))}
        ada = Browser(app, "ada")
        await ada.post(f"/admin/users/{people['ed']}/role", {"role": "admin"})
        link = await invite(Browser(app, "ada"), role="admin")
        async with writing(app) as db:
            (await db.scalars(select(User).where(User.username == "ada"))).one().role = Role.EDITOR
        assert (await Browser(app).post(link, NEW)).status_code == 410


async def test_who_has_an_account_is_not_invited_again(fresh_app: Any) -> None:
    async with fresh_app() as app:
        ada = Browser(app, "ada")
        refused = await ada.post("/admin/invitations", {"email": "Anna@Example.org", "role": "editor"})
        assert refused.status_code == 422
        assert "has an account already" in refused.text
        link = await invite(ada, "nora@example.org", "admin")
        async with writing(app) as db:
            (await db.scalars(select(User).where(User.username == "anna"))).one().set_email("Nora@example.org")
        for answer in (await Browser(app).get(link), await Browser(app).post(link, NEW)):
            assert answer.status_code == 409
            assert "You have an account here already" in answer.text
        again = await ada.post(f"/admin/invitations/{(await ids(app))[0]}/again")
        assert again.status_code == 303
        async with app.house.sessions() as db:
            assert await db.scalar(select(User.role).where(User.username == "anna")) == Role.AUTHOR


async def test_without_mail_the_link_is_only_shown(fresh_app: Any) -> None:
    async with fresh_app() as app:
        answer = await Browser(app, "ada").post("/admin/invitations", {"email": "nora@example.org", "role": "viewer"})
        assert "it is not sent by e-mail" in answer.text
        accepted = await Browser(app).post(shown(answer.text), NEW)
        assert accepted.headers["location"] == "/account"
        async with app.house.sessions() as db:
            assert await db.scalar(select(func.count(Mail.id))) == 0


async def test_who_is_signed_in_goes_on_as_the_new_person(fresh_app: Any) -> None:
    async with fresh_app() as app:
        link = await invite(Browser(app, "ada"))
        anna = Browser(app, "anna")
        assert "You are signed in as Anna Author." in (await anna.get(link)).text
        assert (await anna.post(link, NEW | {"csrf_token": "stolen"})).status_code == 403
        assert (await anna.post(link, NEW)).status_code == 303
        assert "Nora New" in (await anna.get("/account")).text
        assert (await Browser(app, "anna").get("/account")).status_code == 303


@pytest.mark.parametrize(
    "typed",
    [
        "nora@example.org\nBcc: all@example.org", "nora@example.org\r\nSubject: x", "a@example.org,b@example.org",
        "Nora <nora@example.org>", "nora@example.org>", "nora", "@example.org", "nora@", "nora@example.org\x00",
        '"a b"@example.org', "x" * 65 + "@example.org", "",
    ],
)  # fmt: skip
async def test_an_address_is_one_address_and_nothing_else(browse: Any, typed: str) -> None:
    answer = await browse("ada").post("/admin/invitations", {"email": typed, "role": "author"})
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/admin/invitations", "/admin/mail", "/admin/users/1/access"])
async def test_only_admins_invite_and_see_mail(browse: Any, path: str) -> None:
    for who, expected in {None: 303, "vera": 403, "anna": 403, "ed": 403, "ada": 200}.items():
        assert (await browse(who).get(path)).status_code == expected, who


async def test_names_add_no_headers_and_no_html(mailing_app: Any, box: Postbox) -> None:
    async with mailing_app() as app:
        async with writing(app) as db:
            (
                await db.scalars(select(User).where(User.username == "ada"))
            ).one().name = "A\r\nBcc: x@y.z <b>{{7*7}} & co"
        await invite(Browser(app, "ada"))
        message = await box.wait()
        assert message.get_all("bcc") is None
        assert box.recipients == [["nora@example.org"]]
        assert message["subject"] == "A Bcc: x@y.z <b>{{7*7}} & co invited you to A new publicati…"
        assert "<b>{{7*7}} & co invited you" in text_of(message)
        rich = message.get_body(("html",))
        assert rich is not None
        assert "&lt;b&gt;{{7*7}} &amp; co" in rich.get_content()
