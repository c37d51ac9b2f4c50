"""What axe-core (WCAG 2.2 AA and best practice) finds on a page, light and dark, and whether it fits 320 pixels."""

import json

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}


async def complaints(page: Page, **more: object) -> list[str]:
    """Run axe in the light and, for what depends on colours, in the dark."""
    found = []
    for scheme, options in (
        ("light", {"resultTypes": ["violations"]}),
        ("dark", {"resultTypes": ["violations"], "runOnly": ["cat.color"]}),
    ):
        await page.emulate_media(color_scheme=scheme)
        results = await Axe().run(page, options=options | more)
        for broken in results.response["violations"]:
            places = [" ".join(map(str, node["target"])) for node in broken["nodes"][:3]]
            found.append(f"{scheme}: {broken['id']}: {json.dumps(places)}")
    return found


async def fine(page: Page) -> None:
    """Look at a page with axe, and on a small phone."""
    assert await complaints(page) == [], page.url
    assert await width_of_contents(page) <= NARROW["width"], page.url


async def width_of_contents(page: Page) -> int:
    await page.set_viewport_size(NARROW)
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    await page.set_viewport_size(WIDE)
    return width
