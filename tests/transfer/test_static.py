"""The public site as files: a reader with no server finds all that an anonymous reader finds, and nothing else."""

import errno
import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cast
import html5lib
import pytest
from browser import Browser
from cast import SECRET, TODAY
from PIL import Image
from sqlalchemy import select
from transfer.crawler import Folder

from blog.app import create_app
from blog.database import begin_write
from blog.models import Post, Redirect, Tag, User
from blog.queries import site as sites
from blog.storage import Storage
from blog.transfer.static.folder import LIST, SiteFolder
from blog.transfer.static.places import NEEDS_SERVER, file_of, resolved
from blog.transfer.static.site import StaticReport, export_static
from blog.transfer.terms import ExportRefused
from blog.web.edge import Edge

OWN = "http://127.0.0.1:8000"
BASE = "https://example.org/blog"


async def export(app: Edge, folder: Path, base_url: str = OWN, *, is_rooted: bool = False) -> StaticReport:
    """Export the site of a running application, as the command does."""
    house = app.house
    settings = replace(house.settings, base_url=base_url)
    engine = house.sessions.kw["bind"]
    site = create_app(settings, engine=engine, clock=house.clock, kept_bytes=0, flush_seconds=0, is_static=True)
    seen: list[tuple[int, int]] = []
    report = await export_static(
        site,
        house.sessions,
        folder,
        base_url=base_url,
        own_url=OWN,
        is_rooted=is_rooted,
        now=house.clock(),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == seen[-1][1]
    return report


def text_of(folder: Path, file: str) -> str:
    return (folder / file).read_text(encoding="utf-8")


def all_words(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path}\n{path.read_bytes().decode(errors='replace')}" for path in files)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def picture(colour: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(kept, "PNG")
    return kept.getvalue()


async def furnish(app: Edge) -> None:
    """Give the site what real ones have: many posts, a picture and its copies, links of all kinds, old addresses."""
    ada = Browser(app, "ada")
    sent = await ada.post("/studio/media", files={"file": ("sea.png", picture("navy"), "image/png")})
    assert sent.status_code in {200, 303}
    name = re.findall(r"/media/([0-9a-f]{32}\.png)", (await ada.get("/studio/media")).text)[0]
    body = f"""# Part one

See [hello](/posts/hello#top), [the whole address](http://127.0.0.1:8000/posts/together?utm=1), [old](/2019/old-name),
[nothing](/posts/never), [no place](/posts/hello#nowhere), [part](#part-one), [search](/search?q=sea),
[elsewhere](https://example.net/), [the feed](/feed.xml), [a page](/about), [2nd](/?page=2) and [mail](mailto:a@example.org).[^1]

![The sea](/media/{name})

[^1]: A note.
"""
    assert (await ada.save(title="The sea", body=body, tags="Python", then="publish")).status_code == 303
    async with app.house.sessions() as db:
        await begin_write(db)
        hello = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
        anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
        python = (await db.scalars(select(Tag).where(Tag.slug == "python"))).one()
        for number in range(8):
            then = TODAY - timedelta(days=40 + number)
            one = cast.written(anna, f"Number {number}", f"number-{number}", then, tags=[python])
            one.publish(now=then, by=None)
            db.add(one)
        there: dict[str, Any] = {"post_id": hello.id, "created_at": TODAY}
        db.add(Redirect(path="/2019/old-name", **there))
        db.add(Redirect(path="/2018/hello.html", **there))
        db.add(Redirect(path="/2018/hello.html/amp", **there))
        db.add(Redirect(path="/shop", target="https://shop.example.net/?a=1&b=2", code=302, created_at=TODAY))
        db.add(Redirect(path="/gone", code=410, created_at=TODAY))
        db.add(Redirect(path="/../outside", **there))
        site = await sites.current(db)
        site.posts_per_page = 5
        site.navigation = [["About", "/about"], ["Search", "/search"]]
        await sites.touch(db)
        await db.commit()


@pytest.mark.parametrize(("base_url", "is_rooted"), [(OWN, False), (BASE, False), (BASE, True)])
async def test_no_link_of_the_files_leads_nowhere(
    fresh_app: Any, tmp_path: Path, base_url: str, is_rooted: bool
) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        report = await export(app, folder, base_url, is_rooted=is_rooted)
    crawled = Folder(folder, base_url)
    assert crawled.broken() == []
    assert crawled.links > 500
    assert report.files == sum(path.is_file() for path in folder.rglob("*")) - 1
    sea = text_of(folder, "posts/the-sea/index.html")
    assert "http://127.0.0.1:8000" not in sea.replace(base_url, "") or base_url == OWN
    if is_rooted:
        assert 'href="/blog/posts/hello/"' in sea
    else:
        assert 'href="../hello/index.html"' in sea
        assert 'href="../../index.html"' in sea
        assert 'href="../../page/2/index.html"' in sea


async def test_a_page_is_the_one_that_readers_see_but_for_what_needs_the_server(fresh_app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        report = await export(app, folder)
        live = (await Browser(app).get("/posts/the-sea")).text
    page = text_of(folder, "posts/the-sea/index.html")
    words = html5lib.parse(live, namespaceHTMLElements=False).find(".//article")
    copied = html5lib.parse(page, namespaceHTMLElements=False).find(".//article")
    assert "".join(copied.itertext()) == "".join(words.itertext())
    for needs_server in ("/login", "<form", "/search", "Sign in"):
        assert needs_server in live
        assert needs_server not in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/posts/the-sea/">' in page
    assert re.search(r'property="og:image" content="http://127\.0\.0\.1:8000/posts/the-sea/card\.png"', page)
    assert (folder / "posts/the-sea/card.png").read_bytes().startswith(b"\x89PNG")
    assert 'href="#part-one"' in page or 'href="#' in page
    assert "<a>nothing</a>" in page
    for said in ("/posts/the-sea: the link to /posts/never leads nowhere.",
                 "/posts/the-sea: the link to /posts/hello#nowhere names a place that the page does not have.",
                 "/posts/the-sea: the link to /search?q=sea leads nowhere."):  # fmt: skip
        assert said in report.doubts
    copies = list((folder / "media").iterdir())
    assert len(copies) > 2, "the picture and its smaller copies"
    assert "nowhere" not in text_of(folder, "404.html")
    not_found = text_of(folder, "404.html")
    assert 'href="http://127.0.0.1:8000/static/' in not_found, "it is shown at any address"
    assert 'href="#main"' in not_found


async def test_feeds_and_the_sitemap_tell_the_addresses_of_the_files_under_the_base_url(
    fresh_app: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        await export(app, folder, BASE)
        post_id = re.findall(
            r"<id>http://127\.0\.0\.1:8000(/posts/\d+)</id>", (await Browser(app).get("/feed.xml")).text
        )[0]
    sitemap = re.findall("<loc>(.*?)</loc>", text_of(folder, "sitemap.xml"))
    assert f"{BASE}/posts/the-sea/" in sitemap
    assert f"{BASE}/about/" in sitemap
    crawled = Folder(folder, BASE)
    feeds = [
        "feed.xml",
        "rss.xml",
        "feed.json",
        "tags/python/feed.xml",
        "tags/python/rss.xml",
        "authors/anna/feed.json",
    ]
    for file in (*feeds, "sitemap.xml", "robots.txt", "llms.txt"):
        found = re.findall(
            rf"(?<!<id>)(?<!\"id\": \")(?<!<guid isPermaLink=\"false\">){BASE}[^\s\"<>&)]*", text_of(folder, file)
        )
        assert found, file
        for address in found:
            if address.rstrip("\\").endswith(("/never", "/search?q=sea")):
                continue  # a writer's link that led nowhere already
            where = crawled.file_at(address.rstrip("\\"), folder / "index.html")
            assert where, (file, address)
            assert where[0].is_file(), (file, address)
        assert OWN not in text_of(folder, file)
    assert f"<id>{BASE}{post_id}</id>" in text_of(folder, "feed.xml"), "an entry keeps its name"
    assert "Disallow: /" not in text_of(folder, "robots.txt")


async def test_old_addresses_lead_on_by_small_pages_and_in_a_list(fresh_app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        report = await export(app, folder, BASE)
    page = text_of(folder, "2019/old-name/index.html")
    assert f'<link rel="canonical" href="{BASE}/posts/hello/">' in page
    assert 'content="0; url=../../posts/hello/index.html"' in page
    assert 'url=../posts/hello/index.html"' in text_of(folder, "2018/hello.html")
    assert 'url=https://shop.example.net/?a=1&amp;b=2"' in text_of(folder, "shop/index.html")
    assert text_of(folder, "_redirects").splitlines() == [
        "/2018/hello.html /blog/posts/hello/ 301",
        "/2018/hello.html/amp /blog/posts/hello/ 301",
        "/2019/old-name /blog/posts/hello/ 301",
        "/shop https://shop.example.net/?a=1&b=2 302",
    ]
    assert report.redirects == 4
    assert "/2018/hello.html/amp redirects only where the web host reads _redirects." in report.doubts
    assert not (folder / "gone").exists()
    assert not (tmp_path / "outside").exists()


async def test_nothing_gets_out_that_an_anonymous_reader_cannot_open(fresh_app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        ed, ada = Browser(app, "ed"), Browser(app, "ada")
        draft = 5
        made = await ed.post(f"/studio/posts/{draft}/shares", {"days": "30"})
        link = re.findall(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]+)"', made.text)[0]
        await ada.post("/studio/media", files={"file": ("other.png", picture("red"), "image/png")})
        body = f"A careless [link]({link}) and [another](/posts/{SECRET}-draft), and [more](/studio/posts/5)."
        assert (await ada.save(title="Careless", body=body, then="publish")).status_code == 303
        before = len(list((folder.parent / "media").iterdir()))
        await export(app, folder)
    words = all_words(folder)
    careless = text_of(folder, "posts/careless/index.html")
    assert link not in careless
    assert not re.search(rf'(href|src)="[^"]*{SECRET}', words)
    assert f"Nobody may read of the {SECRET}" not in words
    assert f"The {SECRET}" not in words
    assert "okapi" not in words, "the text for members"
    assert "For members" in words, "its title"
    assert "example.org" not in words.replace("a@example.org", ""), "nobody's address"
    assert len(list((folder / "media").iterdir())) < before, "files of no post stay here"


async def test_the_same_site_becomes_the_same_files_and_a_change_changes_only_its_own(
    fresh_app: Any, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    async with fresh_app() as app:
        await furnish(app)
        first = await export(app, one)
        await export(app, other)
        assert contents(one) == contents(other)
        (one / "CNAME").write_text("blog.example.org")
        (one / "posts/notes.txt").write_text("mine")
        again = await export(app, one)
        assert (again.files, again.changed, again.removed) == (first.files, 0, 0)
        before = contents(one)
        async with app.house.sessions() as db:
            await begin_write(db)
            post = (await db.scalars(select(Post).where(Post.slug == "carl-in-print"))).one()
            post.withdraw(now=app.house.clock(), by=None)
            await sites.touch(db)
            await db.commit()
        app.house.forget_site()
        last = await export(app, one)
    after = contents(one)
    feeds = {f"authors/carl/{file}" for file in ("index.html", "feed.xml", "rss.xml", "feed.json")}
    its_own = {"posts/carl-in-print/index.html", "posts/carl-in-print.md", "posts/carl-in-print/card.png"}
    assert before.keys() - after.keys() == its_own | feeds, "it was all that Carl had written"
    assert last.removed == len(its_own | feeds)
    assert not (one / "posts/carl-in-print").exists()
    assert (one / "CNAME").read_text() == "blog.example.org"
    assert (one / "posts/notes.txt").read_text() == "mine"
    assert Folder(one, OWN).broken() == []


async def test_a_folder_that_holds_something_else_is_left_alone(fresh_app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"cat")
    async with fresh_app() as app:
        with pytest.raises(ExportRefused, match="is not empty, and no earlier export"):
            await export(app, folder)
        assert [path.name for path in folder.iterdir()] == ["cat.jpg"]
        with pytest.raises(ExportRefused, match="cannot be used"):
            await export(app, folder / "cat.jpg" / "below")


async def test_an_export_that_is_broken_off_leaves_the_last_one_whole(
    fresh_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    async with fresh_app() as app:
        await furnish(app)
        await export(app, folder)
        before = contents(folder)

        async def broken(*_: Any) -> Any:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as disk:
            disk.setattr(Storage, "_read", broken)
            with pytest.raises(ExportRefused, match=r"cannot be shown just now \(status 503\)"):
                await export(app, folder)
        assert contents(folder) == before
        (folder / ".blog-static-export-new").mkdir()
        (folder / ".blog-static-export-new/half").write_text("of a process that was killed")
        assert (await export(app, folder)).changed == 0
        assert contents(folder) == before


def test_a_list_cannot_name_files_outside_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "precious"
    folder.mkdir()
    outside.write_text("stays")
    (folder / LIST).write_text(f"head\n../precious\n{outside}\nold/index.html\n")
    (folder / "old").mkdir()
    (folder / "old/index.html").write_text("gone")
    target = SiteFolder(folder)
    target.begin()
    target.write("index.html", "new")
    assert target.publish() == (1, 1, 1)
    assert outside.read_text() == "stays"
    assert not (folder / "old").exists()


@pytest.mark.parametrize(
    ("key", "content_type", "file"),
    [
        ("/", "text/html", "index.html"),
        ("/?page=2", "text/html", "page/2/index.html"),
        ("/tags/node.js", "text/html", "tags/node.js/index.html"),
        ("/tags/node.js?page=3", "text/html", "tags/node.js/page/3/index.html"),
        ("/posts/%D1%81%D0%BE%D0%BD", "text/html", "posts/сон/index.html"),
        ("/old.html", "text/html", "old.html"),
        ("/feed.xml", "application/atom+xml", "feed.xml"),
        ("/sitemap/2", "application/xml", "sitemap/2.xml"),
        ("/favicon.ico", "image/svg+xml", "favicon.svg"),
        ("/a/../../b", "text/html", None),
        ("/%2e%2e/b", "text/html", None),
        ("/.git/config", "text/plain", None),
        ("/a%5Cb", "text/html", None),
        ("/a%00b", "text/html", None),
        ("/" + "long" * 70, "text/html", None),
    ],
)
def test_an_address_has_one_file_and_none_outside_the_folder(key: str, content_type: str, file: str | None) -> None:
    assert file_of(key, content_type) == file


@pytest.mark.parametrize(
    ("link", "page", "where"),
    [
        ("?page=2", "/tags/a", ("/tags/a?page=2", "")),
        ("#x", "/?page=2", ("/?page=2", "x")),
        ("/?page=1", "/", ("/", "")),
        ("/posts/a?utm=x&page=zwei", "/", ("/posts/a", "")),
        ("../b#c", "/posts/a", ("/b", "c")),
        (OWN, "/posts/a", ("/", "")),
        (f"{OWN}/сон", "/", ("/%D1%81%D0%BE%D0%BD", "")),
        (f"{OWN}0/x", "/", None),
        ("//example.net/x", "/", None),
        ("mailto:a@example.org", "/", None),
        ("http://[bad", "/", None),
    ],
)
def test_links_are_read_as_browsers_read_them(link: str, page: str, where: tuple[str, str] | None) -> None:
    assert resolved(link, page, (OWN,)) == where


def test_every_first_part_of_an_address_is_known_as_public_or_as_the_servers(app: Edge) -> None:
    public = {"", "posts", "tags", "authors", "archive", "static", "media", "sitemap", "sitemap.xml", "robots.txt",
              "llms.txt", "feed.xml", "rss.xml", "feed.json", "favicon.ico", "apple-touch-icon.png", "{slug}"}  # fmt: skip
    firsts = {route.path_format.lstrip("/").partition("/")[0] for route in app.app.routes}  # type: ignore[attr-defined]  # Litestar, not any ASGI
    assert {re.sub(r"\{slug.*", "{slug}", first) for first in firsts} - public - NEEDS_SERVER == set()
