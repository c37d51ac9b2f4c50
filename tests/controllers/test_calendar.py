"""The desk's first page says what waits, the calendar what appears and ends; to each writer what is theirs."""

import re
from typing import Any

from cast import DAY, SECRET, Clock, person
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import token_hash
from blog.models import Login, Post, Role, Site


def section(page: str, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.S)
    return found[0] if found else ""


async def test_an_author_s_desk_has_their_own(browse: Any) -> None:
    page = (await browse("anna").get("/studio")).text
    drafts = section(page, "drafts")
    for slug in ("draft", "shared", "withdrawn"):
        assert f"The {SECRET} {slug}" in drafts
    assert f"The {SECRET} carls" not in page
    assert f"The {SECRET} pending" not in page
    assert "In 3 days, Tuesday, November 24, 2026" in section(page, "scheduled")
    assert "Written together" in section(page, "published")
    assert "Carl in print" not in page
    assert section(page, "waiting") == ""


async def test_an_editor_is_told_what_waits_for_review_and_a_contributor_what_is_in_review(browse: Any) -> None:
    editor = (await browse("ed").get("/studio")).text
    assert f"The {SECRET} pending" in section(editor, "waiting")
    assert f"The {SECRET} scheduled" in section(editor, "scheduled")
    assert f"The {SECRET} draft" not in editor, "others’ drafts wait for nobody"
    carl = (await browse("carl").get("/studio")).text
    assert f"The {SECRET} pending" in section(carl, "in_review")
    assert section(carl, "waiting") == ""
    assert (await browse("vera").get("/studio")).status_code == 403
    assert (await browse().get("/studio")).headers["location"] == "/login?next=/studio"


async def test_changes_that_readers_do_not_see_wait_on_the_desk(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    assert section((await anna.get("/studio")).text, "unseen") == ""
    post_id = (await db.scalars(select(Post.id).where(Post.slug == "hello"))).one()
    await anna.save(post_id, title="Hello, world", body="Not yet.", slug="hello", then="keep")
    assert "Hello, world" in section((await anna.get("/studio")).text, "unseen")
    assert section((await browse("ed").get("/studio")).text, "unseen") == ""


async def test_an_empty_desk_says_how_to_begin(browse: Any, db: AsyncSession, clock: Clock) -> None:
    nora = person("nora", "Nora New", Role.AUTHOR, clock())
    db.add(nora)
    await db.flush()
    token = token_hash("cookie-of-nora")
    db.add(Login(user_id=nora.id, token_hash=token, created_at=clock(), expires_at=clock() + DAY))
    await db.commit()
    page = (await browse("nora").get("/studio")).text
    assert '<a href="/studio/posts/new">Write your first post</a>' in page
    assert "<section" not in page


async def test_the_desk_takes_few_statements_however_much_lies_on_it(app: Any, browse: Any, db: AsyncSession) -> None:
    ed, seen = browse("ed"), []
    connection = (await db.connection()).sync_connection
    app.house._looked_at = float("inf")  # what is looked at once a second is not part of a page
    event.listen(connection, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))

    async def asked() -> int:
        seen.clear()
        await ed.get("/studio")
        return sum(statement.startswith("SELECT") for statement in seen)

    few = await asked()
    assert few <= 7  # the site and what is due, who is asking, their news, the counts, the posts, their co-authors
    for number in range(12):
        await ed.save(title=f"Draft {number}", body="b")
    page = (await ed.get("/studio")).text
    assert section(page, "drafts").count("<li>") == 5
    assert "?status=draft&amp;author=ed" in section(page, "drafts")
    app.house._looked_at = float("inf")
    assert await asked() == few
    app.house.forget_site()


async def test_a_month_shows_what_appears_and_ends_on_its_days(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = browse("anna")
    post_id = (await db.scalars(select(Post.id).where(Post.slug == "hello"))).one()
    until = f"{clock() + 6 * DAY:%Y-%m-%dT%H:%M}"
    await anna.post(f"/studio/posts/{post_id}/publication", {"published_at": "2026-11-12T08:15", "expires_at": until})
    page = (await anna.get("/studio/calendar")).text
    days = {
        number: cell
        for cell in re.findall(r"<td.*?</td>", page, re.S)
        if (number := re.search(r'aria-hidden="true">(\d+)<', cell)) and (number := number[1])
    }
    assert len(days) == 30
    assert re.search(r"8:15.AM</time> <span class=\"what\">published</span> <bdi>Hello, world", days["12"])
    assert re.search(r"<span class=\"what\">ends</span> <bdi>Hello, world", days["27"])
    assert re.search(rf"<span class=\"what\">scheduled</span> <bdi>The {SECRET} scheduled", days["24"])
    assert 'aria-current="date"' in days["21"]
    assert "Carl in print" not in page
    assert "Carl in print" in (await browse("ed").get("/studio/calendar?month=2026-11")).text
    assert f"{SECRET} draft" not in (await browse("ed").get("/studio/calendar")).text
    assert "?month=2026-10" in page
    assert "Nothing appears or ends in this month." in (await anna.get("/studio/calendar?month=2031-02")).text


async def test_the_calendar_tells_days_apart_by_the_clock_of_the_site(
    browse: Any, app: Any, db: AsyncSession, clock: Clock
) -> None:
    await db.execute(update(Site).values(timezone="Pacific/Auckland"))
    await db.commit()
    app.house.forget_site()
    post_id = (await db.scalars(select(Post.id).where(Post.slug == f"{SECRET}-draft"))).one()
    await browse("anna").post(f"/studio/posts/{post_id}/publication", {"published_at": "2026-12-01T00:30"})
    assert f"The {SECRET} draft" in (await browse("anna").get("/studio/calendar?month=2026-12")).text
    assert f"The {SECRET} draft" not in (await browse("anna").get("/studio/calendar?month=2026-11")).text


async def test_a_month_that_does_not_exist_is_not_found(browse: Any) -> None:
    for month in ("2026-13", "2026-1", "0000-01", "0999-12", "9000-01", "9999-12", "x", "", "2026-11-01", "²026-11"):
        assert (await browse("anna").get("/studio/calendar", params={"month": month})).status_code == 404, month
    for month in ("1000-01", "8999-12", "2024-02"):
        assert (await browse("anna").get(f"/studio/calendar?month={month}")).status_code == 200, month
    assert (await browse("vera").get("/studio/calendar")).status_code == 403
