"""Whole exports of WordPress sites, brought in on both databases."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from cast import DAY, TODAY
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer
from transfer.old_site import all_posts, count, old_paths, png, post_at, told
from transfer.old_wordpress import SITE, OldWordPress

from blog.database import Sessions, begin_write
from blog.models import Kind, Media, Post, Redirect, Revision, Role, Site, Status, Tag, User
from blog.settings import ROOT
from blog.transfer.pipeline import BATCH
from blog.transfer.wordpress.reading import read_export

KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from blog.database import make_engine, make_sessions
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer import pipeline
from blog.transfer.wordpress import import_wordpress

store, batches = pipeline.store, []

async def store_and_die(*arguments):
    told = await store(*arguments)
    batches.append(told)
    if len(batches) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return told

pipeline.store = store_and_die
sessions = make_sessions(make_engine(Settings(database_url=sys.argv[1], secret_key="s" * 40)))
asyncio.run(import_wordpress(sessions, open_storage(Settings(media_url=sys.argv[2])), Path(sys.argv[3]), media=None,
                             fetch_media=False, dry_run=False, now=datetime.now(UTC), progress=lambda *_: None))
"""


async def test_a_wordpress_site_moves_in_and_its_addresses_go_on(old_wordpress: OldWordPress, fresh_app: Any) -> None:
    old = old_wordpress
    old.author("ana", "Ana Ruiz", "ana@old.example")
    old.category("drinks", "Drinks", number=7)
    old.category("hot-drinks", "Hot & strong", parent="drinks")
    pot = old.file(20, "2019/05/pot.png", png("navy"), alt="A pot")
    old.item(
        1,
        "Making tea &amp; <em>coffee</em>",
        f"First &lt;steep&gt;.\n\n<a href='{SITE}/2019/05/more/#part'>More</a> and <a href='/about/us/'>us</a>\nand "
        f"<a href='{SITE}/?p=2'>this</a>.\n\n<img src='http://old.example/wp-content/uploads/2019/05/pot-300x200.png' alt='Mine'>",
        name="making-tea",
        is_sticky=1,
        excerpt="How to <b>begin</b>.",
        terms=[
            ("category", "hot-drinks", "Hot & strong"),
            ("post_tag", "leaves", "Leaves"),
            ("category", "x", "leaves"),
        ],
        meta=[("_thumbnail_id", "20"), ("_wp_old_slug", "brewing")],
    )
    old.item(2, "More", "Text.", link=f"{SITE}/2019/05/more/")
    old.item(3, "Us", "We.", kind="page", link=f"{SITE}/about/us/", post_parent=9)
    async with fresh_app(with_cast=False) as app:
        report = await old.bring_in(app.house.sessions)
        assert (report.imported, report.authors_made, report.tags_made, report.pictures_kept) == (3, 1, 2, 1)
        assert told(report) == [
            "page 3 (Us): It stood below another page; pages have no order here, and its old address leads to it."
        ]
        browser = Browser(app)
        for path in ("/2019/05/making-tea/", "/2019/05/brewing/", "/?p=1"):
            assert await _follow(browser, path) == "/posts/making-tea"
        assert await _follow(browser, "/about/us/") == "/us"
        assert await _follow(browser, "/category/drinks/hot-drinks/") == "/tags/hot-strong"
        assert (await browser.get("/?p=77")).status_code == 404
        assert (await browser.get("/")).status_code == 200
        async with app.house.sessions() as db:
            kept = (await db.scalars(select(Media))).one()
        assert await _moved(browser, "/wp-content/uploads/2019/05/pot.png") == kept.url
        assert await _moved(browser, "/wp-content/uploads/2019/05/pot-300x200.png") == kept.url
        post, page = await post_at(app.house.sessions, "making-tea"), await post_at(app.house.sessions, "us")
        async with app.house.sessions() as db:
            cover = await db.scalar(select(Post).where(Post.id == post.id).options(joinedload(Post.cover)))
    assert (post.title, post.excerpt, post.owner.name) == ("Making tea & coffee", "How to begin.", "Ana Ruiz")
    assert [tag.name for tag in post.tags] == ["Hot & strong", "Leaves"]
    assert (post.is_featured, post.status, page.kind) == (True, Status.PUBLISHED, Kind.PAGE)
    assert post.published_at == datetime(2019, 5, 4, 10, tzinfo=UTC)
    assert cover is not None
    assert cover.cover is not None
    assert (cover.cover.url, cover.cover_alt, kept.alt) == (kept.url, "A pot", "A pot")
    assert post.body == (
        "First \\<steep>.\n\n[More](/posts/more#h-part) and [us](/us)\\\nand [this](/posts/more).\n\n"
        f"![Mine]({kept.url})\n"
    )
    assert pot.endswith("pot.png")


