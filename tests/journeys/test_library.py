"""The library in a browser: many files with their progress, and everything without scripts too."""

from pathlib import Path
from typing import Any

import samples
from live import Site
from playwright.async_api import Page, expect

PASSWORD = "three green herons"


async def library(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/login?next=/studio/media")
    await page.get_by_label("E-mail address").fill("mei@example.org")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/studio/media", wait_until="load")  # with its script


def files_in(folder: Path, **contents: bytes) -> list[Path]:
    paths = [folder / name.replace("_", ".") for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    return paths


async def test_each_of_many_files_tells_how_it_goes(site: Site, window: Any, tmp_path: Path) -> None:
    async with window() as page:
        await library(page, site)
        paths = files_in(tmp_path, heron_png=samples.drawing("teal"), broken_pdf=b"%PDF-1.7", talk_mp3=samples.mp3())
        await page.get_by_label("Files").set_input_files(paths)
        await page.get_by_role("button", name="Upload").click()
        lines = page.locator("[data-progress] li")
        await expect(lines.nth(0)).to_have_text("heron.pnguploaded")
        await expect(lines.nth(1)).to_have_text("broken.pdfThe PDF is broken: its end is missing.")
        await expect(lines.nth(2)).to_have_text("talk.mp3uploaded")
        await page.get_by_role("link", name="Show the uploaded files").click()
        await expect(page.locator(".file-name").first).to_have_text("talk.mp3")
        await page.wait_for_load_state("load")
        await page.get_by_label("Files").set_input_files(files_in(tmp_path, film_mp4=samples.mp4(bulk=2_000_000)))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.locator(".file-name").first).to_have_text("film.mp4")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_picture_goes_its_way_without_scripts(site: Site, window: Any, tmp_path: Path) -> None:
    async with window(java_script_enabled=False, viewport={"width": 360, "height": 740}) as page:
        await library(page, site)
        hills = samples.photograph((900, 450))
        await page.get_by_label("Files").set_input_files(files_in(tmp_path, hills_jpg=hills, sea_png=samples.drawing()))
        await page.get_by_label("What it shows").fill("Green hills")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_contain_text("Uploaded.")
        await page.get_by_role("link", name="hills.jpg").click()
        await expect(page.get_by_alt_text("Green hills")).to_be_visible()
        await page.get_by_role("button", name="Put the focal point here").click(position={"x": 216, "y": 12})
        await expect(page.get_by_label("From the left")).to_have_value("90")
        await expect(page.get_by_label("From the top")).to_have_value("10")
        await expect(page.locator(".crop")).to_have_css("object-position", "90% 10%")
        await page.get_by_label("Name").fill("Hills in May")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("h1")).to_have_text("Hills in May")
        address = await page.get_by_label("Its address").input_value()
        await page.get_by_label("New file").set_input_files(files_in(tmp_path, new_png=samples.drawing("coral")))
        await page.get_by_role("button", name="Replace the file").click()
        await expect(page.get_by_role("status")).to_contain_text("Replaced.")
        assert await page.get_by_label("Its address").input_value() == address
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.get_by_text("Delete for good").click()
        await page.get_by_role("button", name="Delete the file").click()
        await expect(page.get_by_role("status")).to_contain_text("The file is deleted.")


async def test_sound_and_film_and_documents_open_by_themselves(site: Site, window: Any, tmp_path: Path) -> None:
    async with window(java_script_enabled=True) as page:
        await library(page, site)
        await page.get_by_label("Files").set_input_files(files_in(tmp_path, wave_wav=samples.wav(2)))
        await page.get_by_role("button", name="Upload").click()
        await page.get_by_role("link", name="wave.wav").click()
        sound = page.locator("audio")
        await expect(sound).to_have_js_property("duration", 2)
        await page.goto(site.url + (await page.get_by_label("Its address").input_value()))
        await expect(page.locator("video, audio")).to_have_js_property("duration", 2)
