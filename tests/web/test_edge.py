"""What holds for every answer there is: headers, limits, methods, hosts, origins, and input no page should see."""

import asyncio
from typing import Any

import httpx
import pytest
from browser import Browser

from blog.web.edge import Edge

ANSWERS = ["/", "/posts/hello", "/nothing/at/all", "/studio", "/login", "/feed.xml", "/setup", "/static/none.css",
           "/posts/zebrafish-trashed", "/media/none.png"]  # fmt: skip


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_carries_the_security_headers(browse: Any, path: str) -> None:
    for answer in (await browse().get(path), await browse().post(path, headers={"origin": "https://evil.test"})):
        csp = answer.headers["content-security-policy"]
        assert csp.startswith("default-src 'none'")
        assert "unsafe" not in csp
        for name in ("x-content-type-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
                     "cross-origin-resource-policy"):  # fmt: skip
            assert name in answer.headers, (answer.status_code, name)
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers


async def test_under_https_the_cookie_is_bound_to_the_host_and_browsers_are_told_to_stay(fresh_app: Any) -> None:
    async with fresh_app(base_url="https://blog.test") as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://blog.test")
        assert "max-age=63072000" in (await client.get("/")).headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/", "/login", "/studio/posts", "/nothing"])
async def test_a_body_over_one_megabyte_is_refused_before_it_is_read(browse: Any, path: str) -> None:
    answer = await browse().post(path, {"title": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "too large" in answer.text


async def test_a_body_of_unknown_length_is_counted_while_it_comes(app: Edge, browse: Any) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b"a" * 100_000

    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1:8000"}
    answer = await browse().client.post("/login", content=chunks(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:9000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "", "referer": "https://evil.test/x"},
    ],
)
async def test_a_form_from_another_site_is_refused(browse: Any, headers: dict[str, str]) -> None:
    for browser in (browse(), browse("anna")):
        answer = await browser.post("/login", {"email": "a@example.org", "password": "p"}, headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8000", "127.0.0.1.evil.test", "", "[bad", "127.0.0.1:8000.evil.test",
                                  "evil.test@127.0.0.1", "127.0.0.1/evil.test", "127.0.0.1:99999", "127.0.0.1 evil.test"])  # fmt: skip
async def test_a_foreign_host_is_refused(browse: Any, host: str) -> None:
    assert (await browse().get("/", headers={"host": host})).status_code == 400


@pytest.mark.parametrize("method", ["TRACE", "FOO", "PROPFIND"])
async def test_a_method_that_we_do_not_know_is_refused(browse: Any, method: str) -> None:
    assert (await browse().client.request(method, "/")).status_code == 501


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_method_that_a_page_does_not_have_is_405_and_says_which_it_has(browse: Any, method: str) -> None:
    answer = await browse().client.request(method, "/", headers={"origin": "http://127.0.0.1:8000"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


async def test_options_changes_nothing_and_allows_no_other_site(browse: Any) -> None:
    answer = await browse().client.options("/login", headers={"origin": "https://evil.test"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert (await browse().client.options("/nothing/here")).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-encoding": "gzip"}, 415),
        ({"transfer-encoding": "chunked", "content-length": "3"}, 400),
        ({"content-length": "many"}, 413),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json"}, 415),
    ],
)
async def test_a_body_that_no_form_sends_is_refused(browse: Any, headers: dict[str, str], status: int) -> None:
    answer = await browse().client.post("/login", content=b"a=b", headers={"origin": "http://127.0.0.1:8000"} | headers)
    assert answer.status_code == status


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1:8000", "127.0.0.1:8000"], ["127.0.0.1:8000", "evil.test"]])
async def test_a_request_needs_one_host(app: Edge, hosts: list[str]) -> None:
    status: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "scheme": "http",
             "headers": [(b"host", host.encode()) for host in hosts], "client": ("127.0.0.1", 1), "server": ("x", 1),
             "http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": "", "extensions": {}}  # fmt: skip
    await app(scope, receive, send)
    assert status == [400]


@pytest.mark.parametrize("fault", [OSError("gone"), ConnectionRefusedError(), TimeoutError()])
async def test_while_the_database_is_away_pages_say_so_and_when_to_come_back(
    fresh_app: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async with fresh_app() as app:

        def fail(*_: Any, **__: Any) -> None:
            raise fault

        with monkeypatch.context() as away:
            for sessions in (app.house.sessions, app.house.readers):
                away.setattr(sessions.kw["bind"].sync_engine, "connect", fail)
            for path in ("/", "/posts/hello", "/feed.xml", "/health/ready"):
                answer = await httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
                ).get(path)
                assert (answer.status_code, bool(answer.headers.get("retry-after"))) == (503, True), path
                assert "content-security-policy" in answer.headers
        browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")
        assert (await browser.get("/")).status_code == 200


HUGE = ["9223372036854775808", "9" * 30, "9" * 5000, "0", "-1", "1.5", "x", "%00"]


@pytest.mark.parametrize("number", HUGE)
async def test_a_number_that_no_row_has_is_404(browse: Any, number: str) -> None:
    ada = browse("ada")
    assert (await ada.get(f"/studio/posts/{number}")).status_code == 404
    assert (await ada.post(f"/studio/posts/{number}/trash")).status_code == 404
    assert (await ada.post(f"/admin/users/{number}/suspension")).status_code == 404
    assert (await ada.post(f"/account/sessions/{number}/delete")).status_code == 404


STRANGE = ["/posts/%00", "/posts/a%00b", "/tags/%00", "/authors/%ff%fe", "/media/" + "a" * 3000,
           "/static/" + "a" * 300, "/static/..%2f..%2fetc/passwd", "/posts/" + "a" * 300, "//admin",
           "/posts/%ed%a0%80", "/posts/hello/x", "/POSTS/hello"]  # fmt: skip


@pytest.mark.parametrize("path", STRANGE)
async def test_strange_addresses_are_404(browse: Any, path: str) -> None:
    client = browse().client
    request = client.build_request("GET", "http://127.0.0.1:8000/")
    request.url = request.url.copy_with(raw_path=path.encode())
    assert (await client.send(request)).status_code == 404


@pytest.mark.parametrize(
    "query", ["page=%00", "q=%00", "status=%00", "tag=%00", "author=a%00", "q=%ff", "q=" + "x" * 9000]
)
async def test_strange_filters_never_fail(browse: Any, query: str) -> None:
    assert (await browse("ed").get(f"/studio/posts?{query}")).status_code in {200, 404}


async def test_a_closing_slash_leads_to_the_page_without_it(browse: Any) -> None:
    answer = await browse().get("/tags/?page=2")
    assert (answer.status_code, answer.headers["location"]) == (301, "/tags?page=2")


async def test_json_is_not_a_form(browse: Any) -> None:
    answer = await browse().client.post("/login", json={"email": "a", "password": "b"})
    assert answer.status_code == 415


async def test_a_failure_of_ours_is_a_page_with_a_reference_and_nothing_else(
    app: Edge, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inner words")

    monkeypatch.setattr("blog.queries.posts.front_page", fail)
    answer = await browse().get("/")
    assert answer.status_code == 500
    assert "secret inner words" not in answer.text
    assert "Traceback" not in answer.text
    assert "reference" in answer.text


async def test_text_is_compressed_as_readers_take_it_and_never_beside_a_session(browse: Any) -> None:
    async def coding(who: str | None, path: str, accepts: str) -> str:
        answer = await browse(who).get(path, headers={"accept-encoding": accepts})
        assert who or "accept-encoding" in answer.headers["vary"]
        assert "hello" in answer.text.lower()
        return str(answer.headers.get("content-encoding", ""))

    for path in ("/posts/hello", "/feed.xml", "/feed.json"):
        assert await coding(None, path, "gzip, deflate, br;q=0.8, zstd") == "br"
        assert await coding(None, path, "zstd, gzip") == "zstd"
        assert await coding(None, path, "gzip;q=0.5") == "gzip"
        assert await coding(None, path, "*") == "br"
        assert await coding(None, path, "gzip;q=0, br;q=0.0") == ""
        assert await coding(None, path, "identity") == ""
        assert await coding("anna", path, "gzip") == ""


async def test_many_wrong_addresses_at_once_do_not_wait_for_each_other(fresh_app: Any) -> None:
    async with fresh_app() as app:
        paths = [f"/posts/never-{number}" for number in range(40)] + [f"/tags/python?page={9 + n}" for n in range(40)]
        answers = await asyncio.gather(*(Browser(app).get(path) for path in paths))
        assert {answer.status_code for answer in answers} == {404}


async def test_an_answer_has_the_length_that_it_says(browse: Any) -> None:
    for accepts in ("gzip", "br", "zstd", "identity"):
        async with browse().client.stream("GET", "/posts/hello", headers={"accept-encoding": accepts}) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert len(raw) == int(answer.headers["content-length"])
