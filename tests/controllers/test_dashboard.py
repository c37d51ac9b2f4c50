"""The dashboard: its figures are true, and it says what is to mend."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from browser import Browser
from cast import TODAY, Clock
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Media, Post
from blog.queries import views
from blog.web.bars import HEIGHT, Bars


def table(page: str, heading: str) -> dict[str, list[str]]:
    """Read the table below a heading: the cells of each row by its first."""
    part = page[page.index(f">{heading}<") :]
    part = part[part.index("<tbody>") : part.index("</table>")]
    rows = re.findall(r'<th scope="row">(.*?)</th>((?:<td>.*?</td>)+)', part)
    return {unescape(name): re.findall(r"<td>(.*?)</td>", cells) for name, cells in rows}


async def test_posts_are_counted_by_month(browse: Any, db: AsyncSession, clock: Clock) -> None:
    page = (await browse("ada").get("/admin")).text
    months = table(page, "Posts in 24 months")
    assert len(months) == 24
    assert [*months][::23] == ["November 2026", "December 2024"]
    live = await db.scalar(select(func.count(Post.id)).where(policy.listed(clock())))
    assert months["November 2026"] == [str(live)]
    assert {cells[0] for name, cells in months.items() if name != "November 2026"} == {"0"}
    assert len(re.findall('class="bar"', page)) == 54


async def test_views_are_summed_by_day_and_by_post(browse: Any, db: AsyncSession) -> None:
    ids = {slug: post_id for slug, post_id in await db.execute(select(Post.slug, Post.id))}  # noqa: C416 - rows
    today, before, old = TODAY.date(), TODAY.date() - timedelta(days=29), TODAY.date() - timedelta(days=30)
    await views.add(
        db,
        {
            (today, ids["hello"]): 3,
            (today, ids["together"]): 5,
            (before, ids["hello"]): 4,
            (old, ids["together"]): 100,
            (today, 999_999): 2,
        },
    )
    page = (await browse("ada").get("/admin")).text
    days = table(page, "Views in 30 days")
    assert len(days) == 30
    assert (days["November 21, 2026"], days["October 23, 2026"], days["November 20, 2026"]) == (["10"], ["4"], ["0"])
    assert "14 views. Most: 10, November 21, 2026." in page
    ranks = page[page.index("Most read in") :]
    assert re.findall(r"<bdi>([^<]+)</bdi></a> <span class=\"count\">(\d+) view", ranks) == [
        ("Hello, world", "7"),
        ("Written together", "5"),
    ]


async def test_storage_is_told_by_kind(browse: Any, db: AsyncSession) -> None:
    for number, (content_type, size) in enumerate(
        [("image/png", 1000), ("image/webp", 1500), ("audio/mpeg", 2_000_000)]
    ):
        db.add(
            Media(name=f"{number}", stored=f"{number}", original_name="n", content_type=content_type, size=size,
                  fingerprint=f"{number}", created_at=TODAY)
        )  # fmt: skip
    await db.commit()
    stored = table((await browse("ada").get("/admin")).text, "Storage")
    assert stored["Pictures"] == ["2", "2.5 kB"]
    assert stored["Sound"] == ["1", "2 MB"]
    assert "Film" not in stored
    assert re.fullmatch(r"[\d.]+ [kM]B", stored["Database"][1])


async def test_it_asks_no_more_when_there_is_more(browse: Any, db: AsyncSession, statements: Any) -> None:
    few = await statements(lambda: browse("ada").get("/admin"))
    await views.add(db, {(date(2026, 11, day), post_id): 1 for day in range(1, 21) for post_id in range(1, 8)})
    assert len(await statements(lambda: browse("ada").get("/admin"))) == len(few) <= 15


async def test_what_is_to_mend_is_said_in_plain_words(fresh_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_app(secret_key="0123456789abcdef" * 3) as app:
        assert "All is well" in (await Browser(app, "ada").get("/admin")).text
        await Browser(app, "anna").post("/account/sessions/delete")
        async with app.house.sessions() as db:
            await db.execute(text("UPDATE event_head SET number = 9"))
            await db.commit()
        monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10**8, "total": 10**12}))
        page = (await Browser(app, "ada").get("/admin")).text
    assert "2 things to mend" in page
    assert "The events from 2 to 9 were removed." in page
    assert re.search(r"100 MB are free where [^ ]+ is\. Delete what is not needed", unescape(page))


async def test_the_dashboard_is_for_admins(browse: Any) -> None:
    answers: list[httpx.Response] = [await browse(who).get("/admin") for who in (None, "vera", "anna", "ed", "ada")]
    assert [answer.status_code for answer in answers] == [303, 403, 403, 403, 200]


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**9)), min_size=1, max_size=40))
def test_bars_stand_side_by_side_and_their_heights_fit_their_numbers(numbers: list[tuple[str, int]]) -> None:
    chart = Bars.of(numbers)
    assert [(bar.label, bar.number) for bar in chart.bars] == numbers
    assert chart.total == sum(number for _, number in numbers)
    assert chart.top >= chart.highest.number == max(number for _, number in numbers)
    for bar, after in zip(chart.bars, chart.bars[1:], strict=False):
        assert bar.x + chart.bar_width < after.x
        assert (bar.height <= after.height) or bar.number > after.number
    for bar in chart.bars:
        assert bar.y + bar.height == HEIGHT
        assert (bar.height > 0) == (bar.number > 0)
        assert 0 <= bar.y <= HEIGHT
