"""Drafts leak nowhere: a marked word stands in every hidden post, and no public address gives it away."""

import io
import re
from typing import Any

import pytest
from cast import SECRET
from PIL import Image
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Comment, Media, Post

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


async def share_everything_hidden(browse: Any, db: AsyncSession) -> list[str]:
    """Have every hidden post commented on, and a link made to each that can have one; give the paths of the links."""
    ed, links = browse("ed"), []
    for post_id in list(await db.scalars(select(Post.id).where(Post.slug.startswith(SECRET)))):
        await ed.post(f"/studio/posts/{post_id}/comments", {"text": f"{SECRET} among ourselves"})
        made = await ed.post(f"/studio/posts/{post_id}/shares", {"days": "30"})
        links += re.findall(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]+)"', made.text)
    assert len(links) == len(STATES) - 1, "all but what is in the trash"
    for link in links:
        await browse().post(f"{link}/comments", {"name": f"Guest {SECRET}", "text": f"{SECRET} said"})
        await browse().post(f"{link}/approval", {"name": f"Guest {SECRET}"})
    return links


@pytest.mark.parametrize("who", [None, "vera", "ben"])
async def test_no_public_page_tells_of_links_and_what_was_said_through_them(
    browse: Any, db: AsyncSession, who: str | None
) -> None:
    links = await share_everything_hidden(browse, db)
    for path in SURFACES:
        answer = await browse(who).get(path)
        words = (answer.text + str(answer.headers)).replace("for-members", "")
        assert SECRET not in words.replace(path, "").replace(f"{SECRET[:5]} ·", ""), path
        assert "/shared" not in words, path
        assert not [link for link in links if link in words], path


@pytest.mark.parametrize("who", ["vera", "ben"])
async def test_the_desk_of_others_tells_nothing_of_a_hidden_post(browse: Any, db: AsyncSession, who: str) -> None:
    await share_everything_hidden(browse, db)
    hidden = [
        post.id
        for post in await db.scalars(select(Post).where(Post.slug.startswith(SECRET), Post.slug != f"{SECRET}-shared"))
    ]
    reader = browse(who)
    for post_id in hidden:
        never = await reader.get("/studio/posts/999999/review")
        answer = await reader.get(f"/studio/posts/{post_id}/review")
        assert (answer.status_code, answer.text) == (never.status_code, never.text)
        assert answer.status_code in {403, 404}
        for comment_id in await db.scalars(select(Comment.id).where(Comment.post_id == post_id)):
            path = f"/studio/posts/{post_id}/comments/{comment_id}/resolution"
            assert (await reader.post(path)).status_code in {403, 404}
    news = await reader.get("/studio/news")
    assert news.text.count(SECRET) == (
        0 if who == "vera" else news.text.count(f"{SECRET} shared") + news.text.count(f"Guest {SECRET}")
    )
    assert (await reader.get("/studio/reviews")).status_code == 403


async def test_a_link_tells_nothing_but_its_own_text(browse: Any, db: AsyncSession) -> None:
    """Neither what is said at the desk, nor what came through other links, nor other posts, nor people's addresses."""
    post_id = (await db.scalars(select(Post.id).where(Post.slug == f"{SECRET}-draft"))).one()
    anna, guest, links = browse("anna"), browse(), []
    for _ in range(2):
        made = await anna.post(f"/studio/posts/{post_id}/shares", {"days": "30"})
        links += re.findall(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]+)"', made.text)
    await anna.post(f"/studio/posts/{post_id}/comments", {"text": "Among ourselves"})
    await guest.post(f"{links[1]}/comments", {"name": "Other guest", "text": "Through the other link"})
    await guest.post(f"{links[1]}/approval", {"name": "Other guest"})
    for who in (None, "vera", "ed"):
        page = (await browse(who).get(links[0])).text
        assert f"Nobody may read of the {SECRET} yet." in page
        for words in (
            "Among ourselves",
            "Other guest",
            "other link",
            "Hello, world",
            "example.org",
            "/studio/",
            links[1],
        ):
            assert words not in page, words


async def test_a_link_gives_no_file_but_those_of_its_text(browse: Any, db: AsyncSession) -> None:
    anna, kept = browse("anna"), io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(kept, "PNG")
    await anna.post("/studio/media", files={"file": ("a.png", kept.getvalue(), "image/png")})
    name = (await db.scalars(select(Media.name))).one()
    post_id = (await db.scalars(select(Post.id).where(Post.slug == f"{SECRET}-draft"))).one()
    made = await anna.post(f"/studio/posts/{post_id}/shares", {"days": "30"})
    link = re.findall(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]+)"', made.text)[0]
    assert (await anna.get(f"/media/{name}")).status_code == 200
    for who in (None, "anna", "ed"):
        guest = browse(who)
        never = await guest.get(f"{link}/media/{'1' * 32}.png")
        for asked in (
            name,
            name.replace(".png", "-480.webp"),
            f"..%2f{name}",
            "..%2f..%2fblog.db",
            "%2e%2e",
            name.upper(),
        ):
            answer = await guest.get(f"{link}/media/{asked}")
            assert (answer.status_code, answer.text) == (404, never.text), asked
