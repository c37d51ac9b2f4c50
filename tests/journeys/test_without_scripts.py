"""The whole desk in a browser that runs no scripts: a contributor and an editor, from the first word to an update."""

import re
from pathlib import Path
from typing import Any

import samples
from live import Site, join
from playwright.async_api import Page, expect

PHONE = {"width": 360, "height": 740}


async def sign_in(page: Page, site: Site, name: str) -> None:
    await page.goto(f"{site.url}/login")
    await page.get_by_label("E-mail address").fill(f"{name}@example.org")
    await page.get_by_label("Password").fill("three green herons")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_have_text("Desk")


def text(page: Page) -> Any:
    return page.get_by_label("Text, in Markdown")


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def told(page: Page, words: str) -> None:
    """See what the page says was done."""
    await expect(page.locator(".flash").first).to_contain_text(words)


async def upload(page: Page, site: Site, path: Path, alt: str) -> str:
    """Upload a picture to the library, and give what shows it in a text."""
    await page.goto(f"{site.url}/studio/media")
    await page.get_by_label("Files").set_input_files(path)
    await page.get_by_label("What it shows").fill(alt)
    await press(page, "Upload")
    await told(page, "Uploaded.")
    return await page.get_by_label(f"Markdown of {path.name}").input_value()


async def test_from_the_first_word_to_an_update(site: Site, window: Any, tmp_path: Path) -> None:
    await join(site, "Coco", "contributor")
    how = {"java_script_enabled": False, "viewport": PHONE}
    async with window(**how) as coco, window(**how) as mei, window(**how) as reader:
        await sign_in(coco, site, "coco")
        await sign_in(mei, site, "mei")

        # Written, with a picture, tags and a cover, and submitted.
        (tmp_path / "pond.png").write_bytes(samples.drawing("teal"))
        picture = await upload(coco, site, tmp_path / "pond.png", "A pond at dawn")
        await coco.goto(f"{site.url}/studio")
        await coco.get_by_role("link", name="Write a post").click()
        await coco.get_by_label("Title").fill("Herons without scripts")
        await text(coco).fill(f"They stand still.\n\n{picture}\n\nThe pond is cold.")
        await coco.get_by_label("Tags").fill("Birds, Ponds")
        await press(coco, "Choose a picture…")
        await coco.get_by_role("radio", name="pond.png").check()
        await press(coco, "Use the chosen picture")
        await press(coco, "Save")
        await told(coco, "Saved.")
        await expect(text(coco)).to_be_focused()
        address = coco.url.removesuffix("#body")
        await press(coco, "Save and submit for review")
        await told(coco, "Submitted for review.")

        # Looked at, commented on, and returned.
        await mei.goto(f"{site.url}/studio/reviews")
        await mei.get_by_role("link", name="Herons without scripts").click()
        await mei.get_by_role("link", name="Comment on paragraph 1", exact=True).click()
        await mei.get_by_label("Your comment on this paragraph").fill("All of them?")
        await press(mei, "Comment")
        await told(mei, "Your comment is there.")
        await mei.get_by_label("Note to the authors").fill("Please say how cold.")
        await press(mei, "Return with this note")
        await told(mei, "Returned to its authors.")

        # Revised in two windows at once: what clashes is chosen.
        await coco.goto(address)
        await expect(coco.locator(".note")).to_contain_text("Please say how cold.")
        other = await coco.context.new_page()
        await other.goto(address)
        await text(coco).fill(f"Most of them stand still.\n\n{picture}\n\nThe pond is as cold as iron.")
        await press(coco, "Save")
        await text(other).fill(f"They stand still.\n\n{picture}\n\nThe pond is as cold as glass.")
        await press(other, "Save")
        await expect(other.locator("h1")).to_have_text("Somebody changed the same words")
        await other.get_by_label("Yours").check()
        await press(other, "Save")
        await expect(text(other)).to_have_value(re.compile(r"^Most of them[\s\S]*cold as glass\.\s*$"))
        await other.close()

        # An earlier version is looked at and restored.
        await coco.goto(address)
        await coco.get_by_role("link", name="Earlier versions").click()
        versions = coco.locator(".past > li")
        await versions.nth(1).get_by_role("link").click()
        await expect(coco.locator(".words ins").first).to_be_visible()
        await coco.go_back()
        await versions.nth(1).get_by_role("button", name="Restore").click()
        await told(coco, "Restored.")
        await expect(text(coco)).to_have_value(re.compile(r"cold as iron\.\s*$"))
        await press(coco, "Review and submit…")
        await press(coco, "Submit for review")
        await told(coco, "Submitted for review.")

        # Scheduled, found in the calendar, and published after all.
        await mei.goto(f"{site.url}/studio/reviews")
        await mei.get_by_role("link", name="Herons without scripts").click()
        await mei.get_by_role("link", name="Review and publish…").click()
        await mei.get_by_label("Publish at").fill("2099-05-01T09:00")
        await press(mei, "See what these times mean")
        await press(mei, "Schedule")
        await told(mei, "Scheduled.")
        await expect(mei.locator(".state")).to_contain_text("Scheduled for May 1, 2099")
        assert await mei.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await mei.goto(f"{site.url}/studio/calendar?month=2099-05")
        await expect(mei.get_by_role("link", name="Herons without scripts")).to_be_visible()
        assert (await reader.goto(f"{site.url}/posts/herons-without-scripts")).status == 404
        await mei.goto(address)
        await press(mei, "Review and publish…")
        await mei.get_by_label("Publish at").fill("")
        await press(mei, "See what these times mean")
        await press(mei, "Publish now")
        await told(mei, "Published.")
        await reader.goto(f"{site.url}/posts/herons-without-scripts")
        await expect(reader.locator(".prose")).to_contain_text("The pond is as cold as iron.")
        await expect(reader.locator(".prose img")).to_have_attribute("alt", "A pond at dawn")

        # Changed so that nobody sees it; then some of it is discarded, and the rest updated.
        await text(mei).fill("They fly.")
        await press(mei, "Save")
        await told(mei, "Readers see nothing of it")
        await expect(mei.locator("[data-unseen]")).to_contain_text("Unpublished changes")
        await press(mei, "Discard changes")
        await told(mei, "Discarded.")
        await expect(text(mei)).to_have_value(re.compile("cold as iron"))
        await text(mei).fill(f"They fly.\n\n{picture}")
        await press(mei, "Review and update…")
        await mei.get_by_role("link", name="see what changed").click()
        await expect(mei.locator(".words ins").first).to_contain_text("fly")
        await mei.go_back()
        await press(mei, "Update")
        await reader.reload()
        await expect(reader.locator(".prose")).to_contain_text("They fly.")

        for page in (coco, mei):
            for path in ("/studio", "/studio/posts", "/studio/news"):
                await page.goto(site.url + path)
                assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
