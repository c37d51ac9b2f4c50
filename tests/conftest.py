"""The stage: two real databases, each migrated once; a test runs inside a transaction that is rolled back.

PostgreSQL comes from a wheel and is started here, so no service is needed. Tests of what only separate connections
can show (races, failed commits, imports) take `sessions` or `fresh_app`, which have a new database of their own.
"""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import cast
import httpx
import hypothesis
import pytest
import pytest_asyncio
from browser import Browser
from cast import Clock
from servers import PGBOUNCER
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from wheel import postgresql_server

from blog.app import create_app
from blog.database import Sessions, make_engine, make_sessions
from blog.settings import ROOT, Settings
from blog.web.edge import Edge
from blog.web.pages import LIMIT

# How long an example takes says only what else the machine does.
hypothesis.settings.register_profile("suite", deadline=None)
# For what is dear to try: pytest --hypothesis-profile=thorough tests/transfer/test_archive.py
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("suite")

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
DATABASES = ["sqlite", "postgresql"]
collect_ignore_glob = [] if CHROMIUM else ["journeys/*"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CHROMIUM is None:
        terminalreporter.write_line("The browser journeys were left out: there is no Chromium on this machine.")
    if PGBOUNCER is None:
        terminalreporter.write_line("The test behind a pooler was left out: there is no PgBouncer on this machine.")


@dataclass(frozen=True, slots=True)
class Bucket:
    """An empty bucket of a local server that speaks S3."""

    endpoint: str
    name: str

    def settings(self, prefix: str = "", **more: Any) -> Settings:
        url = f"s3://{self.name}/{prefix}" if prefix else f"s3://{self.name}"
        return Settings(media_url=url, **self.access, **more)

    @property
    def access(self) -> dict[str, str]:
        return {"aws_endpoint_url": self.endpoint, "aws_access_key_id": "key", "aws_secret_access_key": "secret"}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A server that speaks S3; gives its address."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, tmp_path: Path) -> Bucket:
    name = f"bucket-{sha256(str(tmp_path).encode()).hexdigest()[:20]}"
    assert httpx.put(f"{s3}/{name}", timeout=60).status_code == 200
    return Bucket(s3, name)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blog")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own; gives the folder of its socket. What it holds need not outlive a power cut."""
    with postgresql_server() as server:
        folder = server.get_uri().split("host=")[1]
        for setting in ("fsync", "full_page_writes"):
            administer(folder, f"ALTER SYSTEM SET {setting} = off")
        administer(folder, "SELECT pg_reload_conf()")
        yield folder


def migrate(url: str) -> None:
    """Bring a database to the newest schema with plain Alembic, as an operator may."""
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "k" * 40}
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=ROOT, env=environment, check=True)


def postgresql_url(folder: str, name: str) -> str:
    return f"postgresql+asyncpg://postgres:@/{name}?host={folder}"


def administer(folder: str, statement: str) -> None:
    async def run() -> None:
        engine = create_async_engine(postgresql_url(folder, "postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def templates(scratch: Path) -> dict[str, str]:
    """The migrated, empty databases that others are copied from, made when first asked for."""
    return {}


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest, scratch: Path, templates: dict[str, str]) -> str:
    """Which database this test runs on; makes its template first."""
    kind: str = request.param
    if kind not in templates:
        if kind == "sqlite":
            templates[kind] = f"sqlite+aiosqlite:///{scratch}/template.db"
        else:
            folder = request.getfixturevalue("postgresql")
            administer(folder, "CREATE DATABASE template_blog")
            templates[kind] = postgresql_url(folder, "template_blog")
        migrate(templates[kind])
    return kind


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest, scratch: Path, templates: dict[str, str]) -> Any:
    """Make a copy of the empty migrated database and give its URL."""
    made: list[int] = []

    def copy(kind: str) -> str:
        made.append(1)
        name = f"blog_{len(made)}"
        if kind == "sqlite":
            shutil.copy(scratch / "template.db", scratch / f"{name}.db")
            return f"sqlite+aiosqlite:///{scratch}/{name}.db"
        folder = request.getfixturevalue("postgresql")
        administer(folder, f"CREATE DATABASE {name} TEMPLATE template_blog STRATEGY file_copy")
        return postgresql_url(folder, name)

    return copy


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(database_url=url, secret_key="s" * 40, base_url="http://127.0.0.1:8000", media_url=str(folder))


