"""One post from its first word to its readers, on the real server: a picture, a lost network, two writers, revisions."""

import re
from typing import Any

import samples
from live import Site
from playwright.async_api import Page, expect

PATIENCE = 60_000
"""Milliseconds: a pause in typing, the wait between two tries, and the server."""


async def sign_in(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/login")
    await page.get_by_label("E-mail address").fill("mei@example.org")
    await page.get_by_label("Password").fill("three green herons")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def paste_picture(page: Page, picture: bytes) -> None:
    """Paste a picture as a screenshot is pasted, at the end."""
    await page.locator("#body").evaluate(
        """(area, bytes) => {
            area.focus();
            area.setSelectionRange(area.value.length, area.value.length);
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "heron.png", { type: "image/png" }));
            area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(picture),
    )


async def write_over(page: Page, words: str, others: str) -> None:
    """Put other words in the place of these, as one who types over what is chosen."""
    await page.locator("#body").evaluate(
        """(area, [words, others]) => {
            const at = words ? area.value.indexOf(words) : area.value.length;
            area.focus();
            area.setSelectionRange(at, at + words.length);
            document.execCommand("insertText", false, others);
        }""",
        [words, others],
    )


async def test_from_the_first_word_to_its_readers(site: Site, window: Any) -> None:
    async with window() as page, window() as other, window() as reader:
        await sign_in(page, site)
        await sign_in(other, site)
        text, state = page.locator("#body"), page.locator("[data-saving]")

        await page.goto(f"{site.url}/studio/posts/new")
        await page.get_by_label("Title").fill("Herons at dawn")
        await write_over(page, "", "They stand still.\n\nThe pond is cold.\n\n")
        await expect(state).to_contain_text("Saved", timeout=PATIENCE)
        await paste_picture(page, samples.drawing("teal"))
        await expect(text).to_have_value(re.compile(r"!\[[^\]]*\]\(/media/[\w.-]+\)"), timeout=PATIENCE)

        await page.context.set_offline(True)
        await write_over(page, "", "\n\nWritten on a train.")
        await expect(state).to_contain_text("Offline: kept in this browser", timeout=PATIENCE)
        await page.context.set_offline(False)
        await expect(state).to_contain_text("Saved", timeout=PATIENCE)

        address = page.url.split("?")[0]
        await other.goto(address)
        await expect(other.locator("#body")).to_have_value(re.compile(r"Written on a train\."))
        await write_over(other, "They", "At dawn they")
        await other.get_by_role("button", name="Save", exact=True).click()
        await expect(other.get_by_role("status").first).to_contain_text("Saved")
        await write_over(page, "", "\n\nAfter all.")
        await expect(text).to_have_value(re.compile(r"^At dawn they[\s\S]*After all\.$"), timeout=PATIENCE)

        await other.goto(address)
        await expect(other.locator("#body")).to_have_value(re.compile(r"After all\."))
        await write_over(other, "stand still", "stand and wait")
        await other.get_by_role("button", name="Save", exact=True).click()
        await expect(other.get_by_role("status").first).to_contain_text("Saved")
        await write_over(page, "stand still", "stand and dream")
        await expect(state).to_contain_text("Nothing is lost", timeout=PATIENCE)
        await state.get_by_role("link").click()
        await page.get_by_label("Yours").check()
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(text).to_have_value(re.compile("stand and dream"))

        await page.get_by_role("link", name="Earlier versions").click()
        await (
            page.get_by_role("listitem")
            .filter(has_text="The newest")
            .locator("xpath=following-sibling::li[1]")
            .get_by_role("button", name="Restore")
            .click()
        )
        await page.goto(address)
        await expect(text).to_have_value(re.compile("stand and wait"))

        await page.get_by_role("button", name="Review and publish").click()
        await page.get_by_role("button", name="Publish now").click()
        await reader.goto(site.url)
        await reader.get_by_role("link", name="Herons at dawn").first.click()
        await expect(reader.get_by_role("article").first).to_contain_text("At dawn they stand and wait.")
        await expect(reader.locator(".prose img")).to_have_js_property("complete", True)
