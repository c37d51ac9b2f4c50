"""A post from its first word to its readers with Tab, Enter and letters alone, each stop in sight."""

from typing import Any

import pytest
from live import Site
from playwright.async_api import Page, expect

PATIENCE = 20_000

MOST_TO_THE_TEXT, MOST_TO_ANYTHING = 12, 45
HERE = """async () => {
    await new Promise(requestAnimationFrame);
    const here = document.activeElement;
    const { top, bottom, left, right, width, height } = here.getBoundingClientRect();
    const style = getComputedStyle(here);
    // Of a date the browser marks the part that one is in.
    const isDate = here.type === "datetime-local";
    return {
        name: (here.getAttribute("aria-label") ?? here.labels?.[0]?.textContent ?? here.textContent).trim(),
        isInSight: width > 0 && height > 0 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
        isMarked: isDate || (here.matches(":focus-visible") && (style.outlineStyle !== "none" || style.boxShadow !== "none")),
    };
}"""


async def tab_to(page: Page, name: str, most: int = MOST_TO_ANYTHING) -> int:
    """Press Tab until something of this name has the focus; gives how often. Each stop must be seen."""
    for presses in range(1, most + 1):
        await page.keyboard.press("Tab")
        here = await page.evaluate(HERE)
        assert here["isInSight"], here
        assert here["isMarked"], here
        if here["name"] == name:
            return presses
    raise AssertionError(f"{name} is not within {most} stops")


async def skip(page: Page) -> None:
    """Go past what every page has."""
    # Only a page that is all there goes at once to where the link leads.
    await page.wait_for_load_state("load")
    await tab_to(page, "Skip to the content", 1)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_post_is_written_and_published_by_keyboard(site: Site, window: Any, width: int) -> None:
    async with window(viewport={"width": width, "height": 800}, reduced_motion="reduce") as page:
        await page.goto(f"{site.url}/login")
        await tab_to(page, "E-mail address")
        await page.keyboard.type("mei@example.org")
        await tab_to(page, "Password", 1)
        await page.keyboard.type("three green herons")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Desk", timeout=PATIENCE)
        await skip(page)
        await tab_to(page, "Write a post", 2)
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Title")).to_be_visible(timeout=PATIENCE)
        await skip(page)
        before = await tab_to(page, "Title", MOST_TO_THE_TEXT)
        await page.keyboard.type(f"By keyboard {width}")
        after = await tab_to(page, "Text, in Markdown", 1)
        assert before + after <= MOST_TO_THE_TEXT
        await page.keyboard.type("Without a mouse.\n\n- one\ntwo\n")
        await page.keyboard.press("Enter")
        await page.keyboard.type("The end.")
        await tab_to(page, "Review and publish…")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Review and publish", timeout=PATIENCE)
        await skip(page)
        await tab_to(page, "Publish now")
        await page.keyboard.press("Enter")
        await expect(page.locator(".flash.done")).to_contain_text("Published.", timeout=PATIENCE)
        await skip(page)
        await tab_to(page, "See it as readers do")
        await page.keyboard.press("Enter")
        await expect(page.locator(".prose li")).to_have_text(["one", "two"], timeout=PATIENCE)
        await expect(page.locator(".prose p").last).to_have_text("The end.")
