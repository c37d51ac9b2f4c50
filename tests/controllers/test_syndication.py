"""Feeds, and what else programs read: whole texts, links that hold elsewhere, and never a word of a hidden post."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from cast import DAY, SECRET, Clock, written
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.absolute import absolute
from blog.models import Post, User
from blog.queries import sitemap

SUBJECTS = ["", "/tags/python", "/authors/anna"]
BODY = (
    '[here](#below) [there](/posts/together) [away](//other.test/x)\n\n# Below\n\n![a](/media/a.png)\n\n`<a href="/x">`'
)
SITE = "http://127.0.0.1:8000"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


async def publish(db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    post = written(anna, "Links & <marks>", "links", clock() - DAY, body=BODY)
    post.publish(now=clock(), by=anna)
    db.add(post)
    await db.commit()


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_the_three_feeds_of_a_subject_tell_the_same(browse: Any, subject: str) -> None:
    atom = ElementTree.fromstring((await browse().get(f"{subject}/feed.xml")).content)
    rss = ElementTree.fromstring((await browse().get(f"{subject}/rss.xml")).content)
    told = json.loads((await browse().get(f"{subject}/feed.json")).content)
    titles = [entry.findtext("{*}title") for entry in atom.iter("{http://www.w3.org/2005/Atom}entry")]
    assert titles == [item.findtext("title") for item in rss.iter("item")] == [item["title"] for item in told["items"]]
    ids = [entry.findtext("{*}id") for entry in atom.iter("{http://www.w3.org/2005/Atom}entry")]
    assert ids == [item.findtext("guid") for item in rss.iter("item")] == [item["id"] for item in told["items"]]
    assert told["feed_url"] == f"{SITE}{subject}/feed.json"
    assert rss.findtext("channel/link") == told["home_page_url"] == f"{SITE}{subject or '/'}"
    assert (await browse().get(f"{subject}/feed.yaml")).status_code == 404


async def test_a_text_in_a_feed_is_whole_and_its_links_hold(browse: Any, db: AsyncSession, clock: Clock) -> None:
    await publish(db, clock)
    item = json.loads((await browse().get("/feed.json")).content)["items"][0]
    rss = ElementTree.fromstring((await browse().get("/rss.xml")).content)
    html = item["content_html"]
    assert html == rss.find("channel/item").findtext(CONTENT)
    assert item["title"] == "Links & <marks>"
    links = re.findall(r'<[^>]*?(?:href|src)="([^"]*)"', html)
    assert links == [f"{SITE}/posts/links#h-below", f"{SITE}/posts/together", "//other.test/x", f"{SITE}/media/a.png"]
    assert '&lt;a href="/x"&gt;' in html, "code is not a link"


@pytest.mark.parametrize(
    "path", ["/feed.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/posts/hello.md", "/llms.txt"]
)
async def test_who_has_the_newest_is_told_so(browse: Any, db: AsyncSession, clock: Clock, path: str) -> None:
    first = await browse().get(path)
    etag = first.headers["etag"]
    again = await browse().get(path, headers={"if-none-match": f'"other", {etag.removeprefix("W/")}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await browse().get(path, headers={"if-none-match": '"other"'})).status_code == 200
    if "last-modified" in first.headers:
        since = {"if-modified-since": first.headers["last-modified"]}
        assert (await browse().get(path, headers=since)).status_code == 304
        assert (await browse().get(path, headers=since | {"if-none-match": '"other"'})).status_code == 200
    assert (await browse().get(path, headers={"if-modified-since": "nonsense"})).status_code == 200
    await publish(db, clock)
    if path != "/posts/hello.md":
        assert (await browse().get(path, headers={"if-none-match": etag})).status_code == 200


OLD = {
    "/feed": "/feed.xml", "/feed/": "/feed.xml", "/atom.xml": "/feed.xml", "/index.xml": "/feed.xml", "/rss": "/rss.xml",
    "/rss/": "/rss.xml", "/feed/atom/": "/feed.xml", "/tag/python": "/tags/python", "/tag/python/": "/tags/python",
    "/category/python/": "/tags/python", "/tag/python/feed/": "/tags/python/rss.xml", "/author/anna/": "/authors/anna",
    "/author/anna/feed": "/authors/anna/rss.xml", "/page/2/": "/?page=2", "/page/1": "/",
    "/tag/caf%C3%A9%20au%20lait/": "/tags/caf%C3%A9%20au%20lait",
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), OLD.items())
async def test_addresses_of_other_systems_lead_here(browse: Any, old: str, new: str) -> None:
    answer = await browse().get(old)
    assert (answer.status_code, answer.headers["location"]) == (301, new)
    assert (await browse().get("/page/nonsense")).status_code == 404


async def test_the_sitemap_lists_every_public_page_and_no_other(browse: Any) -> None:
    root = ElementTree.fromstring((await browse().get("/sitemap.xml")).content)
    places = [(place.text or "").removeprefix(SITE) for place in root.findall(".//{*}loc")]
    assert {"/", "/tags", "/posts/hello", "/posts/together", "/tags/python", "/authors/greta"} <= set(places)
    assert {"/about", "/posts/for-members"} <= set(places)
    assert not any(SECRET in place for place in places)
    assert len(places) == len(set(places))
    for place in places:
        assert (await browse().get(place)).status_code == 200
    assert f"Sitemap: {SITE}/sitemap.xml" in (await browse().get("/robots.txt")).text


async def test_the_sitemap_leaves_out_what_appeared_elsewhere_first(browse: Any, db: AsyncSession) -> None:
    ed = browse("ed")
    for slug, first in (("hello", "https://elsewhere.example/hello"), ("together", f"{SITE}/posts/together")):
        post_id = (await db.scalars(select(Post.id).where(Post.slug == slug))).one()
        assert (await ed.save(post_id, title=slug, slug=slug, body="x", canonical_url=first)).status_code == 303
    await ed.post(
        "/studio/pages", {"title": "Old", "body": "x", "canonical_url": "http://o.example", "then": "publish"}
    )
    places = (await browse().get("/sitemap.xml")).text
    assert "/posts/together<" in places
    assert "/posts/hello<" not in places
    assert f"{SITE}/old<" not in places
    page = (await browse().get("/posts/hello")).text
    assert '<link rel="canonical" href="https://elsewhere.example/hello">' in page
    assert "noindex" not in page
    assert "/posts/hello" in (await browse().get("/feed.xml")).text, "readers still find it"


async def test_a_large_sitemap_has_parts(browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ElementTree.fromstring((await browse().get("/sitemap.xml")).content)
    monkeypatch.setattr(sitemap, "PART_SIZE", 2)
    index = ElementTree.fromstring((await browse().get("/sitemap.xml")).content)
    parts = [(place.text or "").removeprefix(SITE) for place in index.findall(".//{*}loc")]
    assert parts == ["/sitemap/1", "/sitemap/2"]
    listed = []
    for part in parts:
        listed += [
            place.text for place in ElementTree.fromstring((await browse().get(part)).content).findall(".//{*}loc")
        ]
    assert sorted(listed) == sorted(place.text for place in whole.findall(".//{*}loc"))
    assert (await browse().get("/sitemap/3")).status_code == 404


async def test_a_public_post_is_there_as_markdown_and_a_hidden_one_is_not(browse: Any) -> None:
    answer = await browse().get("/posts/hello.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Hello, world\n")
    assert "/posts/hello.md" in (await browse().get("/llms.txt")).text
    for hidden in ("draft", "scheduled", "withdrawn", "trashed"):
        for who in (None, "anna", "ada"):
            assert (await browse(who).get(f"/posts/{SECRET}-{hidden}.md")).status_code in {404, 410}
    assert (await browse("vera").get("/posts/for-members.md")).status_code == 404


@given(st.text(alphabet="<a href=\"/#>b' ", max_size=60))
def test_text_outside_of_tags_is_left_alone(text: str) -> None:
    escaped = text.replace("<", "&lt;")
    assert absolute(f'<p>{escaped}</p><a href="/x">', site="S", page="P") == f'<p>{escaped}</p><a href="S/x">'
