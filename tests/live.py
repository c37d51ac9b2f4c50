"""The blog as an operator runs it: its own process, a real port, a real database."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from blog.transfer.sample import SAMPLE

BLOG = Path(sys.executable).with_name("blog")
SECONDS_TO_START = 240
SECONDS_TO_ANSWER = 60
"""A busy machine takes long for what a quiet one does at once."""
ADMIN = {"name": "Mei Lin", "email": "mei@example.org", "password": "three green herons"}


@dataclass(frozen=True, slots=True)
class Site:
    """A blog that runs: where it is, the link that makes its first admin, and the environment for commands."""

    url: str
    setup: str
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def environment_for(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """Give the environment of an operator with only the settings that a test needs."""
    own = {"DATABASE_URL": database_url, "SECRET_KEY": "s" * 40, "MEDIA_URL": str(folder / "media")}
    return {**os.environ, **own, **more}


@asynccontextmanager
async def serving(environment: dict[str, str], ready: str) -> AsyncIterator[str]:
    """Serve a migrated database; gives the line with which the server says that it is ready."""
    server = await asyncio.create_subprocess_exec(
        BLOG, "serve", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert server.stdout
    line = ""
    while ready not in line:
        line = (await asyncio.wait_for(server.stdout.readline(), SECONDS_TO_START)).decode()
        assert line, "the server ended before it said where it is"
    said = asyncio.create_task(server.stdout.read())
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=10), timeout=SECONDS_TO_ANSWER) as visitor:
        assert (await visitor.get(f"{environment['BASE_URL']}/health/ready")).status_code == 200
    try:
        yield line
    finally:
        server.terminate()
        await server.wait()
    assert "Traceback" not in (await said).decode()


@asynccontextmanager
async def live_site(database_url: str, folder: Path, host: str = "127.0.0.1", **more: str) -> AsyncIterator[Site]:
    """Fill a migrated database with the sample and serve it on a free port; `host` is how it is called."""
    port = free_port()
    url = f"http://{host}:{port}"
    environment = environment_for(database_url, folder, BASE_URL=url, PORT=str(port), **more)
    filled = await asyncio.create_subprocess_exec(
        BLOG, "import", "markdown", SAMPLE, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await filled.wait() == 0
    async with serving(environment, "/setup") as line:
        yield Site(url, line[line.index("http") :].strip(), environment)


async def join(site: Site, name: str, role: str) -> None:
    """Give somebody an account as an operator does."""
    command = (BLOG, "user", "add", f"{name.lower()}@example.org", "--name", name, "--role", role, "--password-stdin")
    added = await asyncio.create_subprocess_exec(
        *command, env=site.environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    await added.communicate(b"three green herons")
    assert added.returncode == 0
