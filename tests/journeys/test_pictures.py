"""Pictures while one writes: a cover and pictures in the text, from the library or new, in a dialog or without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import samples
from axe import WIDE, complaints, width_of_contents
from live import Site
from playwright.async_api import Page, expect

PATIENCE = 60_000


def picture(folder: Path, name: str, colour: str) -> Path:
    path = folder / name
    path.write_bytes(samples.drawing(colour))
    return path


@pytest.fixture
def new_post(site: Site, window: Any) -> Any:
    """Open the editor for a new post as Mei: `async with new_post() as page`."""

    @asynccontextmanager
    async def open_editor(**how: Any) -> AsyncIterator[Page]:
        async with window(**how) as page:
            await page.goto(f"{site.url}/login?next=/studio/posts/new")
            await page.get_by_label("E-mail address").fill("mei@example.org")
            await page.get_by_label("Password").fill("three green herons")
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/studio/posts/new", wait_until="load")  # with its scripts
            yield page

    return open_editor


async def upload(page: Page, path: Path) -> None:
    async with page.expect_file_chooser() as asked:
        await page.get_by_role("button", name="Upload…").click()
    await (await asked.value).set_files(path)


async def test_a_cover_is_uploaded_and_chosen_again_in_the_dialog(new_post: Any, tmp_path: Path) -> None:
    async with new_post(viewport=WIDE) as page:
        await page.get_by_label("Title").fill("Covered herons")
        choose, dialog = page.get_by_role("button", name="Choose a picture…"), page.get_by_role("dialog")
        shown, alt = page.locator("[data-cover-shown]"), page.get_by_label("What the cover shows")
        await expect(shown).to_be_hidden()
        await choose.click()
        await upload(page, picture(tmp_path, "dawn.png", "gold"))
        await expect(dialog).to_be_hidden()
        await expect(shown).to_be_visible()
        await expect(shown).to_have_js_property("complete", True)
        await alt.fill("Gold over a pond")
        await expect(page.locator("[data-saving]")).to_contain_text("Saved", timeout=PATIENCE)
        await page.reload()
        await expect(shown).to_have_attribute("alt", "Gold over a pond")
        # Another picture from the library, found by its name; it brings its own words.
        await choose.click()
        await dialog.get_by_label("Name or description").fill("lighthouse")
        await expect(dialog.get_by_role("button", name="lighthouse")).to_have_count(1)
        assert await complaints(page) == []
        assert await width_of_contents(page) <= 320
        await dialog.get_by_role("button", name="lighthouse").click()
        await expect(alt).not_to_have_value("Gold over a pond")
        await expect(choose).to_be_focused()
        await page.get_by_role("button", name="Remove it").click()
        await expect(shown).to_be_hidden()
        await expect(alt).to_have_value("")
        await choose.click()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(choose).to_be_focused()
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("status").first).to_contain_text("Saved.")


async def test_the_toolbar_puts_a_picture_of_the_library_where_one_writes(new_post: Any, tmp_path: Path) -> None:
    async with new_post() as page:
        area, dialog = page.locator("#body"), page.get_by_role("dialog")
        await page.get_by_label("Title").fill("Herons in pictures")
        await area.fill("Before.\n\nAfter.")
        await area.evaluate("area => { area.focus(); area.setSelectionRange(7, 7) }")
        await page.keyboard.press("Control+Alt+p")
        await dialog.get_by_role("button", name="lighthouse").click()
        await expect(area).to_have_value(re.compile(r"^Before\.\n\n!\[[^\]]*\]\(/media/[\w.]+\)\n+After\.$"))
        await expect(area).to_be_focused()
        await area.fill("Anew.")
        await page.get_by_role("button", name="Picture", exact=True).click()
        await upload(page, picture(tmp_path, "night.png", "navy"))
        await expect(area).to_have_value(re.compile(r"^Anew\.\n\n!\[[^\]]*\]\(/media/[\w.]+\)\s*$"))
        await expect(page.locator("[data-saving]")).to_contain_text("Saved", timeout=PATIENCE)


async def test_without_scripts_the_cover_has_a_page_that_keeps_what_was_typed(new_post: Any, tmp_path: Path) -> None:
    async with new_post(java_script_enabled=False, viewport={"width": 360, "height": 740}) as page:
        await page.get_by_label("Text, in Markdown").fill("Typed before anything was saved.")
        await page.get_by_role("button", name="Choose a picture…").click()
        await expect(page.locator("h1")).to_have_text("Choose a cover")
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.get_by_label("Name or description").fill("lighthouse")
        await page.keyboard.press("Enter")
        await page.get_by_role("radio", name="lighthouse").check()
        await page.get_by_role("button", name="Use the chosen picture").click()
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Typed before anything was saved.")
        await expect(page.locator("[data-cover-shown]")).to_be_visible()
        await page.get_by_role("button", name="Choose a picture…").click()
        await page.get_by_label("File").set_input_files(picture(tmp_path, "dusk.png", "purple"))
        await page.get_by_label("What it shows, in words").fill("Purple")
        await page.get_by_role("button", name="Upload it as the cover").click()
        await expect(page.get_by_label("What the cover shows")).to_have_value("Purple")
        await page.get_by_label("Title").fill("Dusk")
        await page.get_by_role("button", name="Save and publish").click()
        await page.get_by_role("link", name="See it as readers do").click()
        await expect(page.get_by_alt_text("Purple")).to_be_visible()
