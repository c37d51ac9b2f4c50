"""Several people at the same moment, and slow ones among them. These need connections of their own."""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

from browser import Browser, body_of, version_of
from cast import cookie_of
from sqlalchemy import select

from blog.auth.tokens import form_token, token_hash
from blog.models import Post, Revision, User
from blog.web.edge import Edge


async def ids(app: Edge) -> tuple[dict[str, int], dict[str, int]]:
    async with app.house.sessions() as db:
        people = {user.username: user.id for user in await db.scalars(select(User))}
        return people, {post.slug: post.id for post in await db.scalars(select(Post))}


async def slowly(app: Edge, who: str, path: str, fields: dict[str, str], rest: asyncio.Event) -> Any:
    """Send a form of which the second half comes when `rest` is set."""
    token = form_token(app.house.settings.secret_key, token_hash(cookie_of(who)))
    body = urlencode({**fields, "csrf_token": token}).encode()

    async def chunks() -> Any:
        yield body[:10]
        await rest.wait()
        yield body[10:]

    headers = {"content-type": "application/x-www-form-urlencoded", "origin": app.house.settings.base_url}
    return await Browser(app, who).client.post(path, content=chunks(), headers=headers)


async def test_two_who_save_at_once_lose_nothing(fresh_app: Any) -> None:
    async with fresh_app() as app:
        post_id = (await ids(app))[1]["together"]
        version = {"title": "Written together", "version": "1"}
        for _ in range(3):
            number = version["version"]
            answers = await asyncio.gather(
                Browser(app, "anna").save(post_id, body=f"Anna{number}", **version),
                Browser(app, "ed").save(post_id, body=f"Ed{number}", **version),
            )
            refused = next(answer for answer in answers if answer.status_code == 409)
            assert sorted(answer.status_code for answer in answers) == [303, 409]
            text = re.sub("<[^>]+>", "", refused.text)
            assert f"Anna{number}" in text
            assert f"Ed{number}" in text
            found = re.search(r'name="version" value="(\d+)"', refused.text)
            assert found
            version["version"] = found[1]
        async with app.house.sessions() as db:
            numbers = list(await db.scalars(select(Revision.number).where(Revision.post_id == post_id)))
        assert sorted(numbers) == [1, 2, 3, 4]


async def test_a_slow_form_keeps_nobody_waiting(fresh_app: Any) -> None:
    async with fresh_app() as app:
        rest = asyncio.Event()
        slow = [
            asyncio.create_task(slowly(app, "anna", "/studio/posts", {"title": f"Slow {n}", "body": "b"}, rest))
            for n in range(15)
        ]
        await asyncio.sleep(0.1)
        for _ in range(3):
            assert (await Browser(app, "ben").save(title="Quick", body="words")).status_code == 303
            assert (await Browser(app).get("/")).status_code == 200
        assert not any(task.done() for task in slow)
        rest.set()
        assert {answer.status_code for answer in await asyncio.gather(*slow)} == {303}


async def test_who_is_demoted_while_their_form_comes_in_changes_nothing(fresh_app: Any) -> None:
    async with fresh_app() as app:
        people, posts = await ids(app)
        rest = asyncio.Event()
        slow = [
            asyncio.create_task(slowly(app, "ed", path, {"title": "Mine", "body": "b", "version": "1"}, rest))
            for path in (f"/studio/posts/{posts['hello']}", f"/studio/posts/{posts['hello']}/trash", "/studio/posts")
        ]
        await asyncio.sleep(0.1)
        assert (
            await Browser(app, "ada").post(f"/admin/users/{people['ed']}/role", {"role": "viewer"})
        ).status_code == 303
        rest.set()
        answers = await asyncio.gather(*slow)
        assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/login")}
        assert "Hello, world" in (await Browser(app).get("/posts/hello")).text
        assert (await ids(app))[1].keys() == posts.keys()


async def test_two_hundred_saves_at_once_end_in_one_text_that_holds_them_all(fresh_app: Any) -> None:
    clients, rounds = 8, 25
    async with fresh_app() as app:
        post_id = (await ids(app))[1]["hello"]
        paragraphs = [f"Client{n} says save{n}x0." for n in range(clients)]
        await Browser(app, "ed").save(post_id, title="Hello", slug="hello", body="\n\n".join(paragraphs))
        path = f"/studio/posts/{post_id}"

        async def write(number: int) -> list[str]:
            """Save one paragraph again and again, every other client as the editor's page does by itself."""
            browser = Browser(app, ("anna", "ed", "ada")[number % 3])
            accepted, mine = [], f"save{number}x0"
            page = (await browser.get(path)).text
            version, body = version_of(page), body_of(page)
            for turn in range(1, rounds + 1):
                body = body.replace(mine, mine := f"save{number}x{turn}")
                fields = {"title": "Hello", "slug": "hello", "version": version, "body": body}
                if number % 2:
                    saved = await browser.post(f"{path}/autosave", fields)
                    assert saved.status_code == 200, saved.text
                    version, body = str(saved.json()["version"]), (saved.json()["merged"] or {}).get("body", body)
                else:
                    saved = await browser.post(path, fields | {"then": "keep" if number % 4 else ""})
                    assert saved.status_code == 303, saved.text
                    page = (await browser.get(path)).text
                    version, body = version_of(page), body_of(page)
                    accepted.append(mine)
            return accepted

        accepted = [mark for marks in await asyncio.gather(*map(write, range(clients))) for mark in marks]
        final = body_of((await Browser(app, "ed").get(path)).text)
        assert final.split() == [word for n in range(clients) for word in (f"Client{n}", "says", f"save{n}x{rounds}.")]
        async with app.house.sessions() as db:
            post = (await db.scalars(select(Post).where(Post.id == post_id))).one()
            rows = (await db.scalars(select(Revision).where(Revision.post_id == post_id))).all()
        assert max(row.number for row in rows) == post.revision_number
        assert [row.body for row in rows if row.number == post.revision_number] == [final]
        kept = [row.body for row in rows if row.keeping == "kept"]
        assert len(accepted) == clients * rounds // 2
        for mark in accepted:
            assert any(f"{mark}." in body for body in kept), mark
        assert len(kept) >= len(accepted)
