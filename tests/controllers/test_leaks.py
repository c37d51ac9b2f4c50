"""Drafts leak nowhere: a marked word stands in every hidden post, and no public address gives it away."""

from typing import Any

import pytest
from cast import SECRET

STATES = ["page", "draft", "scheduled", "withdrawn", "trashed", "pending", "carls", "shared"]
SURFACES = ["/", "/?page=1", "/tags", "/feed.xml", "/rss.xml", "/archive", "/archive/2026/11", "/feed.json", "/sitemap.xml", "/llms.txt", "/robots.txt", "/tags/python", "/tags/python/feed.xml", "/tags/python/rss.xml", "/authors/anna/feed.json", f"/posts/{SECRET}-draft.md", "/authors/anna",
            "/authors/anna/feed.xml", "/authors/carl", "/authors/carl/feed.xml", "/posts/hello",
            "/posts/together", f"/tags/{SECRET}-only/feed.xml", f"/tags/{SECRET}-only", "/about", f"/{SECRET}-page", "/nothing",
            f"/search?q={SECRET[:5]}", "/search?q=hello", "/search?q=nobody"]  # fmt: skip


@pytest.mark.parametrize("who", [None, "vera", "ben"])
@pytest.mark.parametrize("path", SURFACES)
async def test_no_public_page_holds_a_word_of_a_hidden_post(browse: Any, path: str, who: str | None) -> None:
    answer = await browse(who).get(path)
    words = answer.text + str(answer.headers)
    if who is not None:
        words = words.replace("for-members", "")
    # What the reader typed themselves is theirs to see.
    assert SECRET not in words.replace(path, "").replace(f"{SECRET[:5]} ·", "")


@pytest.mark.parametrize("state", STATES)
async def test_a_hidden_post_answers_as_if_it_had_never_existed(browse: Any, state: str) -> None:
    folder = "" if state == "page" else "/posts"
    hidden, never = await browse().get(f"{folder}/{SECRET}-{state}"), await browse().get(f"{folder}/never-existed")
    if state == "trashed":
        assert hidden.status_code == 410
        assert SECRET not in hidden.text
        return
    assert hidden.status_code == never.status_code == 404
    assert hidden.text == never.text
    assert dict(hidden.headers) == dict(never.headers)


async def test_of_a_members_post_others_see_the_title_and_an_invitation(browse: Any) -> None:
    page = (await browse().get("/posts/for-members")).text
    assert "For members" in page
    assert 'href="/login?next=/posts/for-members"' in page
    assert "okapi" in (await browse("vera").get("/posts/for-members")).text


@pytest.mark.parametrize("path", ["/", "/posts/for-members", "/posts/for-members.md", "/feed.xml", "/rss.xml",
    "/feed.json", "/authors/ed", "/authors/ed/feed.xml", "/search?q=members", "/search?q=okap", "/llms.txt",
    "/archive/2026/11", "/sitemap.xml", "/posts/for-members/card.png"])  # fmt: skip
async def test_a_members_text_is_nowhere_in_public(browse: Any, path: str) -> None:
    answer = await browse().get(path)
    assert b"okapi" not in answer.content


async def test_feeds_mark_a_post_as_for_members_and_search_tells_only_its_title(browse: Any) -> None:
    assert 'term="members-only"' in (await browse().get("/feed.xml")).text
    assert "For members: sign in to read it." in (await browse().get("/rss.xml")).text
    item = next(one for one in (await browse().get("/feed.json")).json()["items"] if one["title"] == "For members")
    assert "_members_only" in item
    assert "content_html" not in item
    assert "Nothing was found" in (await browse().get("/search?q=okapi")).text
    assert "okapi" in (await browse("vera").get("/search?q=okapi")).text


@pytest.mark.parametrize(
    ("who", "status"), [("anna", 200), ("ed", 200), ("ada", 200), ("ben", 404), ("vera", 404), ("sam", 404)]
)
async def test_a_draft_can_be_looked_at_by_those_who_work_on_it(browse: Any, who: str, status: int) -> None:
    assert (await browse(who).get(f"/posts/{SECRET}-draft")).status_code == status
