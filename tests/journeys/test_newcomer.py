"""From the printed link to a published post and beyond, in a browser that runs no scripts."""

import re
from typing import Any

import pytest
from live import Site
from playwright.async_api import Page, expect

PASSWORD = "three green herons"


async def sign_in(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/login")
    await page.get_by_label("E-mail address").fill("mei@example.org")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def write(page: Page, site: Site) -> None:
    await sign_in(page, site)
    await page.get_by_role("link", name="Write a post").click()


async def test_the_first_admin_writes_publishes_and_finds_the_post_on_the_feed(new_site: Site, window: Any) -> None:
    site = new_site
    async with window(java_script_enabled=False) as page:
        await page.goto(site.setup)
        await page.get_by_label("Name of the publication").fill("Field Notes")
        await page.get_by_label("Your name").fill("Mei Lin")
        await page.get_by_label("E-mail address").fill("mei@example.org")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Make the first admin").click()
        await page.get_by_role("link", name="Write the first post").click()
        await page.get_by_label("Title").fill("A heron on the pond")
        await page.get_by_label("Text, in Markdown").fill("It stood **still** for an hour.")
        await page.get_by_label("Tags").fill("Birds, Ponds")
        await page.get_by_role("button", name="Save and publish").click()
        await expect(page.get_by_role("status").first).to_contain_text("Published")
        await page.get_by_role("link", name="See it as readers do").click()
        await expect(page.locator("h1")).to_have_text("A heron on the pond")
        await expect(page.locator(".prose strong")).to_have_text("still")
        await page.get_by_role("link", name="Field Notes").first.click()
        first = page.locator("article").first
        await expect(first.locator("h2")).to_have_text("A heron on the pond")
        await expect(first).to_contain_text("Mei Lin")
        await first.get_by_role("link", name="Birds").click()
        await expect(page.locator("h1")).to_have_text("Birds")
        await page.goto(f"{site.url}/studio/posts")
        await page.get_by_role("button", name="Sign out").click()
        await page.goto(f"{site.url}/studio/posts")
        await expect(page).to_have_url(re.compile("/login"))
        await sign_in(page, site)
        await expect(page.get_by_role("link", name="A heron on the pond")).to_be_visible()
        assert (await page.goto(site.setup)).status == 404


async def test_two_windows_save_one_post_and_nothing_is_lost(site: Site, window: Any) -> None:
    async with window(java_script_enabled=False) as page:
        await write(page, site)
        await page.get_by_label("Title").fill("Ours")
        await page.get_by_label("Text, in Markdown").fill("The first line.")
        await page.get_by_role("button", name="Save", exact=True).click()
        other = await page.context.new_page()
        await other.goto(page.url)
        await page.get_by_label("Text, in Markdown").fill("The first line.\n\nA line from the first window.")
        await page.get_by_role("button", name="Save", exact=True).click()
        await other.get_by_label("Text, in Markdown").fill("The first line.\n\nA line from the other window.")
        await other.get_by_role("button", name="Save", exact=True).click()
        await expect(other.locator("h1")).to_have_text("Somebody changed the same words")
        await expect(other.locator(".words")).to_contain_text(["A line from the other window."])
        await expect(other.get_by_text("A line from the first window.")).to_be_visible()
        await other.get_by_label("Both, one after the other").check()
        await other.get_by_role("button", name="Save", exact=True).click()
        text = other.get_by_label("Text, in Markdown")
        for line in ("The first line.", "A line from the first window.", "A line from the other window."):
            await expect(text).to_have_value(re.compile(re.escape(line)))


async def test_what_was_typed_survives_a_refused_form(site: Site, window: Any) -> None:
    async with window(java_script_enabled=False) as page:
        await write(page, site)
        await page.get_by_label("Title").fill("Kept")
        await page.get_by_label("Text, in Markdown").fill("Every word of this.")
        await page.get_by_label("Co-authors").fill("nobody-of-that-name")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("nobody-of-that-name")
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Every word of this.")
        await expect(page.get_by_label("Co-authors")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_fits_a_small_window(site: Site, window: Any, scheme: str) -> None:
    async with window(viewport={"width": 320, "height": 640}, color_scheme=scheme) as page:
        await page.goto(site.url)
        posts = await page.locator("article h2 a").evaluate_all("links => links.map(link => link.href)")
        await sign_in(page, site)
        desk = [f"{site.url}{path}" for path in ("/studio/posts", "/studio/posts/new", "/studio/posts/1", "/studio/media",
                "/admin/users", "/admin/redirects", "/admin/site", "/admin/permissions", "/admin/events", "/account", "/account/sessions")]  # fmt: skip
        for address in [site.url, f"{site.url}/tags", f"{site.url}/nothing", *posts, *desk]:
            await page.goto(address)
            assert await page.evaluate("document.documentElement.scrollWidth") == 320, address
            assert await page.locator("h1").count() == 1, address


async def test_the_keyboard_alone_is_enough(site: Site, window: Any) -> None:
    async with window() as page:
        await page.goto(site.url)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Skip to the text"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('article') !== null")
        await page.goto(f"{site.url}/login")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("mei@example.org")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Desk")


HOSTILE = """<img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)></svg>

[a link](javascript:alert(4)) <a href="javascript:alert(5)">another</a> <iframe srcdoc="<script>alert(6)</script>"></iframe>

<details open ontoggle=alert(7)><summary>x</summary></details><style>body { display: none }</style>

```<img src=x onerror=alert(8)>
code
```
"""


async def test_a_hostile_text_acts_nowhere(site: Site, window: Any) -> None:
    async with window() as page:
        await write(page, site)
        await page.get_by_label("Title").fill("<img src=x onerror=alert(9)>")
        await page.get_by_label("Text, in Markdown").fill(HOSTILE)
        await page.get_by_label("Tags").fill("<script>alert(10)</script>")
        await page.get_by_label("Excerpt").fill("</p><script>alert(11)</script>")
        await page.get_by_role("button", name="Save and publish").click()
        await expect(page.get_by_role("status").first).to_contain_text("Published")
        await page.get_by_role("link", name="See it as readers do").click()
        for link in await page.locator(".prose a").all():
            if await link.is_visible() and await link.get_attribute("href"):
                assert not (await link.get_attribute("href") or "").startswith("javascript")
        assert await page.locator("main script, main iframe, main style, main [onerror], main [ontoggle]").count() == 0
        for path in ("/", "/tags", "/studio/posts", "/admin/events"):
            await page.goto(site.url + path)
            assert await page.locator("main script, main [onerror]").count() == 0
