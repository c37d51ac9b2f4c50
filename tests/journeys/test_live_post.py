"""Writing on in a post that readers see: what they do not see yet is marked at once, and discarded in one go."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from live import Site
from playwright.async_api import Page, expect

PATIENCE = 60_000


@pytest.fixture
def live_post(site: Site, window: Any) -> Any:
    """Publish a post and open it in the editor: `async with live_post("Title") as page`."""

    @asynccontextmanager
    async def open_editor(title: str, **how: Any) -> AsyncIterator[Page]:
        async with window(**how) as page:
            await page.goto(f"{site.url}/login?next=/studio/posts/new")
            await page.get_by_label("E-mail address").fill("mei@example.org")
            await page.get_by_label("Password").fill("three green herons")
            await page.get_by_role("button", name="Sign in").click()
            await page.get_by_label("Title").fill(title)
            await page.locator("#body").fill("As readers know it.")
            await page.get_by_role("button", name="Save and publish").click()
            await expect(page.get_by_role("status").first).to_contain_text("Published")
            yield page

    return open_editor


async def test_what_was_typed_last_is_kept_marked_and_discarded(live_post: Any) -> None:
    async with live_post("Discarded herons") as page:
        mark, discard = page.locator("[data-unseen]"), page.get_by_role("button", name="Discard changes")
        await expect(mark).to_be_hidden()
        await expect(discard).to_be_hidden()
        await page.locator("#body").fill("Second thoughts.")
        await expect(mark).to_be_visible(timeout=PATIENCE)
        await expect(mark.get_by_role("link")).to_have_attribute("href", re.compile(r"/revisions/2\?with=1$"))
        await page.locator("#body").fill("Third thoughts, not saved yet.")
        await discard.click()
        await expect(page.get_by_role("status").first).to_contain_text("Discarded.")
        await expect(page.locator("#body")).to_have_value("As readers know it.")
        await expect(mark).to_be_hidden()
        await page.get_by_role("link", name="Earlier versions").click()
        await page.locator(".past a").nth(1).click()
        await expect(page.locator(".words ins").first).to_contain_text("Third thoughts")


async def test_times_that_nothing_saved_are_told_and_guarded(live_post: Any, site: Site) -> None:
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    async with live_post("Herons of one summer", on_dialog=stay) as page:
        told = page.get_by_text("“Save and change the dates” does it.")
        await expect(told).to_be_hidden()
        await page.get_by_label("Take down at").fill("2099-05-01T10:00")
        await expect(told).to_be_visible()
        await page.locator("#body").fill("As readers will know it.")
        await expect(page.locator("[data-unseen]")).to_be_visible(timeout=PATIENCE)
        await expect(told).to_be_visible()
        await page.get_by_role("link", name="Earlier versions").click()
        await page.wait_for_url("**/revisions")
        assert asked == ["beforeunload"], "the words are saved, the time is not"
        await page.go_back()
        await page.get_by_label("Take down at").fill("2099-05-01T10:00")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("status").first).to_contain_text("not saved yet")
        await expect(page.get_by_label("Take down at")).to_have_value("2099-05-01T10:00")
        await page.get_by_role("button", name="Save and change the dates").click()
        await expect(page.get_by_role("status").first).to_contain_text("Published.")
        await expect(told).to_be_hidden()
        await expect(page.get_by_label("Take down at")).to_have_value("2099-05-01T10:00")
