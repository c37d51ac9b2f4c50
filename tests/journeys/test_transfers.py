"""An admin moves a blog in and out in a browser, without scripts and with them."""

import zipfile
from pathlib import Path
from typing import Any

from axe import NARROW, WIDE, complaints, width_of_contents
from live import Site
from playwright.async_api import Page, expect

SECONDS = 60_000


def packed(folder: Path) -> Path:
    file = folder / "old-site.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("old-site/2019-04-01-april.md", "---\ntitle: April in the old place\n---\nIt *rained*.\n")
        made.writestr("old-site/2019-05-01-may.md", "---\ntitle: May in the old place\n---\n![None](none.png)\n")
        made.writestr("old-site/broken.md", "---\ntitle: [\n---\nNo.\n")
    return file


async def sign_in(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/login?next=/admin/transfers")
    await page.get_by_label("E-mail address").fill("mei@example.org")
    await page.get_by_label("Password").fill("three green herons")
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_an_admin_looks_through_and_imports_a_zip_without_scripts(
    site: Site, window: Any, tmp_path: Path
) -> None:
    async with window(viewport=NARROW, java_script_enabled=False) as page:
        await sign_in(page, site)
        await page.get_by_label("File", exact=True).set_input_files(packed(tmp_path))
        await page.get_by_role("button", name="Dry run").click()
        # Without scripts the page loads itself anew, every five seconds.
        await expect(page.get_by_text("This was a dry run")).to_be_visible(timeout=SECONDS)
        await expect(page.locator("dl")).to_contain_text("imported2")
        await expect(page.get_by_role("region", name="Skipped")).to_contain_text("broken.md")
        await expect(page.get_by_role("region", name="Worth a look")).to_contain_text("none.png")
        await page.get_by_role("button", name="Import it now").click()
        await expect(page.get_by_text("This was a dry run")).to_have_count(0, timeout=SECONDS)
        await expect(page.get_by_text("Finished")).to_be_visible(timeout=SECONDS)
        await page.goto(f"{site.url}/posts/april")
        await expect(page.get_by_role("main")).to_contain_text("It rained.")


async def test_the_page_of_an_export_follows_it_by_itself(site: Site, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        await sign_in(page, site)
        await page.get_by_role("button", name="Export the public site").click()
        await expect(page.get_by_text("Time passed")).to_be_visible()
        assert await complaints(page) == []
        await expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=SECONDS)
        assert await complaints(page) == []
        assert await width_of_contents(page) <= NARROW["width"]
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download").click()
        with zipfile.ZipFile(await (await download.value).path()) as made:
            assert "index.html" in made.namelist()
            assert made.testzip() is None
