"""One's own profile: a new username leaves a way from the old one, the desk speaks one's language and tells one's time."""

from typing import Any

import pytest
from cast import DAY, Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import token_hash
from blog.models import Post, Purpose, Redirect, Site, Token, User

MINE = {"name": "Anna Author", "bio": "", "links": ""}


async def test_links_to_an_old_username_lead_to_the_new_one(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    assert (await anna.post("/account", MINE | {"username": "anna-lind"})).status_code == 303
    assert (await browse().get("/authors/anna-lind")).status_code == 200
    for old, new in [("/authors/anna", "/authors/anna-lind"), ("/authors/anna/rss.xml", "/authors/anna-lind/rss.xml")]:
        answer = await browse().get(old)
        assert (answer.status_code, answer.headers["location"]) == (301, new)
    assert (await anna.post("/account", MINE | {"username": "lind"})).status_code == 303
    assert (await browse().get("/authors/anna")).headers["location"] == "/authors/lind", "one hop"
    assert "/authors/lind" in (await browse().get("/posts/hello")).text
    assert (await anna.post("/account", MINE | {"username": "anna"})).status_code == 303, "back again"
    assert (await browse().get("/authors/anna")).status_code == 200
    assert (await browse().get("/authors/lind")).headers["location"] == "/authors/anna"


async def test_nobody_takes_a_username_that_somebody_has_or_had(browse: Any, db: AsyncSession) -> None:
    assert (await browse("anna").post("/account", MINE | {"username": "anna-lind"})).status_code == 303
    for taken in ("anna", "anna-lind", "ada", "admin"):
        refused = await browse("ben").post("/account", {"name": "Ben", "bio": "kept", "links": "", "username": taken})
        assert refused.status_code == 422, taken
        assert 'id="username-error"' in refused.text
        assert "kept" in refused.text
    db.expire_all()
    assert await db.scalar(select(User.username).where(User.name == "Ben Byline")) == "ben"


@pytest.mark.parametrize("wrong", ["", "Anna", "an na", "a/b", "../x", "anna.xml", "annа", "x" * 81, "ﬁne", "a\u200bb"])
async def test_a_username_is_an_address_that_looks_like_no_other(browse: Any, db: AsyncSession, wrong: str) -> None:
    refused = await browse("ben").post("/account", {"name": "Ben", "bio": "", "links": "", "username": wrong})
    assert refused.status_code == 422
    assert 'id="username-error"' in refused.text


@pytest.mark.parametrize("fine", ["ben-2", "бен", "ベン", "björn", "محمد"])
async def test_usernames_may_be_in_any_script(browse: Any, fine: str) -> None:
    answer = await browse("ben").post("/account", {"name": "Ben", "bio": "", "links": "", "username": fine})
    assert answer.status_code == 303


async def test_a_text_that_was_kept_under_an_old_username_still_saves(browse: Any, db: AsyncSession) -> None:
    post = (await db.scalars(select(Post).where(Post.slug == "together"))).one()
    assert (
        await browse("ben").post("/account", {"name": "Ben", "bio": "", "links": "", "username": "benjamin"})
    ).status_code == 303
    saved = await browse("anna").save(
        post.id, title="Written together", slug="together", body="b", authors="ben, greta, benjamin"
    )
    assert saved.status_code == 303, saved.text
    page = (await browse().get("/posts/together")).text
    assert page.split("<header")[2].count("/authors/benjamin") == 1


async def test_a_viewer_who_changes_their_username_keeps_no_second_one(browse: Any, db: AsyncSession) -> None:
    assert (
        await browse("vera").post("/account", {"name": "V", "bio": "", "links": "", "username": "vv"})
    ).status_code == 303
    assert await db.scalar(select(func.count(Redirect.id)).where(Redirect.path == "/authors/vera")) == 0


async def test_the_desk_speaks_ones_own_language_and_the_site_its_own(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    assert (await anna.post("/account", MINE | {"language": "ru"})).status_code == 303
    desk = (await anna.get("/studio")).text
    assert '<html lang="ru" dir="ltr">' in desk
    assert "Рабочий стол" in desk or "Посты" in desk
    assert '<html lang="en"' in (await anna.get("/")).text
    assert '<html lang="en" dir="ltr">' in (await browse("ben").get("/studio")).text
    body = "A note[^1].\n\n[^1]: Below."
    saved = await anna.save(title="Notes", body=body, then="publish")
    assert saved.status_code == 303
    html = await db.scalar(select(Post.html).where(Post.title == "Notes"))
    assert html is not None
    assert "Back to reference 1" in html, "what readers get is in the language of the site"
    assert (await anna.post("/account", MINE | {"language": "tlh"})).status_code == 422


async def test_the_desk_tells_and_reads_time_in_ones_own_zone(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = browse("anna")
    assert (await anna.post("/account", MINE | {"timezone": "Asia/Tokyo"})).status_code == 303
    post = (await db.scalars(select(Post).where(Post.slug == "zebrafish-draft"))).one()
    post_id = post.id
    form = (await anna.get(f"/studio/posts/{post_id}")).text
    assert "Asia/Tokyo" in form
    at = {"published_at": "2026-11-25T09:00"}
    assert (await anna.post(f"/studio/posts/{post_id}/publication", at)).status_code == 303
    db.expire_all()
    moment = await db.scalar(select(Post.published_at).where(Post.id == post_id))
    assert moment is not None
    assert f"{moment:%Y-%m-%dT%H:%M}" == "2026-11-25T00:00"
    assert "2026-11-25T09:00" in (await anna.get(f"/studio/posts/{post_id}")).text
    assert "2026-11-25T00:00" in (await browse("ed").get(f"/studio/posts/{post_id}")).text
    clock.advance(10 * DAY)
    assert "JST" not in (await anna.get("/posts/zebrafish-draft")).text
    assert (await anna.post("/account", MINE | {"timezone": "Mars/Olympus"})).status_code == 422


async def test_a_new_site_begins_with_three_steps_that_can_be_put_away(fresh_app: Any) -> None:
    from browser import Browser

    async with fresh_app(with_cast=False) as app:
        now = app.house.clock()
        async with app.house.sessions() as db:
            db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash("t"), created_at=now, expires_at=now + DAY))
            await db.commit()
        mei = Browser(app)
        asked = await mei.get("/setup?token=t", headers={"accept-language": "de-CH, en;q=0.5"})
        assert '<option value="de" selected>' in asked.text
        first = {"token": "t", "site_title": "Feldnotizen", "language": "de", "name": "Mei", "email": "mei@example.org"}
        refused = await mei.post("/setup", first | {"password": "short", "language": "tlh"})
        assert refused.status_code == 422
        assert "Feldnotizen" in refused.text
        done = await mei.post("/setup", first | {"password": "three green herons"})
        assert (done.status_code, done.headers["location"]) == (303, "/studio")
        async with app.house.sessions() as db:
            assert (await db.scalars(select(Site))).one().language == "de"
        desk = (await mei.get("/studio")).text
        for words in ("First steps", "Write the first post", "Choose how the site looks", "Invite somebody"):
            assert words in desk
        assert 'class="done"' not in desk
        await mei.save(title="Eins", body="b")
        assert (await mei.get("/studio")).text.count('class="done"') == 1
        assert (await mei.post("/admin/site/first-steps/delete")).status_code == 303
        assert "First steps" not in (await mei.get("/studio")).text
