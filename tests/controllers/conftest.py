"""What several tests of controllers stand on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from office import Office, yard_of


@pytest_asyncio.fixture
async def office(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr("blog.app.LOOK_FOR_JOBS_SECONDS", 0)
    async with fresh_app() as app:
        yield Office(app, yard_of(app))
