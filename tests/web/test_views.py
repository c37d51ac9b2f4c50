"""Counting views: what counts as one, under the page cache and without it, and that none gets lost or counted twice."""

import asyncio
import os
import signal
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import Browser
from cast import TODAY
from hypothesis import given
from hypothesis import strategies as st
from live import BLOG, environment_for, free_port
from sqlalchemy import select, text

from blog.database import Sessions, make_engine, make_sessions
from blog.models import Post, PostViews
from blog.queries import views
from blog.settings import Settings
from blog.transfer.sample import SAMPLE
from blog.web.edge import Edge
from blog.web.views import MOST_POSTS, Views

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSERS = [
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (Linux; Android 12; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Opera/9.80 (Android; Opera Mini/36.2/191.256; U; en) Presto/2.12.423 Version/12.16",
]  # fmt: skip
PROGRAMS = [
    "", "curl/8.5.0", "python-httpx/0.28.1", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)", "Wget/1.21",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116 Safari/537.36",
    "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)", "facebookexternalhit/1.1", "Mozilla/5.0 (compatible; archive.org_bot)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0)", "Mozilla/5.0 (compatible; Yahoo! Slurp)", "Mozilla/5.0 " + "x" * 500,
]  # fmt: skip


SLUGS = ("everything-in-one-post", "a-year-of-bees-on-a-roof")


async def counted(sessions: Sessions) -> dict[str, int]:
    """Give the views of each post by its slug."""
    async with sessions() as db:
        rows = await db.execute(select(Post.slug, PostViews.views).join(Post, Post.id == PostViews.post_id))
        return {slug: number for slug, number in rows}  # noqa: C416 - rows are not pairs to dict()


async def read(app: Edge, path: str, who: str | None = None, agent: str = FIREFOX, **headers: str) -> httpx.Response:
    return await Browser(app, who).get(path, headers={"user-agent": agent} | headers)


async def written(app: Edge) -> dict[str, int]:
    await app.house.write_down()
    return await counted(app.house.sessions)


@pytest.mark.parametrize("kept_bytes", [0, 8_000_000], ids=["each page made anew", "pages kept"])
async def test_readers_are_counted_and_nobody_else(fresh_app: Any, kept_bytes: int) -> None:
    async with fresh_app(kept_bytes=kept_bytes) as app:
        for agent in BROWSERS:
            assert (await read(app, "/posts/hello", agent=agent)).status_code == 200
        again = await read(app, "/posts/hello")
        assert (await read(app, "/posts/hello", **{"if-none-match": again.headers["etag"]})).status_code == 304
        assert await written(app) == {"hello": 7}
        for agent in PROGRAMS:
            await read(app, "/posts/hello", agent=agent)
        for ahead in ({"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"x-moz": "prefetch"}):
            await read(app, "/posts/hello", **ahead)
        await Browser(app).client.head("/posts/hello", headers={"user-agent": FIREFOX})
        for who in ("anna", "carl", "ada"):
            await read(app, "/posts/hello", who)
        for path in (
            "/",
            "/posts/hello.md",
            "/posts/hello/card.png",
            "/posts/for-members",
            "/posts/nothing",
            "/feed.xml",
        ):
            await read(app, path)
        assert await written(app) == {"hello": 7}
        await read(app, "/posts/for-members", "vera")
        await read(app, "/posts/hello", cookie="session=unknown")
        await read(app, "/about")
        assert await written(app) == {"hello": 8, "for-members": 1, "about": 1}


async def test_days_are_those_of_the_sites_clock(fresh_app: Any) -> None:
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            await db.execute(text("UPDATE site SET timezone = 'Pacific/Kiritimati'"))
            await db.commit()
        await read(app, "/posts/hello")
        await app.house.write_down()
        async with app.house.sessions() as db:
            assert list(await db.scalars(select(PostViews.day))) == [date(2026, 11, 22)]


async def test_what_cannot_be_written_is_written_later(fresh_app: Any, sessions: Sessions) -> None:
    async with fresh_app() as app:
        await read(app, "/posts/hello")

        def away() -> Any:
            raise OSError("away")

        with pytest.raises(OSError, match="away"):
            await app.house.views.flush(away, TODAY.date())
        await read(app, "/posts/hello")
        assert await written(app) == {"hello": 2}
        assert await written(app) == {"hello": 2}


async def test_many_processes_add_up(sessions: Sessions) -> None:
    day = TODAY.date()

    async def process(number: int) -> None:
        for _ in range(5):
            async with sessions() as db:
                ids = range(1, 40) if number % 2 else range(39, 0, -1)
                await views.add(db, {(day, post_id): 1 for post_id in ids})

    await asyncio.gather(*(process(number) for number in range(8)))
    async with sessions() as db:
        assert set(await db.scalars(select(PostViews.views))) == {40}
        assert await views.per_day(db, day) == {day: 40 * 39}


def scope(**headers: str) -> Any:
    given = {"user_agent": FIREFOX} | headers
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]}


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([FIREFOX, "curl/8", PROGRAMS[5]])), max_size=30))
def test_the_numbers_are_those_of_the_readers(asked: list[tuple[int, str]]) -> None:
    seen = Views()
    for post_id, agent in asked:
        seen.note(scope(user_agent=agent), post_id)
    expected = [post_id for post_id, agent in asked if agent == FIREFOX]
    assert seen._seen == {post_id: expected.count(post_id) for post_id in expected}


def test_memory_is_bounded() -> None:
    seen = Views()
    for post_id in range(MOST_POSTS + 100):
        seen.note(scope(), post_id)
    seen.note(scope(), 0)
    assert (len(seen._seen), seen._seen[0]) == (MOST_POSTS, 2)


async def test_two_processes_add_up_and_a_stop_loses_nothing(database: str, copies: Any, tmp_path: Path) -> None:
    url, port = await asyncio.to_thread(copies, database), free_port()
    base = f"http://127.0.0.1:{port}"
    environment = environment_for(url, tmp_path, BASE_URL=base, PORT=str(port), WORKERS="2")
    filling = await asyncio.create_subprocess_exec(
        BLOG, "import", "markdown", SAMPLE, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await filling.wait() == 0
    server = await asyncio.create_subprocess_exec(BLOG, "serve", env=environment, stdout=asyncio.subprocess.DEVNULL)
    try:
        transport = httpx.AsyncHTTPTransport(retries=10)
        async with httpx.AsyncClient(transport=transport, base_url=base, headers={"user-agent": FIREFOX}) as visitor:
            assert (await visitor.get("/health/ready")).status_code == 200
        for _ in range(20):
            # A new connection each time, so that both workers get some.
            async with httpx.AsyncClient(base_url=base, headers={"user-agent": FIREFOX}) as visitor:
                for slug in SLUGS:
                    assert (await visitor.get(f"/posts/{slug}")).status_code == 200
    finally:
        os.kill(server.pid, signal.SIGTERM)
        await server.wait()
    engine = make_engine(Settings(database_url=url, secret_key="s" * 40))
    found = await counted(make_sessions(engine))
    await engine.dispose()
    assert found == dict.fromkeys(SLUGS, 20)
