"""Many saves of one post at the same moment, taken by two processes that know of each other only by the database."""

import asyncio
import re
from pathlib import Path
from typing import Any

import cast
import httpx
from browser import body_of, version_of
from cast import cookie_of
from live import environment_for, free_port, serving
from sqlalchemy import select

from blog.auth.tokens import form_token, token_hash
from blog.database import make_engine, make_sessions
from blog.models import Keeping, Post, Revision
from blog.settings import Settings
from blog.web.state import utc_now

CLIENTS, ROUNDS = 8, 25
SECRET = "s" * 40


async def test_two_hundred_saves_through_two_processes_end_in_one_text_that_holds_them_all(
    database: str, copies: Any, tmp_path: Path
) -> None:
    database_url, port = await asyncio.to_thread(copies, database), free_port()
    url = f"http://127.0.0.1:{port}"
    engine = make_engine(Settings(database_url=database_url, secret_key=SECRET))
    async with make_sessions(engine)() as db:
        await cast.enter(db, utc_now())
        await db.commit()
        post_id = (await db.scalars(select(Post.id).where(Post.slug == "hello"))).one()
    path = f"{url}/studio/posts/{post_id}"
    environment = environment_for(database_url, tmp_path, BASE_URL=url, PORT=str(port), WORKERS="2")

    async def save(client: httpx.AsyncClient, who: str, fields: dict[str, str]) -> tuple[str, str]:
        """Save, and give what the editor shows then."""
        token = form_token(SECRET, token_hash(cookie_of(who)))
        saved = await client.post(path, data={"csrf_token": token, "title": "Hello", "slug": "hello", **fields})
        assert saved.status_code == 303, saved.text
        page = (await client.get(path)).text
        return version_of(page), body_of(page)

    async def write(number: int, version: str, body: str) -> list[str]:
        """Save one paragraph again and again; every other client keeps from readers what it writes."""
        who, mine, accepted = ("anna", "ed", "ada")[number % 3], f"save{number}x0.", []
        async with visitor(url, who) as client:
            for turn in range(1, ROUNDS + 1):
                body = body.replace(mine, mine := f"save{number}x{turn}.")
                fields = {"version": version, "body": body, "then": "keep" if number % 2 else ""}
                version, body = await save(client, who, fields)
                accepted.append(mine)
        return accepted

    async with serving(environment, "The blog is at"), visitor(url, "ed") as ed:
        first = "\n\n".join(f"Client{n} says save{n}x0." for n in range(CLIENTS))
        begin = await save(ed, "ed", {"version": "1", "body": first})
        found = await asyncio.gather(*(write(n, *begin) for n in range(CLIENTS)))
        final = body_of((await ed.get(path)).text)
    marks = [mark for accepted in found for mark in accepted]
    assert final.split() == [word for n in range(CLIENTS) for word in (f"Client{n}", "says", f"save{n}x{ROUNDS}.")]
    async with make_sessions(engine)() as db:
        newest = (await db.scalars(select(Post.revision_number).where(Post.id == post_id))).one()
        rows = (await db.scalars(select(Revision).where(Revision.post_id == post_id).order_by(Revision.number))).all()
    await engine.dispose()
    # The one of the cast, that from which all began, and one for each save: none skipped, none twice.
    assert [row.number for row in rows] == list(range(1, newest + 1)) == list(range(1, 3 + CLIENTS * ROUNDS))
    assert {row.keeping for row in rows} == {Keeping.KEPT}
    assert rows[-1].body == final
    assert len(marks) == CLIENTS * ROUNDS
    for mark in marks:
        assert any(mark in row.body for row in rows), mark
    turns = [sum(map(int, re.findall(r"save\dx(\d+)\.", row.body))) for row in rows[1:]]
    assert turns == sorted(turns), "no revision takes back what another one said"


def visitor(url: str, who: str) -> httpx.AsyncClient:
    """Open a browser that makes a connection for each request, so that either process may take it."""
    each = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(cookies={"session": cookie_of(who)}, headers={"origin": url}, timeout=60, limits=each)
