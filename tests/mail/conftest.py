"""An application that sends its mail to a server of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from postbox import Postbox, postbox


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as opened:
        yield opened


@pytest.fixture
def mailing_app(fresh_app: Any, box: Postbox) -> Any:
    """Make an application that has mail: `async with mailing_app() as app`."""

    @asynccontextmanager
    async def make(**changes: Any) -> AsyncIterator[Any]:
        async with fresh_app(smtp_url=box.url, **changes) as app:
            yield app

    return make


@pytest.fixture
def still_app(mailing_app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make an application whose sender stands still: the test says when it makes its round."""

    @asynccontextmanager
    async def nothing(_: Any) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr("blog.app.sending", lambda *_: nothing)
    return mailing_app
