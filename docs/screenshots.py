"""Makes the pictures of the documentation: serves the sample from a scratch folder and photographs it in Chromium.

Run it with `make screenshots`; it needs the test requirements and Chromium.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from live import BLOG, Site, live_site  # noqa: E402 - it stands in the tests' folder

ADMIN = {"site_title": "Field Notes", "name": "Mei Lin", "email": "mei@example.org", "password": "three green herons"}
PICTURES = [
    ("feed", "/", "light", 1280),
    ("post", "/posts/everything-in-one-post", "light", 1280),
    ("post-small", "/posts/a-lighthouse-in-forty-lines", "dark", 360),
    ("editor", "/studio/posts/10", "light", 1280),
    ("permissions", "/admin/permissions", "light", 1280),
]


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite+aiosqlite:///{scratch}/blog.db"
        subprocess.run([BLOG, "migrate"], env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "s" * 40}, check=True)
        async with live_site(url, Path(scratch)) as site, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            session = await set_up(site)
            for name, path, scheme, width in PICTURES:
                await photograph(browser, site.url + path, session, scheme, width, HERE / "images" / f"{name}.png")
            await browser.close()


async def set_up(site: Site) -> str:
    """Make the first admin and give their session."""
    async with httpx.AsyncClient() as visitor:
        await visitor.post(f"{site.url}/setup", data=ADMIN | {"token": site.setup.split("token=")[1]})
        return visitor.cookies["session"]


async def photograph(browser: Browser, url: str, session: str, scheme: str, width: int, to: Path) -> None:
    height = 800 if width > 600 else 720
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    await context.add_cookies([{"name": "session", "value": session, "url": url}])
    page = await context.new_page()
    await page.goto(url)
    await page.screenshot(path=to)
    await context.close()
    print(to.relative_to(HERE.parent))


if __name__ == "__main__":
    asyncio.run(main())
