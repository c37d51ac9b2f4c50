"""The desk's list of posts: words in any order, counts by status, and a filter that its pages keep."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cast import DAY, Clock, written
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Kind, Post, Site, Status, User
from blog.queries import desk
from blog.queries.desk import DeskFilter
from blog.search import finding, postgres, sqlite


async def test_the_list_finds_words_in_any_order_and_counts_by_status(browse: Any, db: AsyncSession) -> None:
    anna, ed = browse("anna"), browse("ed")
    await anna.save(title="A harbour at night", body="Lanterns and *marmalade*.", tags="Ports, Évora")
    await anna.save(title="Marmalade", body="Nothing else.", then="publish")
    for q, titles in [
        ("night harbour", ["A harbour at night"]), ("lantern", ["A harbour at night"]), ("EVORA", ["A harbour at night"]),
        ("marmalade", ["Marmalade", "A harbour at night"]), ("marmalade -night", ["Marmalade"]),
        ('"at night"', ["A harbour at night"]), ("night nowhere", []),
    ]:  # fmt: skip
        page = (await anna.get("/studio/posts", params={"q": q})).text
        assert re.findall(r'class="row-title"[^>]*><bdi>(.*?)</bdi>', page) == titles, q
    page = (await ed.get("/studio/posts", params={"q": "marmalade"})).text
    counts = re.findall(r'status=(\w+)"[^>]*>[^<]* <span class="count">(\d+)<', page)
    assert dict(counts) == {"draft": "1", "pending": "0", "scheduled": "0", "published": "1", "trashed": "0"}
    assert re.search(r'href="/studio/posts\?q=marmalade&amp;status=draft"', page), "other statuses keep the words"
    everything = (await ed.get("/studio/posts")).text
    counted = dict(re.findall(r'status=(\w+)"[^>]*>[^<]* <span class="count">(\d+)<', everything))
    assert (counted["scheduled"], counted["trashed"], counted["pending"]) == ("1", "1", "1")


async def test_the_pages_of_the_list_keep_the_filter(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    db.add_all([written(anna, f"Herd {number}", f"herd-{number}", clock() - DAY) for number in range(30)])
    await db.commit()
    page = (await browse("ed").get("/studio/posts?status=draft&author=anna")).text
    assert 'href="/studio/posts?status=draft&amp;author=anna&amp;page=2"' in page
    assert "Herd" in (await browse("ed").get("/studio/posts?status=draft&author=anna&page=2")).text


async def test_the_list_stands_in_the_order_and_of_the_days_that_one_asks_for(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    for number, title in enumerate(["reed", "Alder", "oak"]):
        await browse("anna").save(title=f"Tree {title}", body="x")
        post = (await db.scalars(select(Post).where(Post.title == f"Tree {title}"))).one()
        post.published_at = datetime(2026, 3, 10 + number, 23, 30, tzinfo=UTC)
        post.saved_at = clock() - number * DAY
    await db.commit()
    ed = browse("ed")

    async def found(query: str) -> list[str]:
        page = await ed.get(f"/studio/posts?q=tree&{query}")
        return re.findall(r'class="row-title"[^>]*><bdi>Tree (.*?)</bdi>', page.text)

    assert await found("") == ["reed", "Alder", "oak"]
    assert await found("order=date") == ["oak", "Alder", "reed"]
    assert await found("order=oldest") == ["reed", "Alder", "oak"]
    assert await found("order=title") == ["Alder", "oak", "reed"]
    assert await found("order=nonsense&size=7") == ["reed", "Alder", "oak"]
    # The site's clock is an hour ahead: what appeared at half past eleven belongs to the day after.
    (await db.scalars(select(Site))).one().timezone = "Europe/Paris"
    await db.commit()
    ed.app.house.forget_site()
    assert await found("since=2026-03-12&until=2026-03-12") == ["Alder"]
    assert await found("since=2026-03-12&order=oldest") == ["Alder", "oak"]
    assert await found("until=2026-03-11") == ["reed"]
    page = (await ed.get("/studio/posts?q=tree&since=2026-03-12&order=title&size=50")).text
    assert 'href="/studio/posts?q=tree&amp;status=draft&amp;since=2026-03-12&amp;order=title&amp;size=50"' in page
    assert '<input type="hidden" name="since" value="2026-03-12">' in page, "what is done with all of them keeps it"
    assert '<details class="more" open>' in page


async def test_a_day_that_does_not_exist_is_told_and_nothing_is_done_with_all(browse: Any, db: AsyncSession) -> None:
    ed = browse("ed")
    page = await ed.get("/studio/posts?since=yesterday&until=2026-02-30")
    assert page.status_code == 422
    assert page.text.count("There is no such day; it is written like 2026-11-21.") == 4, "above, and at each field"
    assert 'value="yesterday"' in page.text
    refused = await ed.get("/studio/posts/bulk?all=1&deed=trash&since=yesterday")
    assert refused.status_code == 422
    assert "There is no such day" in refused.text


async def test_a_page_of_the_list_is_as_long_as_one_asks_for(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    db.add_all([written(anna, f"Herd {number}", f"herd-{number}", clock() - DAY) for number in range(60)])
    await db.commit()
    ed = browse("ed")
    for size, rows, pages in (("", 25, 3), ("50", 50, 2), ("100", 63, 1), ("1000", 25, 3)):
        query = f"status=draft&author=anna&size={size}"
        assert (await ed.get(f"/studio/posts?{query}")).text.count('class="row-title"') == rows, size
        assert (await ed.get(f"/studio/posts?{query}&page={pages}")).status_code == 200, size
        assert (await ed.get(f"/studio/posts?{query}&page={pages + 1}")).status_code == 404, size


async def test_an_editors_counts_are_those_of_the_posts(browse: Any, db: AsyncSession, clock: Clock) -> None:
    ed = browse("ed")
    for title, then in [
        ("Over", "publish"),
        ("Later", "publish"),
        ("Changed", "publish"),
        ("Waits", ""),
    ]:
        await ed.save(title=title, body="x", then=then)
    posts = {post.title: post for post in await db.scalars(select(Post).where(Post.kind == Kind.POST))}
    posts["Over"].expires_at = clock()
    posts["Later"].published_at = clock() + 2 * DAY
    posts["Changed"].revision_number += 1
    await db.commit()
    states = Counter(_state_of(post, clock()) for post in posts.values())
    expected = {**states, "unseen": sum(post.is_live(clock()) and post.has_working_copy for post in posts.values())}
    expected[""] = states.total() - states["trashed"]
    viewer = (await db.scalars(select(User).where(User.username == "ed"))).one()
    everything = DeskFilter(Kind.POST)
    assert await desk.counts(db, viewer, clock(), everything) == expected
    filtered = replace(everything, held=[post.id for post in posts.values()], q="x")
    assert await desk.counts(db, viewer, clock(), filtered) == expected, "counted without and with a filter"
    for status, number in expected.items():
        page = await desk.page(db, viewer, clock(), replace(everything, status=status), 1, number)
        assert page is not None
        assert len(page.items) == min(number, everything.size), status


def _state_of(post: Post, now: datetime) -> str:
    if post.status != Status.PUBLISHED:
        return str(post.status)
    assert post.published_at is not None
    if post.published_at > now:
        return desk.SCHEDULED
    return desk.ENDED if post.is_ended(now) else str(post.status)


@pytest.mark.parametrize("who", ["anna", "ed"])
async def test_of_words_that_very_many_posts_hold_the_list_tells_that_it_shows_the_newest(
    browse: Any, db: AsyncSession, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    for number in range(3):
        await browse("anna").save(title=f"Quagga {number}", body="x")
    await browse("anna").save(title="Others", body="There is a quagga.")
    page = (await browse(who).get("/studio/posts?q=quagga")).text
    assert (page.count('class="row-title"'), "More posts hold these words" in page) == (4, False)
    for part in (sqlite, postgres, finding):
        monkeypatch.setattr(part, "MOST_RANKED", 3)
    page = (await browse(who).get("/studio/posts?q=quagga")).text
    titles = re.findall(r'class="row-title"[^>]*><bdi>(.*?)</bdi>', page)
    assert titles == ["Quagga 2", "Quagga 1", "Others"], "the newest, and of them first those whose title holds it"
    assert "More posts hold these words than can be looked through; these are among the newest 2,000 that do." in page


@pytest.mark.parametrize("few", [finding.FEW, 0])
async def test_a_writer_finds_their_own_however_many_others_hold_the_words(
    browse: Any, db: AsyncSession, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    await browse("anna").save(title="Quagga of old", body="x")
    for number in range(3):
        await browse("ben").save(title=f"Quagga {number}", body="x")
    for part in (sqlite, postgres, finding):
        monkeypatch.setattr(part, "MOST_RANKED", 2)
    anna = browse("anna")
    assert "Quagga of old" in (await anna.get("/studio/posts?q=quagga")).text
    assert "Quagga of old" in (await anna.get("/studio/suggestions?kind=post&q=quagga")).text
    assert "Quagga 2" not in (await anna.get("/studio/suggestions?kind=post&q=quagga")).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "path", ["/studio", "/studio/posts", "/studio/posts?status=draft", "/studio/posts?status=unseen"]
)
async def test_sqlite_reads_no_table_and_no_index_of_all_posts_for_an_editors_desk(
    app: Any, browse: Any, db: AsyncSession, path: str
) -> None:
    ed, seen = browse("ed"), []
    connection = (await db.connection()).sync_connection
    event.listen(
        connection, "before_cursor_execute", lambda _c, _cursor, statement, values, *_: seen.append((statement, values))
    )
    assert (await ed.get(path)).status_code == 200
    reads = [statement for statement in seen if statement[0].startswith(("SELECT", "WITH")) and "posts" in statement[0]]
    assert reads
    raw = await db.connection()
    for statement, values in reads:
        plan = (await raw.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
        scans = {row[3] for row in plan if row[3].startswith("SCAN posts")}
        # The last saved are read from the first of these in their order, as many as there are on a page.
        assert scans <= {"SCAN posts USING INDEX ix_posts_desk", "SCAN posts_1 USING INDEX ix_posts_unseen"}, statement