async def test_each_status_finds_its_own(old_wordpress: OldWordPress, sessions: Sessions) -> None:
    old = old_wordpress
    old.item(1, "Draft", "x", status="draft", gmt="0000-00-00 00:00:00")
    old.item(2, "Pending", "x", status="pending")
    old.item(3, "Private", "x", status="private")
    old.item(4, "Locked", "x", post_password="open sesame")
    old.item(5, "Later", "x", status="future", date="2030-01-01 00:00:00")
    old.item(6, "Was later", "x", status="future", date="2020-01-01 00:00:00")
    old.item(7, "Thrown away", "x", status="trash")
    old.item(8, "Never saved", "x", status="auto-draft")
    old.item(9, "Odd", "x", status="wc-processing")
    old.item(10, "Revision", "x", kind="revision", status="inherit")
    report = await old.bring_in(sessions)
    posts = {post.title: post for post in await all_posts(sessions)}
    states = {title: post.status for title, post in posts.items()}
    assert states == {
        "Draft": Status.DRAFT,
        "Pending": Status.PENDING,
        "Private": Status.DRAFT,
        "Locked": Status.DRAFT,
        "Later": Status.PUBLISHED,
        "Was later": Status.PUBLISHED,
        "Odd": Status.DRAFT,
    }
    assert posts["Later"].is_scheduled(TODAY)
    assert posts["Was later"].is_live(TODAY)
    assert (report.imported, report.skipped) == (7, 1)
    assert told(report) == [
        "post 3 (Private): It was private; it is a draft here.",
        "post 4 (Locked): It was protected by a password; it is a draft here, without the password.",
        "post 6 (Was later): It was scheduled for 2020-01-01 00:00 UTC, which has passed; it is published.",
        "post 7 (Thrown away): It was in the trash of the old site.",
        "post 9 (Odd): Its status was “wc-processing”, which is not known here; it is a draft.",
    ]
    assert "open sesame" not in "".join([str(vars(post)) for post in posts.values()])


