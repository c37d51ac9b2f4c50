"""Six accidents while one writes, on the real server, and not one letter of it lost."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
from live import ADMIN, join, live_site, serving
from playwright.async_api import Page, expect

PATIENCE = 40_000
"""Milliseconds: a pause in typing, the waits between tries, and a server that starts anew."""


async def sign_in(page: Page, url: str, name: str) -> None:
    await page.goto(f"{url}/login")
    await page.get_by_label("E-mail address").fill(f"{name}@example.org")
    await page.get_by_label("Password").fill("three green herons")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def go_on(page: Page, words: str) -> None:
    """Write more at the end of the text, as one who types."""
    area = page.locator("#body")
    await area.focus()
    await area.press("Control+End")
    await page.keyboard.insert_text(words)


async def told(page: Page, words: str) -> None:
    """See what the editor says of saving."""
    await expect(page.locator("[data-saving]")).to_contain_text(words, timeout=PATIENCE)


async def test_no_accident_costs_a_letter(database: str, copies: Any, tmp_path: Path, window: Any) -> None:
    async with window() as mei, window() as ed:
        async with live_site(await asyncio.to_thread(copies, database), tmp_path) as site:
            async with httpx.AsyncClient() as visitor:
                form = ADMIN | {"site_title": "Field Notes", "token": site.setup.split("token=")[1]}
                assert (await visitor.post(f"{site.url}/setup", data=form)).status_code == 303
            await join(site, "Ed", "editor")
            await sign_in(mei, site.url, "mei")
            await sign_in(ed, site.url, "ed")
            body = mei.locator("#body")

            # A field that cannot be so is told by it, and everything typed is still there.
            await mei.goto(f"{site.url}/studio/posts/new")
            await mei.get_by_label("Title").fill("Six accidents")
            await mei.get_by_label("Address", exact=True).fill("no/such/address")
            await go_on(mei, "One: a wrong field.\n\n")
            await mei.get_by_role("button", name="Save", exact=True).click()
            await expect(mei.get_by_role("alert").first).to_contain_text("An address has letters")
            await expect(mei.get_by_label("Title")).to_have_value("Six accidents")
            await expect(body).to_have_value("One: a wrong field.\n\n")
            await mei.get_by_label("Address", exact=True).fill("six-accidents")
            await mei.get_by_role("button", name="Save", exact=True).click()
            await expect(mei.locator(".flash.done")).to_contain_text("Saved.")
            await expect(mei.get_by_label("Address", exact=True)).to_have_value("six-accidents")
            address = mei.url

            # Two tabs of one person: what was written in both comes together.
            tab = await mei.context.new_page()
            await tab.goto(address)
            await tab.get_by_label("Excerpt").fill("Of two tabs.")
            await told(tab, "Saved")
            await expect(tab.locator("[data-saving]")).to_have_attribute("data-state", "saved", timeout=PATIENCE)
            await tab.close()
            await go_on(mei, "Two: another tab.\n\n")
            await expect(mei.get_by_label("Excerpt")).to_have_value("Of two tabs.", timeout=PATIENCE)

            # Two people: the other's words come into the text while one writes.
            await ed.goto(address)
            await expect(ed.locator(".presence")).to_contain_text("Mei Lin has this open too")
            await ed.locator("#body").press("Control+Home")
            await ed.keyboard.insert_text("Nought: said Ed.\n\n")
            await expect(ed.locator("[data-saving]")).to_have_attribute("data-state", "saved", timeout=PATIENCE)
            await go_on(mei, "Three: somebody else.\n\n")
            await expect(body).to_have_value(re.compile("^Nought: said Ed"), timeout=PATIENCE)

            # The network goes and comes.
            await mei.context.set_offline(True)
            await go_on(mei, "Four: a train in a tunnel.\n\n")
            await told(mei, "Offline: kept in this browser")
            await mei.context.set_offline(False)
            await told(mei, "Saved")

            # The sign-in ends in mid-writing; signing in again in another tab is enough.
            await mei.context.clear_cookies()
            await go_on(mei, "Five: signed out.\n\n")
            await told(mei, "Your session has ended")
            async with mei.context.expect_page() as opened:
                await mei.locator("[data-sign-in]").click()
            door = await opened.value
            await sign_in(door, site.url, "mei")
            await door.close()
            await told(mei, "Saved")

        # The server stops, and something is written before it is there again.
        await go_on(mei, "Six: the server was away.")
        await told(mei, "kept in this browser")
        async with serving(site.environment, "The blog is at"):
            await told(mei, "Saved")
            await ed.goto(address)
            await expect(ed.locator("#body")).to_have_value(
                "Nought: said Ed.\n\nOne: a wrong field.\n\nTwo: another tab.\n\nThree: somebody else.\n\n"
                "Four: a train in a tunnel.\n\nFive: signed out.\n\nSix: the server was away."
            )
            await expect(ed.get_by_label("Excerpt")).to_have_value("Of two tabs.")
            assert await mei.evaluate("localStorage.length") == 0, "nothing is left that the server has not"
