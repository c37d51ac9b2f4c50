"""Passkeys with Chromium's own virtual authenticator, and an app without scripts, on the real server."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest_asyncio
from axe import NARROW, WIDE, fine
from conftest import settings_for
from live import SECONDS_TO_ANSWER, Site, join, live_site
from playwright.async_api import Page
from sqlalchemy import update

from blog.auth.codes import STEP_SECONDS
from blog.database import make_engine, make_sessions
from blog.models import Login
from blog.models.login import PROOF_HOLDS

ADMIN = {"name": "Mei Lin", "email": "mei@example.org", "password": "three green herons"}


@pytest_asyncio.fixture
async def named(database: str, copies: Any, tmp_path: Path) -> AsyncIterator[tuple[Site, str]]:
    """A site that Mei set up, at a name as passkeys need it; and its database."""
    url = await asyncio.to_thread(copies, database)
    async with live_site(url, tmp_path, host="localhost") as site:
        async with httpx.AsyncClient(timeout=SECONDS_TO_ANSWER) as visitor:
            form = ADMIN | {"site_title": "Field Notes", "token": site.setup.split("token=")[1]}
            assert (await visitor.post(f"{site.url}/setup", data=form)).status_code == 303
        yield site, url


async def sign_in(page: Page, site: Site, email: str = ADMIN["email"]) -> None:
    await page.goto(f"{site.url}/login")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(ADMIN["password"])
    async with page.expect_navigation():
        await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name="Sign out").click()


async def add_key(page: Page, *, verifies: bool) -> tuple[Any, str]:
    """Plug in a key, or have the device be one that knows its owner."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal" if verifies else "usb", "automaticPresenceSimulation": True}
    kind |= {"hasResidentKey": verifies, "hasUserVerification": verifies, "isUserVerified": verifies}
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return session, made["authenticatorId"]


async def test_a_device_signs_in_as_second_step_and_without_a_password(named: tuple[Site, str], window: Any) -> None:
    site, _ = named
    async with window(viewport=WIDE) as page:
        session, key = await add_key(page, verifies=True)
        await sign_in(page, site)
        await page.goto(f"{site.url}/account")
        await page.get_by_role("link", name="Second factor and passkeys").click()
        await fine(page)
        await page.get_by_role("link", name="Add a passkey").click()
        await fine(page)
        await page.get_by_label("What it is called").fill("Laptop")
        await page.get_by_role("button", name="Make the passkey").click()
        await page.get_by_role("heading", name="Keep these recovery codes").wait_for()
        await fine(page)
        codes = await page.locator(".codes code").all_inner_texts()
        await page.get_by_role("link", name="I have kept them").click()
        assert "Laptop" in await page.locator("main").inner_text()
        await fine(page)
        await page.get_by_role("link", name="Rename").click()
        await fine(page)
        await page.goto(f"{site.url}/account/two-factor/passkeys/new")
        await page.get_by_role("button", name="Make the passkey").click()
        await page.get_by_text("This device has a passkey for this site already.").wait_for()
        await page.goto(f"{site.url}/account/sessions")
        await fine(page)
        await sign_out(page)
        await sign_in(page, site)
        await page.get_by_role("button", name="Use your passkey").wait_for()
        await fine(page)
        await page.get_by_role("button", name="Use your passkey").click()
        await page.wait_for_url("**/studio")
        await sign_out(page)
        await page.goto(f"{site.url}/login?next=/studio/posts")
        await fine(page)
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url("**/studio/posts")
        await sign_out(page)
        # The same key, but whose holder it cannot make sure of, opens nothing alone.
        await session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
        await page.goto(f"{site.url}/login")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.get_by_text("No passkey was used").wait_for()
        await sign_in(page, site)
        await page.get_by_text("Use a recovery code").click()
        await page.get_by_label("Recovery code").fill(codes[0])
        await page.get_by_role("button", name="Sign in with this code").click()
        await page.wait_for_url("**/studio")
        assert "You signed in with a recovery code" in await page.locator("main").inner_text()
        await fine(page)


async def test_a_key_on_the_ring_is_a_second_step_and_its_loss_no_end(named: tuple[Site, str], window: Any) -> None:
    site, _ = named
    async with window(viewport=WIDE) as page:
        session, key = await add_key(page, verifies=False)
        await sign_in(page, site)
        await page.goto(f"{site.url}/account/two-factor/passkeys/new")
        await page.get_by_role("button", name="Make the passkey").click()
        await page.get_by_role("link", name="I have kept them").click()
        await sign_out(page)
        await sign_in(page, site)
        await page.get_by_role("button", name="Use your passkey").click()
        await page.wait_for_url("**/studio")
        counted = await session.send("WebAuthn.getCredentials", {"authenticatorId": key})
        assert counted["credentials"][0]["signCount"] >= 2
        await sign_out(page)
        await session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
        await add_key(page, verifies=False)
        await sign_in(page, site)
        await page.get_by_role("button", name="Use your passkey").click()
        await page.get_by_text("No passkey was used").wait_for()