async def test_dates_follow_greenwich_and_else_the_zone_that_the_site_had_then(
    old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    old = old_wordpress
    zero = "0000-00-00 00:00:00"
    old.item(
        1, "Summer", "x", date="2019-07-04 10:00:00", gmt="2019-07-04 08:00:00", post_modified_gmt="2019-08-01 00:00:00"
    )
    old.item(2, "Winter", "x", date="2019-12-04 10:00:00", gmt="2019-12-04 09:00:00")
    old.item(3, "In summer", "x", date="2019-07-20 10:00:00", gmt=zero)
    old.item(4, "In winter", "x", date="2019-12-20 10:00:00", gmt=zero)
    old.item(5, "Never", "x", status="draft", date=zero, gmt=zero)
    old.item(6, "Broken", "x", date="2019-13-45 99:00:00", gmt="nonsense", status="draft")
    await old.bring_in(sessions)
    posts = {post.title: post for post in await all_posts(sessions)}
    assert posts["Summer"].published_at == datetime(2019, 7, 4, 8, tzinfo=UTC)
    assert posts["Summer"].updated_at == datetime(2019, 8, 1, tzinfo=UTC)
    assert posts["In summer"].published_at == datetime(2019, 7, 20, 8, tzinfo=UTC)
    assert posts["In winter"].published_at == datetime(2019, 12, 20, 9, tzinfo=UTC)
    assert (posts["Never"].published_at, posts["Never"].created_at) == (None, TODAY)
    assert posts["Broken"].created_at == TODAY


async def test_titles_and_addresses_are_found_where_the_old_site_had_none(
    old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    old = old_wordpress
    old.item(1, "", "The first words of a post that nobody gave a title to, and more of them.", name="")
    old.item(2, "Привет", "x", name="%d0%bf%d1%80%d0%b8%d0%b2%d0%b5%d1%82")
    old.item(3, "Twice", "one", name="twice")
    old.item(4, "Twice", "two", name="twice")
    old.item(5, "Login", "x", kind="page", name="login", link=f"{SITE}/login/")
    old.item(6, "Long", "x", name="a-" * 90 + "b")
    report = await old.bring_in(sessions)
    posts = await all_posts(sessions)
    assert {post.slug for post in posts} >= {"привет", "twice", "twice-2", "login-page"}
    assert "The first words of a post that nobody gave a title to, and…" in {post.title for post in posts}
    assert "post 4 (Twice): The address “twice” is taken; the post is at “twice-2”." in told(report)
    assert "page 5 (Login): The address “login” is taken; the page is at “login-page”." in told(report)
    assert len(posts) == 6
    assert report.skipped == 0


async def test_authors_are_found_or_made_and_none_can_sign_in_or_is_an_admin(
    old_wordpress: OldWordPress, fresh_app: Any
) -> None:
    old = old_wordpress
    old.author("admin", "The Boss", "boss@old.example")
    old.author("a.ruiz", "Ana Ruiz", "anna@example.test")
    old.author("jane@old.example", "jane@old.example", "jane@old.example")
    old.author("john1", "John")
    old.author("john2", "John")
    for number, login in enumerate(["admin", "a.ruiz", "jane@old.example", "john1", "john2", ">john2", "ghost", ""]):
        old.item(number + 1, f"By {login}", "x", by=login, name=f"p{number}")
    async with fresh_app() as app:
        async with app.house.sessions() as db:
            await begin_write(db)  # the application writes by itself too
            anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
            anna.set_email("Anna@Example.test")
            await db.commit()
        before = await count(app.house.sessions, User)
        rehearsed = await old.bring_in(app.house.sessions, dry_run=True)
        assert await count(app.house.sessions, User) == before
        assert {one.key: one.username for one in rehearsed.authors}["a-ruiz"] == "anna"
        report = await old.bring_in(app.house.sessions)
        owners = {
            post.slug: (await post_at(app.house.sessions, post.slug)).owner
            for post in await all_posts(app.house.sessions)
            if post.source
        }
        async with app.house.sessions() as db:
            made = (await db.scalars(select(User).where(User.id > anna.id).options(undefer(User.password_hash)))).all()
    assert {slug: owner.username for slug, owner in owners.items()} == {
        "p0": "admin", "p1": "anna", "p2": "jane", "p3": "john1", "p4": "john2", "p5": "john2", "p6": "ghost", "p7": "anonymous",
    }  # fmt: skip
    assert report.authors_made == rehearsed.authors_made == 6
    new = [user for user in made if user.username in {"admin", "jane", "john1", "john2", "ghost", "anonymous"}]
    assert {(user.role, user.email, user.password_hash) for user in new} == {(Role.AUTHOR, None, None)}
    assert "jane@old.example" not in {user.name for user in new}
    assert '"jane@old.example","jane","jane@old.example","jane"' in _attached(report, "authors.csv")


async def test_bringing_it_in_again_changes_nothing(old_wordpress: OldWordPress, sessions: Sessions) -> None:
    old = old_wordpress
    old.file(90, "2019/05/a.png", png())
    for number in range(1, 40):
        body = f"<img src='{SITE}/wp-content/uploads/2019/05/a.png'> <a href='{SITE}/?p={number % 7 + 1}'>x</a>"
        old.item(
            number, f"Post {number % 30}", body, name=f"post-{number % 30}", terms=[("category", "c", f"C{number % 3}")]
        )
    first = await old.bring_in(sessions)
    assert (first.imported, first.pictures_kept) == (39, 1)
    everything = (Post, Revision, Redirect, Tag, User, Media)
    before = await count(sessions, *everything), await _states(sessions)
    again = await old.bring_in(sessions, now=TODAY + DAY)
    assert (again.imported, again.updated, again.unchanged) == (0, 0, 39)
    assert (again.authors_made, again.tags_made, again.permalinks_made, again.files_led, again.pictures_kept) == (
        0,
    ) * 5
    assert (await count(sessions, *everything), await _states(sessions)) == before
    rehearsed = await old.bring_in(sessions, dry_run=True)
    assert (rehearsed.imported, rehearsed.updated, rehearsed.unchanged) == (0, 0, 39)


async def test_a_post_that_changed_there_changes_here_and_keeps_what_it_was(
    old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    old_wordpress.item(1, "Tea", "One spoon.")
    await old_wordpress.bring_in(sessions)
    old_wordpress.items.clear()
    old_wordpress.item(1, "Tea, again", "Two spoons.", name="tea")
    report = await old_wordpress.bring_in(sessions, now=TODAY + DAY)
    assert (report.imported, report.updated) == (0, 1)
    post = await post_at(sessions, "tea")
    assert (post.title, post.body) == ("Tea, again", "Two spoons.\n")
    assert await count(sessions, Revision) == (2,)


async def test_an_import_that_was_killed_goes_on_where_it_was(
    old_wordpress: OldWordPress, sessions: Sessions, tmp_path: Path
) -> None:
    for number in range(1, 5 * BATCH):
        old_wordpress.item(number, f"Post {number}", f"Text {number}.")
    file = old_wordpress.export()
    async with sessions() as db:
        url = db.get_bind().engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(old_wordpress.media), str(file)]
    killed = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert await count(sessions, Post) == (2 * BATCH,)
    report = await old_wordpress.bring_in(sessions)
    assert (report.imported, report.unchanged) == (5 * BATCH - 1 - 2 * BATCH, 2 * BATCH)
    assert {post.slug for post in await all_posts(sessions)} == {f"post-{number}" for number in range(1, 5 * BATCH)}


async def test_comments_menus_and_what_is_no_post_are_kept_beside_the_report(
    old_wordpress: OldWordPress, fresh_app: Any
) -> None:
    old = old_wordpress
    comments = old.comment(5, "First!") + old.comment(6, "No, I.", parent=5) + old.comment(7, "ping", kind="pingback")
    old.item(1, "Tea", "x", comments=comments)
    old.item(2, "About", "x", kind="page", link=f"{SITE}/about/")
    old.item(3, "A chair", "For sale.", kind="product")
    for number, label, kind, leads_to, url in (
        (10, "", "post_type", "2", ""),
        (11, "Start", "custom", "11", f"{SITE}/"),
        (12, "Elsewhere", "custom", "12", "https://else.example/"),
        (13, "Nowhere", "custom", "13", f"{SITE}/gone/"),
    ):
        keys = {"_menu_item_type": kind, "_menu_item_object_id": leads_to, "_menu_item_url": url}
        meta = [*keys.items(), ("_menu_item_menu_item_parent", "0")]
        old.item(
            number,
            label,
            kind="nav_menu_item",
            name=f"m{number}",
            menu_order=number,
            meta=meta,
            terms=[("nav_menu", "main", "Main")],
        )
    async with fresh_app(with_cast=False) as app:
        report = await old.bring_in(app.house.sessions)
        async with app.house.sessions() as db:
            site = (await db.scalars(select(Site))).one()
        again = await old.bring_in(app.house.sessions)
    links = [["About", "/about"], ["Start", "/"], ["Elsewhere", "https://else.example/"]]
    assert site.navigation == links
    assert _attached(report, "menus.txt").splitlines() == [
        "Main", "  About: /about", "  Start: /", "  Elsewhere: https://else.example/", f"  Nowhere: {SITE}/gone/",
    ]  # fmt: skip
    kept = json.loads(_attached(report, "comments.json"))
    assert [(one["post"], one["title"], len(one["comments"])) for one in kept] == [("/posts/tea", "Tea", 2)]
    assert kept[0]["comments"][0]["replies"][0]["content"] == "No, I."
    assert kept[0]["comments"][1]["type"] == "pingback"
    left_out = json.loads(_attached(report, "left-out.json"))
    assert left_out[0]["facts"]["title"] == "A chair"
    assert any("1 of the kind “product”" in line for line in told(report))
    assert again.unchanged == 2


async def test_files_that_no_post_shows_come_too_and_missing_ones_are_told(
    old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    old = old_wordpress
    old.file(20, "2019/05/unused.png", png("red"))
    old.file(21, "2019/05/shot-300x200.png", png("blue"))
    old.file(22, "2019/05/shot.png", png("green"))
    old.file(23, "2019/05/broken.png", b"not a picture")
    gone = old.file(24, "2019/05/gone.png")
    shots = "".join(
        f"<img src='{SITE}/wp-content/uploads/2019/05/{name}'>"
        for name in ("shot-300x200.png", "shot-9x9.png", "broken.png")
    )
    old.item(1, "Shots", shots + f"<img src='{gone}'><img src='https://else.example/x.png'>")
    report = await old.bring_in(sessions)
    async with sessions() as db:
        names = {media.original_name: media.url for media in await db.scalars(select(Media))}
    assert set(names) == {"unused.png", "shot-300x200.png", "shot.png"}
    assert "/wp-content/uploads/2019/05/unused.png" in await old_paths(sessions)
    body = (await post_at(sessions, "shots")).body
    assert body.index(names["shot-300x200.png"]) < body.index(names["shot.png"])
    uploads = f"{SITE}/wp-content/uploads/2019/05"
    assert [line for line in told(report) if line.startswith("post")] == [
        f"post 1 (Shots): The file {uploads}/broken.png is missing: This is no file that can be shown. Pictures: PNG, "
        "JPEG, GIF, WebP, AVIF, SVG; sound: MP3, M4A, Ogg, WAV, FLAC; film: MP4, WebM; documents: PDF.",
        f"post 1 (Shots): The file {gone} is missing: It is not among the uploads.",
        "post 1 (Shots): The picture https://else.example/x.png is on another site and was not copied.",
    ]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
async def test_every_version_of_the_format_is_read(
    version: str, old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    old_wordpress.version = version
    old_wordpress.item(1, "Tea", "Hot.", terms=[("tag", "green", "Green")], excerpt="Short.")
    assert (await old_wordpress.bring_in(sessions)).imported == 1
    post = await post_at(sessions, "tea")
    assert (post.body, post.excerpt, [tag.name for tag in post.tags]) == ("Hot.\n", "Short.", ["Green"])


def _attached(report: Any, name: str) -> str:
    content = report.attachments[name]
    return content.read_text() if isinstance(content, Path) else content.decode()


async def _follow(browser: Browser, path: str) -> str:
    answer = await browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.url.path


async def _moved(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 301
    return answer.headers["location"]


async def _states(sessions: Sessions) -> list[tuple[str, int, datetime]]:
    return [(post.slug, post.version, post.updated_at) for post in await all_posts(sessions)]


async def test_who_gives_up_while_an_export_is_read_waits_for_no_more_of_it(
    old_wordpress: OldWordPress, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 200):
        old_wordpress.item(number, f"Post {number}", "Words.")
    begun, seen = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def slowly(file: Path) -> Any:
        for one in read_export(file):
            seen.append(one)
            loop.call_soon_threadsafe(begun.set)
            time.sleep(0.01)
            yield one

    monkeypatch.setattr("blog.transfer.wordpress.export.read_export", slowly)
    importing = asyncio.create_task(old_wordpress.bring_in(sessions))
    await begun.wait()
    importing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await importing
    read = len(seen)
    assert read < 200
    await asyncio.sleep(0.1)
    assert len(seen) == read, "no thread reads on"
    assert await count(sessions, Post) == (0,)
