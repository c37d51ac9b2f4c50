"""Every page of the feed, however late, shows the posts that follow those of the page before; triggers keep the counts."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from cast import DAY, Clock, written
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Kind, Post, PostDay, Site, Status, User
from blog.models.post import post_tags
from blog.queries.days import days

ARCHIVED = re.compile(r'href="(/archive/\d+/\d+)">[^<]*</a> <span class="count"><span aria-hidden="true">(\d+)<')


async def walked(browser: Any, path: str) -> list[str]:
    """Follow a list from its first page to its last; give the addresses of its posts in their order."""
    found: list[str] = []
    number = 1
    while True:
        page = (await browser.get(f"{path}?page={number}")).text
        found += re.findall(r'class="u-url" href="([^"]+)"', page)
        if 'rel="next"' not in page:
            return found
        number += 1


@pytest_asyncio.fixture
async def many(db: AsyncSession, clock: Clock) -> list[str]:
    """Posts of several days, some at the same moment, some scheduled; gives the live ones, newest first."""
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number in range(47):
        post = written(anna, f"Many {number}", f"many-{number:02}", clock())
        at = clock() - timedelta(hours=5 * (number // 3)) + timedelta(hours=30)
        post.publish(now=clock(), by=anna, at=at)
        db.add(post)
    await db.commit()
    newest = (Post.published_at.desc(), Post.id.desc())
    live = select(Post.slug).where(
        Post.status == Status.PUBLISHED, Post.kind == Kind.POST, Post.published_at <= clock()
    )
    return [f"/posts/{slug}" for slug in await db.scalars(live.order_by(*newest))]


async def test_walking_through_all_pages_meets_each_post_once_and_in_order(browse: Any, many: list[str]) -> None:
    assert len(many) > 30
    assert await walked(browse(), "/") == many
    assert await walked(browse(), "/authors/anna") == [
        path for path in many if path not in {"/posts/for-members", "/posts/carl-in-print"}
    ]


async def test_pages_grow_when_a_scheduled_post_appears(browse: Any, many: list[str], clock: Clock) -> None:
    clock.advance(timedelta(hours=30))
    everything = await walked(browse(), "/")
    assert len(everything) > len(many)
    assert set(many) < set(everything)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"])
async def test_the_archive_counts_each_post_in_the_month_of_the_site_s_own_zone(
    browse: Any, db: AsyncSession, clock: Clock, zone: str
) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    (await db.scalars(select(Site))).one().timezone = zone
    turn = datetime(2026, 9, 1, tzinfo=UTC)
    for hours in range(-30, 31, 3):
        post = written(anna, f"Around {hours}", f"around-{hours}".replace("--", "-before-"), clock())
        post.publish(now=clock(), by=anna, at=turn + timedelta(hours=hours))
        post.expires_at = clock() + (DAY if hours % 2 else -DAY)
        db.add(post)
    await db.commit()
    listed = [
        at.astimezone(ZoneInfo(zone))
        for at in await db.scalars(select(Post.published_at).where(policy.listed(clock())))
        if at
    ]
    expected = Counter(f"/archive/{at.year}/{at.month}" for at in listed)
    page = (await browse().get("/archive")).text
    assert {path: int(count) for path, count in ARCHIVED.findall(page)} == expected


async def test_the_count_of_days_follows_whatever_happens_to_a_post(db: AsyncSession, clock: Clock) -> None:
    async def counted() -> dict[str, int]:
        rows = await db.execute(select(PostDay.day, PostDay.posts).where(PostDay.posts > 0))
        return {str(day): posts for day, posts in rows}

    async def true_counts() -> dict[str, int]:
        found: dict[str, int] = {}
        live = select(Post.published_at).where(Post.status == Status.PUBLISHED, Post.kind == Kind.POST)
        for at in await db.scalars(live):
            assert at is not None
            found[f"{at:%Y-%m-%d}"] = found.get(f"{at:%Y-%m-%d}", 0) + 1
        return found

    assert await counted() == await true_counts()
    hello = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    for change in (
        {"published_at": clock() - 300 * DAY}, {"status": Status.DRAFT}, {"status": Status.PUBLISHED},
        {"kind": Kind.PAGE}, {"kind": Kind.POST, "published_at": clock() + DAY}, {"status": Status.TRASHED},
    ):  # fmt: skip
        await db.execute(update(Post).where(Post.id == hello.id).values(**change))
        assert await counted() == await true_counts(), change
        shown = await db.scalars(select(post_tags.c.live_at).where(post_tags.c.post_id == hello.id))
        await db.refresh(hello)
        is_live = hello.status == Status.PUBLISHED and hello.kind == Kind.POST
        assert set(shown) == {hello.published_at if is_live else None}
    await db.execute(delete(Post).where(Post.slug == "together"))
    assert await counted() == await true_counts()
    assert (await days(db, clock())).live == sum((await true_counts()).values()) - 1  # one is scheduled