async def test_who_lost_everything_is_let_in_again_by_an_admin_and_it_is_on_record(
    named: tuple[Site, str], window: Any
) -> None:
    site, _ = named
    await join(site, "Anna", "author")
    async with window(viewport=WIDE) as page, window(viewport=WIDE) as admin:
        session, key = await add_key(page, verifies=False)
        await sign_in(page, site, "anna@example.org")
        await page.goto(f"{site.url}/account/two-factor/passkeys/new")
        await page.get_by_role("button", name="Make the passkey").click()
        await page.get_by_role("link", name="I have kept them").click()
        await session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
        await sign_in(admin, site)
        await admin.goto(f"{site.url}/admin/users?q=anna@example.org")
        await admin.get_by_role("link", name="Anna", exact=True).click()
        await fine(admin)
        await admin.get_by_role("button", name="Reset second factor").click()
        await admin.get_by_text("Their second factor is taken away").wait_for()
        await admin.goto(f"{site.url}/admin/events?action=user.second_factor_reset")
        told = await admin.locator("ol.log > li").all_inner_texts()
        assert len(told) == 1
        assert "second factor reset user Anna" in told[0]
        assert "Mei Lin" in told[0]
        await page.goto(f"{site.url}/account")
        assert "/login" in page.url, "their sign-ins ended"
        await sign_in(page, site, "anna@example.org")
        await page.wait_for_url("**/studio")
        assert "Mei Lin took your second factor away" in await page.locator("main").inner_text()


async def test_an_app_needs_no_scripts(named: tuple[Site, str], window: Any) -> None:
    site, _ = named
    async with window(viewport=NARROW, java_script_enabled=False) as page:
        await sign_in(page, site)
        await page.goto(f"{site.url}/account/two-factor")
        await page.get_by_role("button", name="Set up an app").click()
        app = pyotp.TOTP((await page.locator(".key code").inner_text()).replace(" ", ""))
        await page.get_by_label("Code", exact=True).fill(app.now())
        await page.get_by_role("button", name="Confirm").click()
        await page.get_by_role("link", name="I have kept them").click()
        await sign_out(page)
        await sign_in(page, site)
        # The code that was just used works no second time; the one of the next step is accepted already.
        await page.get_by_label("Code of your app").fill(app.at(int(time.time()) + STEP_SECONDS))
        await page.get_by_role("button", name="Sign in", exact=True).click()
        assert page.url == f"{site.url}/studio"
        await page.goto(f"{site.url}/account/two-factor/passkeys/new")
        assert "Passkeys need JavaScript" in await page.locator("main").inner_text()


async def test_the_pages_of_an_app_and_of_proofs_are_accessible(
    named: tuple[Site, str], window: Any, tmp_path: Path
) -> None:
    site, url = named
    async with window(viewport=WIDE) as page:
        await sign_in(page, site)
        await page.goto(f"{site.url}/account/two-factor")
        await page.get_by_role("button", name="Set up an app").click()
        await fine(page)
        await page.get_by_label("Code", exact=True).fill("000000")
        await page.get_by_role("button", name="Confirm").click()
        await fine(page)
        await forget_proofs(url, tmp_path)
        await page.goto(f"{site.url}/account/two-factor")
        await page.get_by_role("button", name="Set up an app").click()
        await fine(page)
        await page.get_by_label("Your password").fill("wrong")
        await page.get_by_role("button", name="Go on").click()
        await fine(page)
        await page.get_by_label("Your password").fill(ADMIN["password"])
        await page.get_by_role("button", name="Go on").click()
        await page.wait_for_url("**/account/two-factor/app")
        await page.goto(f"{site.url}/admin/site")
        await fine(page)
        await page.get_by_label("admin", exact=True).check()
        await page.get_by_role("button", name="Save", exact=True).click()
        assert page.url == f"{site.url}/account/two-factor"
        assert "Your role needs a second factor" in await page.locator("main").inner_text()
        await fine(page)


async def forget_proofs(url: str, folder: Path) -> None:
    """Let time pass for every sign-in: its proof is too old."""
    engine = make_engine(settings_for(url, folder))
    async with make_sessions(engine)() as db:
        await db.execute(update(Login).values(proved_at=datetime.now(UTC) - PROOF_HOLDS))
        await db.commit()
    await engine.dispose()
