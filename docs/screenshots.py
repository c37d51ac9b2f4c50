"""Makes the pictures of the documentation: serves the sample from a scratch folder and photographs it in Chromium.

Run it with `make screenshots`; it needs the test requirements and Chromium.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import httpx
from playwright.async_api import Browser, StorageState, async_playwright

from blog.web.views import FLUSH_SECONDS

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from live import BLOG, Site, live_site  # noqa: E402 - it stands in the tests' folder

ADMIN = {
    "Name of the publication": "Field Notes",
    "Your name": "Mei Lin",
    "E-mail address": "mei@example.org",
    "Password": "three green herons",
}
PICTURES = [
    ("feed", "/", "light", 1280),
    ("post", "/posts/everything-in-one-post", "light", 1280),
    ("post-small", "/posts/a-lighthouse-in-forty-lines", "dark", 360),
    ("editor", "/studio/posts/10", "light", 1280),
    ("review", "/studio/posts/10/publication", "light", 1280),
    ("dashboard", "/admin", "light", 1280),
    ("permissions", "/admin/permissions", "light", 1280),
]
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
READERS = 40


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite+aiosqlite:///{scratch}/blog.db"
        subprocess.run([BLOG, "migrate"], env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "s" * 40}, check=True)
        async with live_site(url, Path(scratch)) as site, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            signed_in = await set_up(browser, site)
            await read(site)
            for name, path, scheme, width in PICTURES:
                to = HERE / "images" / f"{name}.png"
                await photograph(browser, site.url + path, signed_in, scheme, width, to)
            await browser.close()


async def set_up(browser: Browser, site: Site) -> StorageState:
    """Make the first admin and give what their browser keeps."""
    page = await browser.new_page()
    await page.goto(site.setup)
    for label, words in ADMIN.items():
        await page.get_by_label(label).fill(words)
    await page.get_by_role("button", name="Make the first admin").click()
    await page.wait_for_url("**/studio")
    return await page.context.storage_state()


async def read(site: Site) -> None:
    """Read some posts, some of them more often, so that there are views to show, and wait until they are counted."""
    async with httpx.AsyncClient(headers=BROWSER) as reader:
        posts = re.findall(r'href="(/posts/[^"]+)"', (await reader.get(site.url)).text)
        for number in range(READERS):
            await reader.get(site.url + posts[number * number % len(posts)])
    await asyncio.sleep(FLUSH_SECONDS + 1)


async def photograph(
    browser: Browser, url: str, signed_in: StorageState, scheme: Literal["light", "dark"], width: int, to: Path
) -> None:
    height = 800 if width > 600 else 720
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=signed_in
    )
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=to)
    await context.close()
    print(to.relative_to(HERE.parent))


if __name__ == "__main__":
    asyncio.run(main())
