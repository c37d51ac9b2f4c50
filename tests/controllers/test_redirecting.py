"""Redirects by hand: one by one and as a table, counted, never in a circle, and behind the pages that there are."""

import asyncio
from typing import Any

import pytest
from browser import Browser
from cast import Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import form_token, token_hash
from blog.models import Event, Post, Redirect
from blog.web.edge import Edge

LIST = "/admin/redirects"


async def add(browser: Browser, path: str, target: str = "", code: str = "301") -> Any:
    return await browser.post(LIST, {"path": path, "target": target, "code": code})


async def table(browser: Browser, content: bytes) -> Any:
    token = form_token(browser.settings.secret_key, token_hash(browser.cookie))
    return await browser.client.post(
        f"{LIST}/import", data={"csrf_token": token}, files={"table": ("r.csv", content)},
        headers={"origin": browser.settings.base_url},
    )  # fmt: skip


async def led(browser: Browser, path: str) -> tuple[int, str | None]:
    answer = await browser.get(path)
    return answer.status_code, answer.headers.get("location")


async def count(db: AsyncSession) -> int:
    return await db.scalar(select(func.count(Redirect.id)).where(Redirect.code != 0)) or 0


async def test_an_old_address_leads_where_an_admin_says(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    for path, target, code, answer in [
        ("/2019/hello", "/posts/hello", "301", (301, "/posts/hello")),
        ("/2019/soon/", "/tags?page=1#top", "302", (302, "/tags?page=1#top")),
        ("/shop", "https://shop.example.org/a?b=c", "307", (307, "https://shop.example.org/a?b=c")),
        ("http://127.0.0.1:8000/été", "http://127.0.0.1:8000/posts/hello", "308", (308, "/posts/hello")),
        ("/campaign", "", "410", (410, None)),
    ]:
        assert (await add(ada, path, target, code)).status_code == 303, path
        old = path.removeprefix("http://127.0.0.1:8000")
        assert await led(browse(), old) == answer, path
        assert await led(browse(), old.rstrip("/") + "/") == answer, path
    assert await led(browse(), "/2019/hello?utm=x") == (301, "/posts/hello?utm=x"), "the query is passed on"
    assert await led(browse(), "/shop?utm=x") == (307, "https://shop.example.org/a?b=c"), "but not to others"
    page = (await ada.get(LIST)).text
    assert "/2019/hello" in page
    assert "https://shop.example.org/a?b=c" in page
    assert await db.scalar(select(func.count()).where(Event.action == "redirect.created")) == 5
    assert "no-store" in (await browse().get("/2019/hello")).headers["cache-control"], "a change works at once"


WRONG = [
    ("", "/tags", "301", "path"), ("posts/x", "/tags", "301", "path"), ("https://elsewhere.test/x", "/tags", "301", "path"),
    ("/a?b=c", "/tags", "301", "path"), ("/", "/tags", "301", "path"), ("/tags", "/archive", "301", "path"),
    ("/a", "", "301", "target"), ("/a", "javascript:alert(1)", "301", "target"), ("/a", "//evil.test", "301", "target"),
    ("/a", "/\\evil.test", "301", "target"), ("/a", "ftp://x.test/", "301", "target"), ("/a", "mailto:x@y.z", "301", "target"),
    ("/a", "/tags", "410", "target"), ("/a", "/tags", "200", "code"), ("/a", "/a/", "301", "target"),
    ("/a", "/b/../a?x", "301", "target"), ("/" + "x" * 1000, "/tags", "301", "path"), ("/a", "/" + "x" * 2000, "301", "target"),
    ("/tags/rust", "/tag/rust", "301", "target"), ("/a%00b", "/tags", "301", "path"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "target", "code", "field"), WRONG)
async def test_what_cannot_be_is_said_at_its_field_and_kept(
    browse: Any, db: AsyncSession, path: str, target: str, code: str, field: str
) -> None:
    answer = await add(browse("ada"), path, target, code)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert target.replace("/b/..", "")[:500] in answer.text
    assert await count(db) == 0


async def test_circles_are_refused_however_long(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    for path, target in [("/a", "/b"), ("/b", "/c?x=y"), ("/c", "/d/")]:
        assert (await add(ada, path, target)).status_code == 303
    refused = await add(ada, "/d", "/a#top")
    assert refused.status_code == 422
    assert "/d → /a → /b → /c → /d" in refused.text
    assert (await add(ada, "/d", "/posts/hello")).status_code == 303
    assert await led(browse(), "/a") == (301, "/posts/hello"), "a chain is one hop for readers"
    last = await db.scalar(select(Redirect.id).where(Redirect.path == "/d"))
    refused = await ada.post(f"{LIST}/{last}", {"path": "/d", "target": "/b", "code": "301"})
    assert refused.status_code == 422
    assert (await ada.post(f"{LIST}/{last}", {"path": "/d", "target": "/archive", "code": "302"})).status_code == 303
    assert await led(browse(), "/d") == (302, "/archive")
    assert (await ada.post(f"{LIST}/{last}/delete")).status_code == 303
    assert await led(browse(), "/d") == (404, None)


async def test_two_admins_cannot_close_a_circle_at_once(fresh_app: Any) -> None:
    async with fresh_app() as app:
        for number in range(4):
            one, other = f"/{number}a", f"/{number}b"
            answers = await asyncio.gather(add(Browser(app, "ada"), one, other), add(Browser(app, "ada"), other, one))
            assert sorted(answer.status_code for answer in answers) == [303, 422]


async def test_where_there_is_a_page_readers_see_the_page_and_the_admin_is_told(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    answer = await add(ada, "/posts/hello", "/archive")
    assert answer.status_code == 303
    assert "readers see the page" in (await ada.get(LIST)).text
    assert (await browse().get("/posts/hello")).status_code == 200
    post = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    assert (await browse("anna").post(f"/studio/posts/{post.id}/trash")).status_code == 303
    assert await led(browse(), "/posts/hello") == (301, "/archive"), "it waited behind the page"


async def test_one_address_leads_to_one_place(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    assert (await add(ada, "/a", "/tags")).status_code == 303
    again = await add(ada, "/a/", "/archive")
    assert again.status_code == 422
    assert "leads somewhere already" in again.text
    assert await count(db) == 1


async def test_hits_are_counted_in_memory_and_written_down(
    app: Edge, browse: Any, db: AsyncSession, clock: Clock
) -> None:
    ada = browse("ada")
    app.house.tally.hits.clear()  # of other tests
    await add(ada, "/a", "/b")
    await add(ada, "/b", "/tags")
    for _ in range(3):
        await led(browse(), "/a")
    await led(browse(), "/b")
    await app.house.write_down()
    rows = {row.path: row.hits for row in await db.execute(select(Redirect.path, Redirect.hits))}
    assert rows == {"/a": 3, "/b": 1}
    page = (await ada.get(LIST)).text
    assert "followed 3 times" in page
    assert "followed 1 time," in page
    app.house.tally.hit(10**9, clock())  # of a redirect that was deleted meanwhile
    await app.house.write_down()
    assert not app.house.tally.hits


async def test_an_answer_costs_few_statements_and_a_hit_none(browse: Any, db: AsyncSession, statements: Any) -> None:
    await add(browse("ada"), "/a", "/tags")
    taken = await statements(lambda: browse().get("/a"))
    assert len(taken) <= 3
    assert not any(statement.startswith(("UPDATE", "INSERT")) for statement in taken)


TABLE = b"""\xef\xbb\xbffrom,to,code
/old/1,/posts/hello

/old/2,"https://shop.example.org/?a=1,2",302
/old/3,,410
"""


async def test_a_table_is_taken_in_whole(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    await add(ada, "/old/1", "/tags")
    assert (await table(ada, TABLE)).status_code == 303
    assert await led(browse(), "/old/1") == (301, "/posts/hello"), "what led elsewhere leads there now"
    assert await led(browse(), "/old/2") == (302, "https://shop.example.org/?a=1,2")
    assert await led(browse(), "/old/3") == (410, None)
    assert (await table(ada, TABLE)).status_code == 303
    assert await count(db) == 3
    event = (await db.scalars(select(Event).where(Event.action == "redirect.imported"))).first()
    assert event is not None
    assert event.detail == {"count": 3}


async def test_each_broken_line_is_named_and_nothing_is_written(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    await add(ada, "/x", "/y")
    broken = (
        b"/ok,/tags\n"
        b"only one column\n"
        b"/a,/b,/c,/d\n"
        b"/c,ftp://x.test/\n"
        b"/d,/tags,200\n"
        b"/ok/,/archive\n"
        b"/e,\n"
        b"/tags,/archive\n"
        b"/y,/x\n"
        b'"/two\nlines",/tags\n'
        b"no-slash,/tags\n"
    )
    answer = await table(ada, broken)
    assert answer.status_code == 422
    for number in (2, 3, 4, 5, 6, 7, 8, 9, 12):
        assert f"Line {number}: " in answer.text, number
    assert "Line 1: " not in answer.text
    assert "stands in line 1 already" in answer.text
    assert "/y → /x → /y" in answer.text
    assert await count(db) == 1


@pytest.mark.parametrize(("content", "words"), [
    (b"", "no line"), (b"from,to\n", "no line"), (b"\xff\xfe/\x00a", "UTF-8"), (b'/a,"/b\n', "quotation mark"),
    (b"/a\x00b,/tags\n", "Line 1"), (b"/a,/b\n" * 10_002, "more than 10,000 lines"),
])  # fmt: skip
async def test_a_file_that_is_no_table_is_refused_in_words(
    browse: Any, db: AsyncSession, content: bytes, words: str
) -> None:
    answer = await table(browse("ada"), content)
    assert answer.status_code == 422
    assert words in answer.text
    assert await count(db) == 0


async def test_a_table_that_is_too_large_is_not_read(browse: Any, db: AsyncSession) -> None:
    assert (await table(browse("ada"), b"/a,/b\n" * 200_000)).status_code == 413


async def test_the_list_is_searched_and_says_who_made_what(browse: Any, db: AsyncSession) -> None:
    ada = browse("ada")
    await add(ada, "/by-hand", "/tags/python")
    post = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    await browse("anna").save(post.id, title="Hello", slug="hello-again", body="b")
    everything = (await ada.get(LIST)).text
    assert "/by-hand" in everything
    assert "/posts/hello-again" in everything
    for query, by_hand, kept in [("?kind=hand", True, False), ("?kind=kept", False, True), ("?q=PYTHON", True, False),
                                 ("?q=zzz", False, False), ("?q=%25", False, False)]:  # fmt: skip
        page = (await ada.get(f"{LIST}{query}")).text.split("<main")[1]
        assert ("/by-hand" in page, "/posts/hello-again" in page) == (by_hand, kept), query
    kept_id = await db.scalar(select(Redirect.id).where(Redirect.path == "/posts/hello"))
    assert "remembers this address by itself" in (await ada.get(f"{LIST}/{kept_id}")).text


@pytest.mark.parametrize("who", [None, "vera", "anna", "ed", "sam"])
async def test_redirects_are_for_admins(browse: Any, db: AsyncSession, who: str | None) -> None:
    await add(browse("ada"), "/a", "/tags")
    made = await db.scalar(select(Redirect.id).where(Redirect.path == "/a"))
    expected = 303 if who in {None, "sam"} else 403
    for path in (LIST, f"{LIST}/{made}", f"{LIST}/import"):
        assert (await browse(who).get(path)).status_code == expected
        assert (await browse(who).post(path, {"path": "/b", "target": "/tags"})).status_code == expected
    assert (await browse(who).post(f"{LIST}/{made}/delete")).status_code == expected
    assert await count(db) == 1
