"""A real mail server on this machine, which takes what is sent to it, or does not."""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from live import free_port
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import begin_write
from blog.web.edge import Edge

SECONDS = 120.0
"""A wait ends when the letter comes; this is for the letter that never does."""


class Postbox:
    """Everything that arrived, whoever it was for; `answers` says what the server answers about an address."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrived: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: dict[str, str] = {}
        self.on_data: Any = None
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=blog@example.org"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="mail.test"), "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it so
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.on_data is not None:
            await self.on_data()
        content = envelope.content
        assert isinstance(content, bytes)
        async with self._changed:
            self.arrived.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]  # typed for old messages
            self.recipients.append(list(envelope.rcpt_tos))
            self._changed.notify_all()
        return "250 OK"

    async def wait(self, count: int = 1) -> EmailMessage:
        """Wait until so many have arrived in all; give the last of them."""
        async with asyncio.timeout(SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)
        assert len(self.arrived) == count, [message["subject"] for message in self.arrived]
        return self.arrived[-1]


@asynccontextmanager
async def postbox() -> AsyncIterator[Postbox]:
    box = Postbox()
    await box.open()
    try:
        yield box
    finally:
        await box.close()


@asynccontextmanager
async def writing(app: Edge) -> AsyncIterator[AsyncSession]:
    """Write behind the application's back while its sender is at work."""
    async with app.house.sessions() as db:
        await begin_write(db)
        yield db
        await db.commit()


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(message: EmailMessage, base_url: str = "http://127.0.0.1:8000") -> str:
    """Give the path of the secret link in a message; the text and the HTML have the same."""
    found = re.search(rf"{re.escape(base_url)}(/\S+/[\w-]{{20,}})", text_of(message))
    assert found, text_of(message)
    rich = message.get_body(("html",))
    assert rich is not None
    assert f'href="{base_url}{found[1]}"' in rich.get_content()
    return found[1]
