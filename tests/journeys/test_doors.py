"""Every page behind a link from a letter, with the letters caught by a real mail server: each one looked at with axe."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from axe import WIDE, fine
from live import SECONDS_TO_ANSWER, Site, live_site
from playwright.async_api import Page
from postbox import Postbox, link_in, postbox

from blog.auth.tokens import unsubscribe_token

ADMIN = {"name": "Mei Lin", "email": "mei@example.org", "password": "three green herons"}
PASSWORD = "purple wandering lighthouse"


async def sign_in(page: Page, site: Site, email: str, password: str) -> None:
    await page.goto(f"{site.url}/login")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(lambda url: "/login" not in url)


async def letter_to(box: Postbox, site: Site, count: int, address: str) -> str:
    """Wait for so many letters in all; give the address of the link in the newest one to somebody."""
    await box.wait(count)
    newest = [letter for letter in box.arrived if letter["to"] == address][-1]
    return site.url + link_in(newest, site.url)


async def press(page: Page, name: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=name).first.click()


async def test_all_that_is_behind_a_link_is_accessible_and_works(
    database: str, copies: Any, tmp_path: Path, window: Any
) -> None:
    url = await asyncio.to_thread(copies, database)
    async with postbox() as box, live_site(url, tmp_path, SMTP_URL=box.url) as site, window(viewport=WIDE) as admin:
        async with httpx.AsyncClient(timeout=SECONDS_TO_ANSWER) as visitor:
            form = ADMIN | {"site_title": "Field Notes", "token": site.setup.split("token=")[1]}
            assert (await visitor.post(f"{site.url}/setup", data=form)).status_code == 303
        await sign_in(admin, site, ADMIN["email"], ADMIN["password"])
        await admin.goto(f"{site.url}/admin/mail")
        await fine(admin)

        await admin.goto(f"{site.url}/admin/invitations")
        await fine(admin)
        await admin.get_by_label("E-mail address").fill("anna@example.org")
        await press(admin, "Invite")
        await fine(admin)
        shown = await admin.get_by_label("Secret link").input_value()
        invitation = await letter_to(box, site, 1, "anna@example.org")
        assert invitation == shown

        async with window(viewport=WIDE) as anna:
            await anna.goto(invitation)
            await fine(anna)
            await anna.get_by_label("Your name").fill("Anna Author")
            await anna.get_by_label("Password").fill("short")
            await press(anna, "Accept the invitation")
            assert await anna.get_by_label("Your name").input_value() == "Anna Author"
            await fine(anna)
            await anna.get_by_label("Password").fill(PASSWORD)
            await press(anna, "Accept the invitation")
            await anna.get_by_text("This is your desk").wait_for()
            await anna.goto(invitation)
            await anna.get_by_role("heading", name="This invitation has ended").wait_for()
            await fine(anna)

            await anna.goto(f"{site.url}/account/mail")
            await anna.get_by_label("New e-mail address").fill("anna@new.example")
            await anna.get_by_label("Password you have now").fill(PASSWORD)
            await press(anna, "Send the link")
            await fine(anna)
            await anna.goto(await letter_to(box, site, 3, "anna@new.example"))
            await fine(anna)
            await press(anna, "Confirm the new address")
            await anna.get_by_text("You sign in with anna@new.example").wait_for()
            await box.wait(4)
            assert [letter["subject"] for letter in box.arrived if letter["to"] == "anna@example.org"][1:] == [
                "Another address for your account at Field Notes",
                "Your address for Field Notes was changed",
            ]

        async with window(viewport=WIDE) as anna:
            await anna.goto(f"{site.url}/password-reset")
            await anna.get_by_label("E-mail address").fill("anna@new.example")
            await press(anna, "Send me a link")
            await anna.goto(await letter_to(box, site, 5, "anna@new.example"))
            await fine(anna)
            await anna.get_by_label("New password").fill("another long passphrase")
            await press(anna, "Change password")
            await anna.get_by_role("heading", name="Your password is changed").wait_for()
            await box.wait(6)
            await sign_in(anna, site, "anna@new.example", "another long passphrase")

            found = await admin.request.get(f"{site.url}/admin/users?q=anna-author")
            number = int((await found.text()).split('href="/admin/users/')[1].split('"')[0])
            await admin.goto(f"{site.url}/admin/users/{number}")
            await fine(admin)
            await admin.goto(f"{site.url}/admin/users/{number}/access")
            await press(admin, "Make a link")
            await fine(admin)
            await admin.goto(f"{site.url}/admin/mail")
            await fine(admin)

            await anna.goto(f"{site.url}/unsubscribe/{number}-{unsubscribe_token('s' * 40, number)}")
            await fine(anna)
            await press(anna, "Stop e-mailing me news")
            await fine(anna)
            await anna.goto(f"{site.url}/admin")
            await anna.get_by_role("heading", name="You may not do this").wait_for()
            await fine(anna)

        await admin.goto(f"{site.url}/admin/site")
        await admin.get_by_label("Who may get an account").select_option("mail")
        await admin.get_by_role("button", name="Save").first.click()
        await admin.get_by_text("Readers see it at once").wait_for()
        async with window(viewport=WIDE) as nora:
            await nora.goto(f"{site.url}/register")
            await fine(nora)
            await nora.get_by_label("Your name").fill("Nora New")
            await nora.get_by_label("E-mail address").fill("nora@example.org")
            await nora.get_by_label("Password").fill(PASSWORD)
            await press(nora, "Get an account")
            await fine(nora)
            await nora.goto(await letter_to(box, site, 7, "nora@example.org"))
            await fine(nora)
            await press(nora, "Yes, make my account")
            await fine(nora)
            await nora.get_by_role("link", name="Sign in").click()
            await sign_in(nora, site, "nora@example.org", PASSWORD)
            await nora.goto(f"{site.url}/account")
            await fine(nora)
