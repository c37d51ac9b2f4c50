"""Drafts leak nowhere: a marked word stands in every hidden post, and no public address gives it away."""

from typing import Any

import pytest
from cast import SECRET

STATES = ["draft", "scheduled", "withdrawn", "trashed", "pending", "carls", "shared"]
SURFACES = ["/", "/?page=1", "/tags", "/feed.xml", "/rss.xml", "/archive", "/archive/2026/11", "/feed.json", "/sitemap.xml", "/llms.txt", "/robots.txt", "/tags/python", "/tags/python/feed.xml", "/tags/python/rss.xml", "/authors/anna/feed.json", f"/posts/{SECRET}-draft.md", "/authors/anna",
            "/authors/anna/feed.xml", "/authors/carl", "/authors/carl/feed.xml", "/posts/hello",
            "/posts/together", f"/tags/{SECRET}-only/feed.xml", f"/tags/{SECRET}-only", "/nothing"]  # fmt: skip


@pytest.mark.parametrize("who", [None, "vera", "ben"])
@pytest.mark.parametrize("path", SURFACES)
async def test_no_public_page_holds_a_word_of_a_hidden_post(browse: Any, path: str, who: str | None) -> None:
    answer = await browse(who).get(path)
    words = answer.text + str(answer.headers)
    if who is not None:
        words = words.replace("for-members", "")
    assert SECRET not in words


@pytest.mark.parametrize("state", STATES)
async def test_a_hidden_post_answers_as_if_it_had_never_existed(browse: Any, state: str) -> None:
    hidden, never = await browse().get(f"/posts/{SECRET}-{state}"), await browse().get("/posts/never-existed")
    if state == "trashed":
        assert hidden.status_code == 410
        assert SECRET not in hidden.text
        return
    assert hidden.status_code == never.status_code == 404
    assert hidden.text == never.text
    assert dict(hidden.headers) == dict(never.headers)


async def test_a_members_post_is_for_those_who_signed_in(browse: Any) -> None:
    assert (await browse().get("/posts/for-members")).status_code == 404
    assert (await browse("vera").get("/posts/for-members")).status_code == 200
    assert "For members" not in (await browse().get("/")).text
    assert "For members" in (await browse("vera").get("/")).text


@pytest.mark.parametrize(
    ("who", "status"), [("anna", 200), ("ed", 200), ("ada", 200), ("ben", 404), ("vera", 404), ("sam", 404)]
)
async def test_a_draft_can_be_looked_at_by_those_who_work_on_it(browse: Any, who: str, status: int) -> None:
    assert (await browse(who).get(f"/posts/{SECRET}-draft")).status_code == status
