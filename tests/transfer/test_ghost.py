"""Sites of Ghost, as each of its editors kept them, brought in on both databases."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import samples
from browser import Browser
from cast import TODAY
from sqlalchemy import select
from transfer.ghost_site import GhostSite, lexical, mobiledoc, paragraph, text
from transfer.old_site import all_posts, count, old_paths, png, post_at, told

from blog.database import Sessions
from blog.models import Event, Media, Post, Redirect, Role, Status, Tag, User, UserStatus, Visibility
from blog.transfer.ghost.posts import moment
from blog.transfer.pipeline import BATCH


@pytest.fixture
def ghost_site(tmp_path: Path) -> GhostSite:
    return GhostSite(tmp_path, tmp_path / "media")


def people(site: GhostSite) -> None:
    """Let a site have an owner, an editor and somebody who left."""
    site.add("users", id="1", name="Owen Owner", slug="owen", email="owen@example.org", password="$2a$secret")
    site.add(
        "users", id="65a", name="Ana García", slug="ana-garcia", email="ana@example.org", status="active", bio="Sails."
    )
    site.add("users", id="65b", name="李雷", slug="li-lei", email="li@example.org", status="inactive")
    for number, (role, user) in enumerate({"Owner": "1", "Editor": "65a", "Contributor": "65b"}.items()):
        site.add("roles", id=f"r{number}", name=role)
        site.add("roles_users", role_id=f"r{number}", user_id=user)


async def test_a_site_moves_in_with_people_tags_dates_and_addresses(ghost_site: GhostSite, fresh_app: Any) -> None:
    people(ghost_site)
    for number, (name, slug) in enumerate(
        {"Rust & friends": "rust-friends", "#theme": "hash-theme", "News": "news"}.items()
    ):
        ghost_site.add("tags", id=f"t{number}", name=name, slug=slug)
    sea = ghost_site.post(
        "the-sea",
        title="The sea",
        featured=1,
        custom_excerpt="Salt.",
        canonical_url="https://first.example/sea",
        codeinjection_head="<script>bad()</script>",
        lexical=lexical(
            paragraph(text("Waves", 1), text(" and "), {"type": "link", "url": "__GHOST_URL__/wind/#gusts", "children": [text("wind")]}),
            paragraph({"type": "link", "url": "/tag/rust-friends/", "children": [text("more")]}, text(" by "),
                      {"type": "link", "url": "__GHOST_URL__/author/ana-garcia/", "children": [text("her")]}),
        ),
    )  # fmt: skip
    ghost_site.post("wind", lexical=lexical("Blows."), published_at="2026-02-03T04:05:06.000Z")
    ghost_site.add("posts_meta", post_id=sea["id"], meta_title="Sea!", meta_description="All on the sea.")
    for order, user in enumerate(("65b", "65a")):
        ghost_site.add("posts_authors", post_id=sea["id"], author_id=user, sort_order=order)
    for order, tag in enumerate(("t1", "t2", "t0")):
        ghost_site.add("posts_tags", post_id=sea["id"], tag_id=tag, sort_order=order)
    ghost_site.add("settings", key="title", value="Harbour")
    ghost_site.add("settings", key="navigation", value='[{"label": "Wind", "url": "/wind/"}]')
    ghost_site.add("settings", key="members_private_key", value="-----BEGIN RSA PRIVATE KEY-----")
    async with fresh_app(with_cast=False) as app:
        sessions = app.house.sessions
        report = await ghost_site.bring_in(sessions)
        assert (report.imported, report.skipped, report.authors_made, report.tags_made) == (2, 0, 3, 2)
        assert told(report) == [
            "post/the-sea: Its code injection was left out.",
            "post/the-sea: Search engines were told the title “Sea!”; here they are told its own.",
            "post/wind: The export does not say who wrote it; it belongs to “Anonymous”.",
            "site.ghost.json: Owen Owner was Owner and is an editor here; only an admin makes admins.",
            "site.ghost.json: The tag “#theme” was for the theme; 1 post came without it.",
        ]
        assert b"Title: Harbour" in report.attachments["site.txt"]
        assert b"  Wind: /posts/wind\n" in report.attachments["site.txt"]
        assert not any(b"secret" in content or b"PRIVATE" in content for content in report.attachments.values())
        browser = Browser(app)
        ways = {
            "/the-sea/": "/posts/the-sea",
            f"/p/{sea['uuid']}/": "/posts/the-sea",
            "/tag/rust-friends/": "/tags/rust-friends",
            "/author/ana-garcia/": "/authors/ana-garcia",
        }
        for old, here in ways.items():
            answer = await browser.get(old, follow_redirects=True)
            assert (answer.status_code, answer.url.path) == (200, here)
        post = await post_at(sessions, "the-sea")
        wind = await post_at(sessions, "wind")
        async with sessions() as db:
            everybody = {user.username: user for user in await db.scalars(select(User))}
    assert post.body == (
        "**Waves** and [wind](/posts/wind#h-gusts)\n\n[more](/tags/rust-friends) by [her](/authors/ana-garcia)\n"
    )
    assert (post.title, post.excerpt, post.description) == ("The sea", "Salt.", "All on the sea.")
    assert (post.is_featured, post.canonical_url) == (True, "https://first.example/sea")
    assert [author.username for author in post.authors] == ["li-lei", "ana-garcia"]
    assert {tag.name for tag in post.tags} == {"News", "Rust & friends"}
    assert post.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert wind.published_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert (everybody["ana-garcia"].role, everybody["ana-garcia"].bio) == (Role.EDITOR, "Sails.")
    assert (everybody["li-lei"].role, everybody["li-lei"].status) == (Role.CONTRIBUTOR, UserStatus.SUSPENDED)
    assert all(user.email is None and user.role != Role.ADMIN for user in everybody.values())


async def test_states_and_readers_are_kept(ghost_site: GhostSite, sessions: Sessions) -> None:
    people(ghost_site)
    mine = {"author_id": "65a", "html": "<p>Words</p>"}
    ghost_site.post("out", **mine)
    ghost_site.post("begun", status="draft", published_at=None, **mine)
    ghost_site.post("soon", status="scheduled", published_at="2026-12-24T18:00:00.000Z", **mine)
    ghost_site.post("letter", status="sent", **mine)
    ghost_site.post("friends", visibility="members", **mine)
    ghost_site.post("payers", visibility="paid", **mine)
    ghost_site.post("about", type="page", **mine)
    report = await ghost_site.bring_in(sessions)
    posts = {post.slug: post for post in await all_posts(sessions)}
    assert posts["out"].is_live(TODAY)
    assert posts["begun"].status == posts["letter"].status == Status.DRAFT
    assert posts["soon"].is_scheduled(TODAY)
    assert posts["friends"].visibility == posts["payers"].visibility == Visibility.MEMBERS
    assert posts["about"].path == "/about"
    assert told(report)[:2] == [
        "post/letter: It was sent as a letter and never stood on the site; it is a draft here.",
        "post/payers: It was for readers who pay; all who sign in may read it here.",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2022-04-04 09:30:00", datetime(2022, 4, 4, 9, 30, tzinfo=UTC)),
        ("2022-04-04T09:30:00.000Z", datetime(2022, 4, 4, 9, 30, tzinfo=UTC)),
        ("2022-04-04T11:30:00+02:00", datetime(2022, 4, 4, 9, 30, tzinfo=UTC)),
        (1649064600000, datetime(2022, 4, 4, 9, 30, tzinfo=UTC)),
        ("1649064600000", datetime(2022, 4, 4, 9, 30, tzinfo=UTC)),
        (None, None),
        (True, None),
        ("soon", None),
        (10**30, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_dates_are_read_in_all_their_forms(written: object, meant: datetime | None) -> None:
    assert moment(written) == meant


async def test_every_card_comes_along_or_is_told(ghost_site: GhostSite, sessions: Sessions) -> None:
    ghost_site.put("images/2026/a.png", png())
    ghost_site.put("files/2026/x.pdf", samples.PDF)
    picture = "__GHOST_URL__/content/images/2026/a.png"
    cards: list[dict[str, Any]] = [
        {"type": "markdown", "markdown": "## In *Markdown*\nand\nmore [wind](/wind/)"},
        {"type": "html", "html": "<div onclick='x()'><script>bad()</script><p>Raw</p><b>open"},
        {"type": "image", "src": picture, "alt": "A", "caption": "<span>Sea</span>", "width": 9, "height": 9},
        {"type": "gallery", "images": [{"src": picture, "alt": "B"}, {"src": picture}], "caption": "Two"},
        {"type": "codeblock", "code": "fn <x>", "language": "rust", "caption": "Listing"},
        {"type": "horizontalrule"},
        {"type": "bookmark", "url": "https://a.example/", "metadata": {"title": "A & B", "author": "Me", "publisher": "Us"}},
        {"type": "embed", "url": "https://film.example/1", "html": "<iframe src='https://film.example/e'></iframe>"},
        {"type": "callout", "calloutEmoji": "💡", "calloutText": "Mind <b>this</b>"},
        {"type": "toggle", "heading": "More?", "content": "<p>Hidden</p>"},
        {"type": "button", "buttonText": "Press", "buttonUrl": "https://b.example/"},
        {"type": "file", "src": "__GHOST_URL__/content/files/2026/x.pdf", "fileTitle": "Paper", "fileName": "x.pdf", "fileSize": 2048},
        {"type": "audio", "src": "__GHOST_URL__/content/media/gone.mp3", "title": "Song"},
        {"type": "video", "src": "https://c.example/v.mp4", "caption": "Film"},
        {"type": "product", "productTitle": "Pot", "productRatingEnabled": True, "productStarRating": 4, "productDescription": "<p>Good</p>"},
        {"type": "header", "header": "Hello", "subheader": "below"},
        {"type": "call-to-action", "textValue": "<p>Act now</p>", "showButton": True, "buttonUrl": "/wind/", "buttonText": "Go"},
        {"type": "paywall"},
        {"type": "signup", "header": "Join"},
        {"type": "email", "html": "<p>Hey {name}</p>"},
        {"type": "html", "html": "<p>For payers</p>", "visibility": {"web": {"nonMember": False, "memberSegment": "status:-free"}}},
        {"type": "hologram", "text": "Shimmers"},
        paragraph(text("Said"), kind="extended-quote"),
        paragraph(text("Aside"), kind="aside"),
        paragraph(text("Head"), kind="extended-heading", tag="h3"),
        {"type": "list", "listType": "number", "start": 3, "children": [
            paragraph(text("one"), kind="listitem"),
            paragraph({"type": "list", "listType": "bullet", "children": [paragraph(text("in"), kind="listitem")]}, kind="listitem"),
        ]},
        paragraph(text("a", 16), {"type": "linebreak"}, text("b", 3), text("2", 32), {"type": "tk", "text": "TK"}),
    ]  # fmt: skip
    ghost_site.post("cards", author_id="65a", lexical=lexical(*cards))
    ghost_site.post("wind", author_id="65a", html="<p>Blows</p>")
    people(ghost_site)
    report = await ghost_site.bring_in(sessions)
    post = await post_at(sessions, "cards")
    async with sessions() as db:
        kept = {media.name.rpartition(".")[2]: media for media in await db.scalars(select(Media))}
    shown, paper = kept["png"].url, kept["pdf"].url
    assert post.body.split("\n\n") == [
        "## In *Markdown*\nand\\\nmore [wind](/posts/wind)",
        "Raw",
        "**open**",
        f'![A]({shown} "Sea")',
        f'<figure>\n<img src="{shown}" alt="B"> <img src="{shown}" alt="">\n<figcaption>Two</figcaption>\n</figure>',
        '<figure>\n<pre><code class="language-rust">fn &lt;x&gt;\n</code></pre>\n<figcaption>Listing</figcaption>\n</figure>',
        "---",
        "**[A & B](https://a.example/)**\\\nMe · Us",
        "<https://film.example/1>",
        "> 💡 Mind **this**",
        "<details>\n<summary>More?</summary>\n<p>Hidden</p>\n</details>",
        "[Press](https://b.example/)",
        f"[Paper]({paper}) (x.pdf, 2 KB)",
        "<figure>\n\\[gone.mp3]\n<figcaption>Song</figcaption>\n</figure>".replace("\\[", "["),
        '<figure>\n<video src="https://c.example/v.mp4" controls=""></video>\n<figcaption>Film</figcaption>\n</figure>',
        "#### Pot",
        "★★★★☆",
        "Good",
        "## Hello",
        "below",
        "Act now",
        "[Go](/posts/wind)",
        "Shimmers",
        "> Said",
        "> Aside",
        "### Head",
        "3. one\n   - in",
        "`a`\\\n***b***<sub>2</sub>TK\n",
    ]
    assert "bad()" not in post.html
    assert "payers" not in post.html
    reasons = [line.reason for line in report.lines if line.file == "post/cards"]
    assert reasons == [
        "What film.example showed is a link to it now.",
        "Only what stood below a divider was for members; here a post is for members as a whole or not at all.",
        "A form to subscribe was left out: “Join”",
        "A part that was for letters only was left out.",
        "A card “html” was left out: only members saw it.",
        "The card “hologram” is not known here; only its text stands there.",
        "The recording /content/media/gone.mp3 is missing: it is not in the folder.",
        "The recording https://c.example/v.mp4 is on another site and was not copied.",
    ]


async def test_older_editors_kept_mobiledoc_html_and_markdown(ghost_site: GhostSite, sessions: Sessions) -> None:
    people(ghost_site)
    cards = [["image", {"src": "/content/images/gone.png", "alt": "G"}], ["code", {"code": "x = 1", "language": "python"}],
             ["card-markdown", {"markdown": "*so*"}], ["hr", {}], ["html", {"html": "<i>raw</i>"}]]  # fmt: skip
    sections = [
        [1, "h2", [[0, [], 0, "Head"]]],
        [1, "p", [[0, [0, 1], 1, "both"], [0, [], 1, " link"], [1, [], 0, 0], [0, [], 0, "a < b"]]],
        [3, "ul", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
        [10, 0], [10, 1], [10, 2], [10, 3], [10, 4],
        [1, "aside", [[0, [], 0, "quoted"]]],
    ]  # fmt: skip
    markups = [["a", ["href", "https://a.example/"]], ["strong"]]
    ghost_site.post(
        "mobile",
        author_id="65a",
        mobiledoc=mobiledoc(*sections, cards=cards, markups=markups, atoms=[["soft-return", "", {}]]),
    )
    ghost_site.post(
        "markup", author_id="65a", html="<!--kg-card-begin: html--><p>Plain <em>HTML</em></p><!--kg-card-end: html-->"
    )
    gated = '<p>All</p><!--kg-gated-block:begin nonMember:false memberSegment:"status:free" --><p>Few</p><!--kg-gated-block:end-->'
    ghost_site.post("gated", author_id="65a", html=gated)
    ghost_site.post("broken", author_id="65a", lexical='{"root": [', html="<p>Saved</p>")
    ghost_site.post(
        "oldest",
        author_id="65a",
        markdown="# Old\n\nfirst line\nsecond `a\nb` line\n\n| a |\n|---|\n| b |\n",
        html="<p>x</p>",
    )
    report = await ghost_site.bring_in(sessions)
    bodies = {slug: (await post_at(sessions, slug)).body for slug in ("mobile", "markup", "gated", "broken", "oldest")}
    assert bodies["mobile"] == (
        "## Head\n\n[**both** link](https://a.example/)\\\na < b\n\n- one\n- two\n\n*Picture: G*\n\n"
        "```python\nx = 1\n```\n\n*so*\n\n---\n\n*raw*\n\n> quoted\n"
    )
    assert (bodies["markup"], bodies["gated"], bodies["broken"]) == ("Plain *HTML*\n", "All\n", "Saved\n")
    assert bodies["oldest"] == "# Old\n\nfirst line\\\nsecond `a\nb` line\n\n| a |\n|---|\n| b |\n"
    assert [line for line in told(report) if line.startswith("post/")] == [
        "post/broken: Its text (lexical) is broken; the HTML that Ghost made of it stands there.",
        "post/gated: A part that only members saw was left out.",
        "post/mobile: The picture /content/images/gone.png is missing: no folder of pictures was given.",
    ]


async def test_exports_of_every_age_are_read(ghost_site: GhostSite, sessions: Sessions) -> None:
    post = {
        "id": 7,
        "title": "Old",
        "slug": "old",
        "markdown": "Words",
        "status": "published",
        "page": 0,
        "author_id": 1,
        "published_at": 1388318400000,
    }
    user = {"id": 1, "name": "Una", "slug": "una", "email": "u@example.org"}
    tables = {"posts": [post], "users": [user], "settings": [{"key": "permalinks", "value": "/:year/:month/:slug/"}]}
    for number, whole in enumerate(
        ({"meta": {"version": "003"}, "data": tables}, {"db": [{"data": tables}]}, {"data": tables}, tables)
    ):
        file = ghost_site.root / f"{number}.json"
        file.write_bytes(b"\xef\xbb\xbf" + json.dumps(whole).encode())
        report = await ghost_site.bring_in(sessions, file=file)
        assert (report.imported, report.unchanged) == ((1, 0) if number == 0 else (0, 1))
    old = await post_at(sessions, "old")
    assert (old.published_at, old.owner.username) == (datetime(2013, 12, 29, 12, tzinfo=UTC), "una")
    assert await old_paths(sessions) == {"/2013/12/old", "/old", "/author/una"}


async def test_pictures_come_from_the_content_folder_and_their_addresses_go_on(
    ghost_site: GhostSite, fresh_app: Any
) -> None:
    people(ghost_site)
    ghost_site.put("images/2026/01/a b.png", png("navy"))
    ghost_site.put("images/cover.png", png("red"))
    html = (
        '<figure><img src="__GHOST_URL__/content/images/size/w600/2026/01/a%20b.png" alt="A" width="900" height="600">'
        '</figure><p><img src="https://cdn.example/x.png" alt="X"></p>'
    )
    post = ghost_site.post("shown", author_id="65a", html=html, feature_image="__GHOST_URL__/content/images/cover.png")
    ghost_site.add("posts_meta", post_id=post["id"], feature_image_alt="Red", feature_image_caption="By <b>me</b>")
    async with fresh_app(with_cast=False) as app:
        sessions = app.house.sessions
        report = await ghost_site.bring_in(sessions)
        assert report.pictures_kept == 2
        async with sessions() as db:
            query = select(Post, Media).join(Media, Media.id == Post.cover_id)
            found, cover = (await db.execute(query)).one()
            redirect = await db.scalar(select(Redirect).where(Redirect.path == "/content/images/2026/01/a b.png"))
        assert found.cover_alt == "Red"
        assert (ghost_site.kept / cover.name).read_bytes() == png("red")
        assert redirect is not None
        assert (await Browser(app).get(redirect.target)).status_code == 200
        assert (await Browser(app).get(cover.url)).status_code == 200, "a cover is as public as its post"
        shown = await post_at(sessions, "shown")
    assert shown.body == f"![A]({redirect.target})\n\n![X](https://cdn.example/x.png)\n"
    assert [line.reason for line in report.lines if line.file == "post/shown"] == [
        "The caption of its picture was left out: “By me”",
        "The picture https://cdn.example/x.png is on another site and was not copied.",
    ]


async def test_bringing_it_in_again_changes_nothing_and_a_stopped_run_goes_on(
    ghost_site: GhostSite, sessions: Sessions
) -> None:
    people(ghost_site)
    for number in range(BATCH + 8):
        ghost_site.post(f"post-{number}", author_id="65a", lexical=lexical(f"Words of {number}."))

    def stop(done: int, total: int) -> None:
        if done >= BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await ghost_site.bring_in(sessions, progress=stop)
    assert (await count(sessions, Post)) == (BATCH,)
    rehearsed = await ghost_site.bring_in(sessions, dry_run=True)
    assert (rehearsed.imported, rehearsed.unchanged) == (8, BATCH)
    went_on = await ghost_site.bring_in(sessions)
    assert (went_on.imported, went_on.unchanged) == (8, BATCH)
    before = await count(sessions, Post, User, Tag, Redirect, Event)
    again = await ghost_site.bring_in(sessions)
    assert (again.imported, again.updated, again.unchanged, again.redirects_made) == (0, 0, 40, 0)
    assert await count(sessions, Post, User, Tag, Redirect, Event) == before
    ghost_site.tables["posts"][3] |= {"lexical": lexical("Other words."), "slug": "moved"}
    changed = await ghost_site.bring_in(sessions)
    assert (changed.imported, changed.updated, changed.unchanged) == (0, 1, 39)
    assert (await post_at(sessions, "moved")).body == "Other words.\n"


async def test_redirects_and_comments_come_along(ghost_site: GhostSite, sessions: Sessions) -> None:
    people(ghost_site)
    post = ghost_site.post("here", author_id="65a", html="<p>x</p>")
    ghost_site.add(
        "comments", id="c1", post_id=post["id"], member_id="m1", html="<p>Nice</p>", member_email="a@b.example"
    )
    ways = [
        {"from": "^/was/?$", "to": "/here/", "permanent": True},
        {"from": "/away", "to": "https://b.example/x", "permanent": False},
        {"from": "^/blog/(.*)$", "to": "/$1", "permanent": True},
        {"from": "/bad", "to": "javascript:alert(1)"},
        {"from": "/here", "to": "/elsewhere"},
    ]
    (ghost_site.root / "redirects.json").write_text(json.dumps(ways))
    report = await ghost_site.bring_in(sessions)
    async with sessions() as db:
        made = {
            row.path: (row.target, row.code) for row in await db.scalars(select(Redirect).where(Redirect.code != 0))
        }
    assert made["/was"] == ("/posts/here", 301)
    assert made["/away"] == ("https://b.example/x", 302)
    assert "/here" not in made
    assert [line.reason for line in report.lines if line.file == "redirects.json"] == [
        "The redirect from ^/blog/(.*)$ is a pattern and was left out.",
        "The redirect from /bad leads to no address: javascript:alert(1)",
    ]
    comments = report.attachments["comments.json"]
    assert isinstance(comments, Path)
    assert [one["html"] for one in json.loads(comments.read_text())] == ["<p>Nice</p>"]
    assert "a@b.example" not in comments.read_text()
    yaml = ghost_site.root / "other.yaml"
    yaml.write_text("301:\n  /by-yaml/: /here/\n302:\n  /for-now: /here/\n")
    again = await ghost_site.bring_in(sessions, redirects=yaml)
    assert again.redirects_made == 2
