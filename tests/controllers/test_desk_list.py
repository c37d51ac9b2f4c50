"""The desk's list of posts: words in any order, counts by status, and a filter that its pages keep."""

import re
from typing import Any

from cast import DAY, Clock, written
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import User


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
