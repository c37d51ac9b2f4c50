"""A real browser in front of a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import CHROMIUM
from live import ADMIN, SECONDS_TO_ANSWER, Site, live_site
from playwright.async_api import Browser, Page, async_playwright, expect

PATIENCE = 60_000
"""Milliseconds: a busy machine takes long for what a quiet one does at once."""
expect.set_options(timeout=PATIENCE)


@pytest_asyncio.fixture
async def new_site(database: str, copies: Any, tmp_path: Path) -> AsyncIterator[Site]:
    """A site that was started for the first time."""
    async with live_site(await asyncio.to_thread(copies, database), tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def site(database: str, copies: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site that Mei set up; the journeys on one database share it."""
    folder = tmp_path_factory.mktemp("site")
    async with live_site(await asyncio.to_thread(copies, database), folder) as running:
        async with httpx.AsyncClient(timeout=SECONDS_TO_ANSWER) as visitor:
            form = ADMIN | {"site_title": "Field Notes", "token": running.setup.split("token=")[1]}
            assert (await visitor.post(f"{running.url}/setup", data=form)).status_code == 303
        yield running


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def window(chromium: Browser) -> Any:
    """Open a window with cookies of its own; whatever its pages complain about fails the test."""

    @asynccontextmanager
    async def open_window(*, on_dialog: Any = None, **how: Any) -> AsyncIterator[Page]:
        context = await chromium.new_context(**how)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", on_dialog or (lambda dialog: complaints.append(f"a dialog: {dialog.message}")))
        yield page
        # Chromium calls every answer from 400 up an error; those are met on purpose here.
        assert [text for text in complaints if not text.startswith("Failed to load resource")] == []
        await context.close()

    return open_window
