"""What only a database server can do to us: go away, and come back."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import cast
import httpx
import pytest
from browser import Browser
from conftest import migrate, postgresql_url, running, settings_for
from servers import PGBOUNCER, Server, hosts, pooled, servers
from wheel import postgresql_server

from blog.app import create_app
from blog.database import make_engine
from blog.settings import read_settings
from blog.web.edge import Edge


async def test_while_postgresql_is_away_pages_say_so_and_afterwards_all_is_well(tmp_path: Path) -> None:
    with postgresql_server() as server:
        url = postgresql_url(server.get_uri().split("host=")[1], "postgres")
        migrate(url)
        settings = settings_for(url, tmp_path / "media")
        engine = make_engine(settings)
        async with running(create_app(settings, engine=engine)) as app:
            browser = Browser(app)
            assert (await browser.get("/")).status_code == 200
            process = server.get_postmaster_info().process
            process.send_signal(signal.SIGINT)  # its fast shutdown: connections are cut
            process.wait(20)
            assert (await browser.get("/")).status_code == 200, "what is kept is still shown"
            for path in ("/tags", "/feed.xml", "/health/ready"):
                answer = await browser.get(path)
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            assert (await browser.get("/health/live")).status_code == 200
            refused = await browser.post("/login", {"email": "a@example.org", "password": "words"})
            assert refused.status_code == 503
            server.start()
            for path in ("/", "/feed.xml", "/health/ready"):
                assert (await browser.get(path)).status_code == 200
        await engine.dispose()


@asynccontextmanager
async def blog_on(url: str, folder: Path, replica: str = "") -> AsyncIterator[Edge]:
    """Run the application with the cast on a server of its own."""
    settings = read_settings(
        {"DATABASE_URL": url, "DATABASE_REPLICA_URL": replica, "SECRET_KEY": "s" * 40, "MEDIA_URL": str(folder)}
    )
    await asyncio.to_thread(migrate, url)
    app = create_app(settings)
    async with app.house.sessions() as db:
        await cast.enter(db, datetime.now(UTC))
        await db.commit()
    async with running(app):
        yield app


async def publish(browser: Browser, title: str) -> None:
    answer = await browser.save(title=title, body="Words.", then="publish")
    assert answer.status_code == 303, answer.text


async def eventually(browser: Browser, path: str, status: int) -> httpx.Response:
    """Ask again, as a reader does who is told to come back."""
    for _ in range(100):
        answer = await browser.get(path)
        if answer.status_code == status:
            return answer
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True), answer.text
        await asyncio.sleep(0.2)
    raise AssertionError(f"{path} never answered {status}")


async def test_visitors_read_from_the_replica_and_never_an_older_page_than_there_was(tmp_path: Path) -> None:
    with servers(standbys=1) as (primary, standby):
        async with blog_on(primary.url, tmp_path, replica=standby.url) as app:
            anna, visitor = Browser(app, "anna"), Browser(app)
            await publish(anna, "Before")
            standby.catch_up(primary)
            assert "Before" in (await visitor.get("/")).text
            standby.sql("SELECT pg_wal_replay_pause()")
            await publish(anna, "Since")
            assert "Since" in (await anna.get("/")).text
            assert "Since" in (await visitor.get("/")).text, "the replica is behind, so the primary answers"
            standby.sql("SELECT pg_wal_replay_resume()")
            standby.catch_up(primary)
            primary.kill()
            assert "Since" in (await visitor.get("/posts/since")).text, "the replica answers while the primary is away"
            assert (await anna.get("/studio/posts")).status_code == 503
            primary.start()
            await eventually(anna, "/studio/posts", 200)
            standby.kill()
            assert (await visitor.get("/tags")).status_code == 200, "the primary answers while the replica is away"


async def test_of_several_hosts_the_one_that_may_be_written_to_is_found_again_after_a_failover(tmp_path: Path) -> None:
    with servers(standbys=1) as (primary, standby):
        async with blog_on(hosts([standby, primary]), tmp_path) as app:
            anna, visitor = Browser(app, "anna"), Browser(app)
            await publish(anna, "On the first")
            assert "On the first" in (await visitor.get("/")).text
            standby.catch_up(primary)
            primary.kill()
            assert (await anna.get("/studio/posts")).status_code == 503
            assert "On the first" in (await visitor.get("/")).text, "what is kept is still shown"
            standby.promote()
            await eventually(anna, "/studio/posts", 200)
            await publish(anna, "On the second")
            assert "On the second" in (await visitor.get("/")).text


async def test_a_connection_that_broke_or_a_transaction_that_was_undone_is_tried_again(tmp_path: Path) -> None:
    with servers() as (server,):
        async with blog_on(server.url, tmp_path) as app:
            anna, visitor = Browser(app, "anna"), Browser(app)
            assert (await visitor.get("/")).status_code == 200
            assert (await anna.get("/studio/posts")).status_code == 200
            server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'blog'")
            assert (await visitor.get("/archive")).status_code == 200
            assert (await anna.get("/studio/posts")).status_code == 200
            server.sql("CREATE SEQUENCE tries")
            server.sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') <= 2 THEN "
                "RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$"
            )
            server.sql("CREATE TRIGGER refuse BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION refuse()")
            await publish(anna, "Third time lucky")
            assert "Third time lucky" in (await visitor.get("/")).text
            assert server.sql("SELECT count(*) FROM posts WHERE title = 'Third time lucky'").strip() == "1"


async def test_a_statement_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blog.app.STATEMENT_SECONDS", 0.3)
    with servers() as (server,):
        async with blog_on(server.url, tmp_path) as app:
            visitor = Browser(app)
            async with holding(server, "LOCK TABLE tags IN ACCESS EXCLUSIVE MODE"):
                answer = await visitor.get("/tags")
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            assert (await visitor.get("/tags")).status_code == 200


async def test_changes_are_heard_at_once_by_other_processes(tmp_path: Path) -> None:
    with servers() as (server,):
        async with blog_on(server.url, tmp_path) as app:
            other = create_app(app.house.settings)
            async with running(other):
                visitor = Browser(other)
                assert "News" not in (await visitor.get("/")).text
                await listening(server, 2)
                other.house._looked_at = float("inf")  # it does not look by itself
                await publish(Browser(app, "anna"), "News")
                for _ in range(200):
                    if "News" in (await visitor.get("/")).text:
                        return
                    await asyncio.sleep(0.05)
                raise AssertionError("the other process heard nothing")


@pytest.mark.skipif(PGBOUNCER is None, reason="there is no PgBouncer on this machine")
async def test_behind_pgbouncer_in_transaction_mode_everything_works_on_few_connections(tmp_path: Path) -> None:
    with servers() as (server,), pooled(server, connections=3) as url:
        async with blog_on(url, tmp_path) as app:
            anna = Browser(app, "anna")
            await publish(anna, "Through the pool")
            paths = [
                "/",
                "/archive",
                "/tags",
                "/posts/through-the-pool",
                "/search?q=pool",
                "/feed.xml",
                "/studio/posts",
            ] * 8
            answers = await asyncio.gather(
                *((anna if path.startswith("/studio") else Browser(app)).get(path) for path in paths)
            )
            assert [answer.status_code for answer in answers] == [200] * len(paths)
            saved = await asyncio.gather(*(anna.save(title=f"At once {n}", body="Words.") for n in range(12)))
            assert [answer.status_code for answer in saved] == [303] * 12


async def listening(server: Server, processes: int) -> None:
    for _ in range(200):
        if int(server.sql("SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'")) >= processes:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


@asynccontextmanager
async def holding(server: Server, statement: str) -> AsyncIterator[None]:
    """Hold what a statement takes while the test goes on."""
    connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="postgres", database="postgres")
    async with connection.transaction():
        await connection.execute(statement)
        yield
    await connection.close()
