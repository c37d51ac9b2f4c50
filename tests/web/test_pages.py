"""Pages are kept for readers without a session: rendered once, fresh after each change, and nobody else's."""

import asyncio
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, Clock
from conftest import running
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.app import create_app
from blog.database import make_engine
from blog.models import Post
from blog.web.pages import Finished, PageCache


class Renders:
    """Counts how often a function is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, slowly: float = 0) -> None:
        module, _, attribute = name.rpartition(".")
        import importlib

        before = getattr(importlib.import_module(module), attribute)
        self.count = 0

        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            await asyncio.sleep(slowly)
            return await before(*args, **kwargs)

        monkeypatch.setattr(name, counted)


async def post_id_of(app: Any, slug: str) -> int:
    async with app.house.sessions() as db:
        return int(await db.scalar(select(Post.id).where(Post.slug == slug)))


async def test_of_a_hundred_at_once_one_has_the_page_rendered(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_app() as app:
        renders = Renders(monkeypatch, "blog.queries.posts.front_page", slowly=0.05)
        answers = await asyncio.gather(*(Browser(app).get("/") for _ in range(100)))
        assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
        assert renders.count == 1


async def test_after_a_change_many_see_the_old_page_while_one_has_the_new_one_rendered(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_app() as app:
        assert "Brand new" not in (await Browser(app).get("/")).text
        await Browser(app, "anna").save(title="Brand new", body="b", then="publish")
        renders = Renders(monkeypatch, "blog.queries.posts.front_page", slowly=0.05)
        answers = await asyncio.gather(*(Browser(app).get("/") for _ in range(20)))
        assert renders.count == 1
        assert sum("Brand new" in answer.text for answer in answers) == 1
        assert "Brand new" in (await Browser(app).get("/")).text


async def test_who_writes_sees_it_at_once_and_a_second_process_within_a_second(fresh_app: Any, copies: Any) -> None:
    async with fresh_app() as app:
        engine = make_engine(app.house.settings)
        async with running(create_app(app.house.settings, engine=engine, clock=app.house.clock)) as other:
            reader = Browser(other)
            assert "Brand new" not in (await reader.get("/")).text
            await Browser(app, "anna").save(title="Brand new", body="b", then="publish")
            assert "Brand new" in (await Browser(app).get("/")).text
            assert "Brand new" in (await Browser(other, "anna").get("/")).text, "whichever process answers her"
            for _ in range(22):
                if "Brand new" in (await reader.get("/")).text:
                    break
                await asyncio.sleep(0.05)
            assert "Brand new" in (await reader.get("/")).text
        await engine.dispose()


async def test_a_scheduled_post_appears_on_kept_pages_at_its_very_time(fresh_app: Any) -> None:
    async with fresh_app() as app:
        clock: Clock = app.house.clock
        clock.advance(3 * DAY - DAY / 86400)
        for path in ("/", "/feed.xml", "/sitemap.xml"):
            assert SECRET not in (await Browser(app).get(path)).text
        clock.advance(DAY / 86400)
        for path in ("/", "/feed.xml", "/sitemap.xml"):
            assert f"{SECRET}-scheduled" in (await Browser(app).get(path)).text


async def test_a_withdrawn_post_is_gone_from_kept_pages(fresh_app: Any) -> None:
    async with fresh_app() as app:
        for path in ("/posts/hello", "/", "/tags/python", "/search?q=hello"):
            assert "/posts/hello" in (await Browser(app).get(path)).text
        number = await post_id_of(app, "hello")
        assert (await Browser(app, "anna").post(f"/studio/posts/{number}/publication/delete")).status_code == 303
        assert (await Browser(app).get("/posts/hello")).status_code == 404
        for path in ("/", "/tags/python", "/search?q=hello"):
            assert "/posts/hello" not in (await Browser(app).get(path)).text


async def test_what_a_page_does_not_use_neither_makes_another_page_nor_gets_into_it(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_app() as app:
        renders = Renders(monkeypatch, "blog.queries.posts.front_page")
        for query in (
            "?utm_source=evil",
            "",
            "?a=1&b=2",
            "?page=1&x=%3Cscript%3E",
            "?x=2&page=1",
            "?",
            "?page=1&page=7",
        ):
            answer = await Browser(app).get(
                f"/{query}", headers={"x-forwarded-host": "evil.example", "accept-language": "ru"}
            )
            assert answer.status_code == 200
            assert "evil" not in answer.text
            assert "script%3E" not in answer.text
        assert renders.count == 2  # with a page number and without


async def test_nobody_gets_the_page_of_somebody(fresh_app: Any) -> None:
    async with fresh_app() as app:
        assert "Your desk" in (await Browser(app, "anna").get("/")).text
        reader = Browser(app)
        assert "Your desk" not in (await reader.get("/")).text
        assert "Your desk" in (await Browser(app, "anna").get("/")).text
        assert (await Browser(app, "anna").get("/")).headers["cache-control"] == "no-store"
        draft = f"/posts/{SECRET}-draft"
        assert (await Browser(app, "anna").get(draft)).status_code == 200
        assert (await reader.get(draft)).status_code == 404
        assert "okapi" in (await Browser(app, "vera").get("/posts/for-members")).text
        assert "okapi" not in (await reader.get("/posts/for-members")).text
        await reader.post("/appearance", {"theme": "dark"})
        assert 'data-theme="dark"' in (await reader.get("/")).text
        assert "data-theme" not in (await Browser(app).get("/")).text


async def test_clients_and_caches_can_ask_whether_a_page_changed(fresh_app: Any) -> None:
    async with fresh_app() as app:
        first = await Browser(app).get("/posts/hello")
        assert first.headers["cache-control"] == "public, max-age=0, s-maxage=1"
        assert first.headers["vary"] == "accept-encoding, cookie"
        etag, modified = first.headers["etag"], first.headers["last-modified"]
        for asked in (
            {"if-none-match": etag},
            {"if-none-match": f'"x", {etag}'},
            {"if-none-match": "*"},
            {"if-modified-since": modified},
        ):
            again = await Browser(app).get("/posts/hello", headers=asked)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
            assert "content-security-policy" in again.headers
        head = await Browser(app).head("/posts/hello")
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
        await Browser(app, "anna").save(await post_id_of(app, "hello"), title="Hello again", slug="hello", body="b")
        changed = await Browser(app).get("/posts/hello", headers={"if-none-match": etag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != etag


async def test_a_change_elsewhere_leaves_validators_as_they_are(fresh_app: Any) -> None:
    async with fresh_app() as app:
        before = (await Browser(app).get("/about")).headers
        await Browser(app, "anna").save(title="Brand new", body="b", then="publish")
        after = (await Browser(app).get("/about")).headers
        assert (before["etag"], before["last-modified"]) == (after["etag"], after["last-modified"])


async def test_kept_pages_are_served_while_the_database_is_away(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_app() as app:
        page = await Browser(app).get("/posts/hello")

        async def away(*_: Any) -> None:
            raise OSError("the database is away")

        monkeypatch.setattr("blog.queries.site.current", away)
        app.house.forget_site()
        assert (await Browser(app).get("/posts/hello")).text == page.text


async def test_errors_and_pages_that_set_cookies_are_not_kept(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_app() as app:
        renders = Renders(monkeypatch, "blog.controllers.public.posts.with_around")
        for _ in range(2):
            assert (await Browser(app).get("/posts/nothing")).status_code == 404
        assert renders.count == 2
        for path in ("/login", "/posts/nothing", "/health/ready"):
            assert "etag" not in (await Browser(app).get(path)).headers


async def test_who_waited_for_a_page_that_is_not_kept_gets_a_whole_answer(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_app(kept_bytes=0) as app:
        Renders(monkeypatch, "blog.queries.posts.front_page", slowly=0.05)
        answers = await asyncio.gather(*(Browser(app).get("/") for _ in range(3)))
        for answer in answers:
            assert (answer.status_code, answer.text) == (200, answers[0].text)
            assert answer.headers.get_list("content-length") == [str(answer.num_bytes_downloaded)]
            assert answer.headers["etag"] == answers[0].headers["etag"]
            assert answer.headers["vary"] == "accept-encoding, cookie"


async def test_an_answer_with_a_cookie_is_for_one_reader() -> None:
    cache, made = PageCache(), []

    async def render() -> Finished:
        made.append(1)
        return Finished(200, [(b"set-cookie", b"a=b")], b"x")

    for _ in range(3):
        await cache.answer("/", (1, 0), render)
    assert len(made) == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000)), max_size=60))
def test_no_more_is_kept_than_fits(asked: list[tuple[int, int]]) -> None:
    async def run() -> None:
        cache = PageCache(limit=20_000)
        for number, (name, length) in enumerate(asked):

            async def render(length: int = length) -> Finished:
                return Finished(200, [], b"x" * length)

            page = await cache.answer(str(name), (number, 0), render)
            cache.coded(str(name), page, "gzip" if length > 500 else "")
            assert cache._size == sum(kept.size for kept in cache._kept.values()) <= 20_000

    asyncio.run(run())


async def test_a_failed_rendering_lets_the_next_one_try(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_app() as app:
        with monkeypatch.context() as broken:

            async def fail(*_: Any, **__: Any) -> None:
                await asyncio.sleep(0.02)
                raise RuntimeError("once")

            broken.setattr("blog.queries.posts.front_page", fail)
            answers = await asyncio.gather(*(Browser(app).get("/") for _ in range(3)))
            assert {answer.status_code for answer in answers} == {500}
        assert (await Browser(app).get("/")).status_code == 200