@asynccontextmanager
async def running(app: Edge) -> AsyncIterator[Edge]:
    """Keep the application started. Its start and stop must happen in one task, which fixtures do not promise."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with app.app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(run())
    await started.wait()
    yield app
    stop.set()
    await task


@pytest_asyncio.fixture(scope="session")
async def stage(database: str, copies: Any, scratch: Path) -> AsyncIterator[tuple[Edge, AsyncEngine, Sessions, Clock]]:
    """The application over a database in which the cast is present; shared by all tests of one database.

    It waits for its database however long: to give up would break the connection that all of a test goes through.
    """
    settings = settings_for(await asyncio.to_thread(copies, database), scratch / f"media-{database}")
    engine = make_engine(settings)
    clock = Clock()
    async with make_sessions(engine)() as db:
        await cast.enter(db, clock())
        await db.commit()
    sessions = async_sessionmaker(expire_on_commit=False, join_transaction_mode="create_savepoint")
    # Nothing is kept here, nor written by itself: these tests write into the database behind the application's back.
    app = create_app(settings, engine=engine, sessions=sessions, clock=clock, kept_bytes=0, flush_seconds=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("blog.web.state.LOOK_SECONDS", None)
        async with running(app):
            yield app, engine, sessions, clock
    await engine.dispose()


@pytest_asyncio.fixture
async def scene(stage: tuple[Edge, AsyncEngine, Sessions, Clock]) -> AsyncIterator[None]:
    """One test's transaction; whatever it does is undone."""
    app, engine, sessions, clock = stage
    async with engine.connect() as plain:
        connection = await plain.execution_options(sqlite_begin="IMMEDIATE")
        transaction = await connection.begin()
        sessions.configure(bind=connection)
        app.house.forget_site()
        yield
        clock.reset()
        await transaction.rollback()


@pytest.fixture
def app(stage: tuple[Edge, AsyncEngine, Sessions, Clock], scene: None) -> Edge:
    return stage[0]


@pytest.fixture
def clock(stage: tuple[Edge, AsyncEngine, Sessions, Clock]) -> Clock:
    return stage[3]


@pytest_asyncio.fixture
async def db(stage: tuple[Edge, AsyncEngine, Sessions, Clock], scene: None) -> AsyncIterator[AsyncSession]:
    async with stage[2]() as session:
        yield session


@pytest.fixture
def browse(app: Edge) -> Any:
    """Open a browser: `browse()` for anybody, `browse("anna")` for somebody signed in."""
    opened: list[Browser] = []

    def open_browser(who: str | None = None) -> Browser:
        browser = Browser(app, who)
        opened.append(browser)
        return browser

    return open_browser


@pytest.fixture
def statements(app: Edge, db: AsyncSession) -> Any:
    """Do something and list the statements that it took: `await statements(lambda: browse().get("/"))`."""

    async def done(work: Any) -> list[str]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                seen.append(statement)

        connection = (await db.connection()).sync_connection
        app.house._looked_at = float("inf")  # what is looked at once a second is not part of a page
        event.listen(connection, "before_cursor_execute", note)
        await work()
        event.remove(connection, "before_cursor_execute", note)
        app.house.forget_site()
        return seen

    return done


@pytest_asyncio.fixture
async def sessions(database: str, copies: Any) -> AsyncIterator[Sessions]:
    """A new migrated database, with real commits and many connections."""
    engine = make_engine(Settings(database_url=await asyncio.to_thread(copies, database), secret_key="s" * 40))
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
def fresh_app(database: str, copies: Any, tmp_path: Path) -> Any:
    """Make an application over a new database: `async with fresh_app() as app`, with the cast unless told otherwise."""

    @asynccontextmanager
    async def make(*, with_cast: bool = True, kept_bytes: int = LIMIT, **changes: Any) -> AsyncIterator[Edge]:
        url = await asyncio.to_thread(copies, database)
        settings = replace(settings_for(url, tmp_path / "media"), **changes)
        engine = make_engine(settings)
        clock = Clock()
        if with_cast:
            async with make_sessions(engine)() as db:
                await cast.enter(db, clock())
                await db.commit()
        app = create_app(settings, engine=engine, clock=clock, kept_bytes=kept_bytes)
        try:
            async with running(app):
                yield app
        finally:
            await engine.dispose()

    return make
