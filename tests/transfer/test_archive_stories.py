"""A blog that moves: what comes along, who may come in, and what archives that somebody made up can do."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from browser import Browser
from cast import DAY, TODAY
from hypothesis import given
from hypothesis import strategies as st
from postbox import postbox
from sqlalchemy import select
from transfer.made_up import titles
from transfer.old_site import OldSite, all_posts, count, png, post_at, told
from transfer.test_archive import brought_in, bytes_in, changed, written_out

from blog.auth.tokens import token_hash
from blog.database import Sessions
from blog.models import Event, Media, News, Notice, Post, Purpose, Role, Tag, Token, User
from blog.queries import users
from blog.settings import Settings
from blog.storage import Storage, StorageAway, open_storage
from blog.transfer.archive import posts
from blog.transfer.archive.export import export_zip, export_zip_file
from blog.transfer.archive.yaml import written
from blog.transfer.frontmatter import read_yaml
from blog.transfer.markdown import import_folder
from blog.transfer.terms import ExportRefused, ImportRefused

ARCHIVE = {
    "blog-export.yaml": "format: 1\nposts: 1\npages: 0\npeople: 1\n",
    "site.yaml": "title: Teapots\nlanguage: en\ntimezone: UTC\n",
    "people.yaml": "  - username: eve\n    name: Eve\n    email: eve@example.org\n    role: admin\n",
    "tags.yaml": "",
    "redirects.yaml": "",
    "media.yaml": "",
    "posts/2026/2026-01-02-tea.md": "---\ntitle: Tea\nslug: tea\ndate: 2026-01-02T00:00:00Z\nauthors:\n  - eve\n---\nHot.\n",
}


def storage_in(folder: Path) -> Storage:
    return open_storage(Settings(media_url=str(folder)))


@pytest.fixture
def made_up(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive, whole unless told otherwise; a file that is given as None is left out."""

    def write(files: dict[str, str | bytes | None] | None = None) -> Path:
        for name, content in (ARCHIVE | (files or {})).items():
            path = tmp_path / "archive" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "archive"

    return write


async def test_a_blog_moves_and_readers_notice_nothing(fresh_app: Any, tmp_path: Path) -> None:
    async with fresh_app() as app:
        ed = Browser(app, "ed")
        sent = await ed.post("/studio/media", files={"file": ("pot.png", png(), "image/png")})
        assert sent.status_code in {200, 303}
        before = await written_out(app.house.sessions, app.house.storage, tmp_path / "out")
        pages = {path: (await Browser(app).get(path)).status_code for path in PUBLIC}
    assert {"posts/2026/2026-11-12-hello.md", "pages/about.md", "trash/zebrafish-trashed.md"} <= before.keys()
    async with fresh_app(with_cast=False, media_url=str(tmp_path / "there")) as app:
        report = await brought_in(app.house.sessions, app.house.storage, tmp_path / "out")
        assert (report.skipped, told(report)) == (0, [])
        app.house.forget_site()
        assert {path: (await Browser(app).get(path)).status_code for path in PUBLIC} == pages
        assert changed(before, await written_out(app.house.sessions, app.house.storage, tmp_path / "again")) == {}
        async with app.house.sessions() as db:
            assert await db.scalar(select(Event.action).order_by(Event.id.desc()).limit(1)) == "site.imported"


PUBLIC = ("/", "/posts/hello", "/posts/zebrafish-draft", "/posts/zebrafish-scheduled", "/posts/zebrafish-trashed", "/about", "/tags/python", "/authors/anna", "/feed.xml")  # fmt: skip


async def test_an_export_brings_an_earlier_one_up_to_date(sessions: Sessions, tmp_path: Path, made_up: Any) -> None:
    storage = storage_in(tmp_path / "media")
    await brought_in(sessions, storage, made_up())
    out = tmp_path / "out"
    (out / ".git").mkdir(parents=True)
    first = await written_out(sessions, storage, out)
    (out / "README").write_text("ours")
    tea = out / "posts/2026/2026-01-02-tea.md"
    os.utime(tea, (1, 1))
    assert await written_out(sessions, storage, out) == first | {"README": b"ours"}
    assert tea.stat().st_mtime == 1, "what did not change is not written again"
    async with sessions() as db:
        post = (await db.scalars(select(Post))).one()
        post.slug, post.published_at = "green-tea", datetime.fromisoformat("2025-05-05T00:00:00Z")
        await db.commit()
    second = await written_out(sessions, storage, out)
    assert second.keys() - first.keys() == {"README", "posts/2025/2025-05-05-green-tea.md"}
    assert first.keys() - second.keys() == {"posts/2026/2026-01-02-tea.md"}
    assert not (out / "posts/2026").exists()
    assert (out / ".git").is_dir()


async def test_nothing_is_written_where_something_else_lies(sessions: Sessions, tmp_path: Path) -> None:
    storage, home = storage_in(tmp_path / "media"), tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("dear")
    with pytest.raises(ExportRefused, match="is not empty, and holds no earlier export"):
        await written_out(sessions, storage, home)
    assert bytes_in(home) == {"letter.txt": b"dear"}
    await written_out(sessions, storage, tmp_path / "out")
    (tmp_path / "out" / "posts").symlink_to(home)
    with pytest.raises(ExportRefused, match="is a link; an export is written into real folders only"):
        await written_out(sessions, storage, tmp_path / "out")
    (home / "file").write_text("")
    with pytest.raises(ExportRefused, match="cannot be written: "):
        await written_out(sessions, storage, home / "file" / "below")


async def test_what_a_stop_leaves_behind_does_not_look_whole(
    sessions: Sessions, tmp_path: Path, old_site: OldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_site.write("pot.png", png())
    old_site.write("tea.md", "---\ntitle: Tea\n---\n![A pot](pot.png)\n")
    await old_site.bring_in(sessions)
    storage, out = storage_in(old_site.media), tmp_path / "out"
    whole = await written_out(sessions, storage, out)

    async def away(*_: object) -> None:
        raise StorageAway("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "read", away)
        with pytest.raises(StorageAway):
            await written_out(sessions, storage, out)
    with pytest.raises(ImportRefused, match="The export was stopped before it was whole"):
        await brought_in(sessions, storage, out)
    assert await written_out(sessions, storage, out) == whole
    name = next(path.name for path in (out / "media").iterdir())
    await storage.delete([name])
    assert "media/" + name not in await written_out(sessions, storage, out)


async def test_a_zip_holds_the_same_and_is_the_same_each_time(
    sessions: Sessions, tmp_path: Path, old_site: OldSite
) -> None:
    old_site.write("pot.png", png())
    old_site.write("tea.md", "---\ntitle: Tea\ntags: [hot]\n---\n![A pot](pot.png)\n")
    await old_site.bring_in(sessions)
    storage = storage_in(old_site.media)
    folder = await written_out(sessions, storage, tmp_path / "out")
    for name in ("a.zip", "b.zip"):
        exported = await export_zip_file(sessions, storage, tmp_path / name, now=TODAY, progress=lambda *_: None)
        assert (exported.posts, exported.media, exported.tags) == (1, 1, 1)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with ZipFile(tmp_path / "a.zip") as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == folder
        assert packed.testzip() is None
    streamed = b"".join([piece async for piece in export_zip(sessions, storage, now=TODAY, progress=lambda *_: None)])
    assert streamed == (tmp_path / "a.zip").read_bytes()


@given(record=st.dictionaries(st.sampled_from("abcd"), titles(60), min_size=1), items=st.lists(titles(60), min_size=1))
def test_other_programs_read_the_words_as_they_are(record: dict[str, str], items: list[str]) -> None:
    assert yaml.safe_load(written({**record, "list": items})) == {**record, "list": items}
    assert read_yaml(written(record)) == record


async def test_an_import_that_was_stopped_goes_on(
    sessions: Sessions, tmp_path: Path, made_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = ARCHIVE["posts/2026/2026-01-02-tea.md"]
    more = {f"posts/2026/2026-01-02-tea{n}.md": post.replace("slug: tea", f"slug: tea{n}") for n in range(40)}
    folder = made_up({**more, "blog-export.yaml": "format: 1\nposts: 41\npeople: 1\n"})
    storage = storage_in(tmp_path / "media")
    stored = []

    async def store(*given: Any) -> None:
        stored.append(given)
        if len(stored) == 2:
            raise KeyboardInterrupt
        await real(*given)

    real = posts.store
    with monkeypatch.context() as patched:
        patched.setattr(posts, "store", store)
        with pytest.raises(KeyboardInterrupt):
            await brought_in(sessions, storage, folder)
    assert await count(sessions, Post) == (16,)
    report = await brought_in(sessions, storage, folder)
    assert (report.imported, report.unchanged, report.authors_made, told(report)) == (25, 16, 0, [])
    (events,) = await count(sessions, Event)
    assert (await brought_in(sessions, storage, folder)).unchanged == 41
    assert await count(sessions, Event) == (events,), "what changes nothing is no event"


async def test_nobody_can_sign_in_because_an_archive_says_so(fresh_app: Any, tmp_path: Path, made_up: Any) -> None:
    async with postbox() as box, fresh_app(with_cast=False, smtp_url=box.url) as app:
        await brought_in(app.house.sessions, app.house.storage, made_up())
        async with app.house.sessions() as db:
            eve = (await db.scalars(select(User))).one()
            assert (eve.role, eve.email, eve.can_sign_in) == (Role.ADMIN, "eve@example.org", True)
            assert not await users.anybody_signs_in(db), "the set-up stays open"
            assert await users.lock_admins(db) == set(), "nor is she the last admin"
            db.add(
                Notice(user_id=eve.id, post_id=(await db.scalars(select(Post.id))).one(), news=News.COMMENT, at=TODAY)
            )
            db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash("t"), created_at=TODAY, expires_at=TODAY + DAY))
            await db.commit()
        asked = await Browser(app).post("/password-reset", {"email": "eve@example.org"})
        assert asked.status_code == 303
        first = {
            "token": "t",
            "site_title": "Mine",
            "name": "Mei",
            "email": "MEI@example.org",
            "password": "three green herons",
        }
        mei = Browser(app)
        assert (await mei.post("/setup", first)).status_code == 303
        async with app.house.sessions() as db:
            assert box.recipients == []
            assert await users.lock_admins(db) != {eve.id}
            assert not await users.may_reset(db, eve)
            assert not await users.enters(db, eve)


async def test_the_first_admin_takes_over_their_own_account(fresh_app: Any, made_up: Any) -> None:
    async with fresh_app(with_cast=False) as app:
        await brought_in(app.house.sessions, app.house.storage, made_up())
        async with app.house.sessions() as db:
            db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash("t"), created_at=TODAY, expires_at=TODAY + DAY))
            await db.commit()
        first = {
            "token": "t",
            "site_title": "Mine",
            "name": "Eve",
            "email": "EVE@example.org",
            "password": "three green herons",
        }
        eve = Browser(app)
        assert (await eve.post("/setup", first)).status_code == 303
        assert await count(app.house.sessions, User) == (1,)
        assert (await post_at(app.house.sessions, "tea")).owner.username == "eve"
        assert (
            await Browser(app).post("/login", {"email": "eve@example.org", "password": "three green herons"})
        ).status_code == 303


async def test_an_admin_opens_an_account_that_came_with_an_archive(fresh_app: Any, made_up: Any) -> None:
    async with fresh_app() as app:
        report = await brought_in(app.house.sessions, app.house.storage, made_up())
        assert told(report) == [
            "people.yaml: Eve is admin in the archive and came as author.",
            "site.yaml: The settings stayed as they are, because something was here already.",
        ]
        async with app.house.sessions() as db:
            eve = (await db.scalars(select(User).where(User.username == "eve"))).one()
        ada = Browser(app, "ada")
        made = await ada.post(f"/admin/users/{eve.id}/access/password-reset", {})
        link = made.text.partition("http://127.0.0.1:8000")[2].partition("<")[0].partition('"')[0]
        browser = Browser(app)
        assert (await browser.get(link)).headers["location"] == "/new-password"
        assert (await browser.post("/new-password", {"password": "seven quiet otters"})).status_code == 303
        async with app.house.sessions() as db:
            assert await users.enters(db, eve)


async def test_into_a_blog_with_content_nothing_of_others_is_changed(
    sessions: Sessions, tmp_path: Path, made_up: Any
) -> None:
    storage = storage_in(tmp_path / "media")
    async with sessions() as db:
        here = User(name="Another Eve", username="eve", role=Role.EDITOR, created_at=TODAY)
        here.set_email("another@example.org")
        db.add_all([here, Tag(name="TEA", key="tea", slug="tea", description="mine")])
        await db.commit()
    await OldSite(made_up().parent, tmp_path / "media").bring_in(sessions, folder=_with(tmp_path / "old", "tea.md"))
    folder = made_up(
        {
            "tags.yaml": "  - name: Tea\n    slug: tea\n    description: theirs\n    aliases:\n      - /tags/te\n",
            "redirects.yaml": "  - from: /old\n    to: /posts/tea\n    code: 302\n",
            "posts/2026/2026-01-02-tea.md": ARCHIVE["posts/2026/2026-01-02-tea.md"].replace(
                "---\nHot", "tags:\n  - tea\n---\nHot"
            ),
        }
    )
    report = await brought_in(sessions, storage, folder)
    assert told(report) == [
        "people.yaml: Eve is admin in the archive and came as author.",
        "people.yaml: Somebody else is “eve” here; Eve came as “eve-2”.",
        "posts/2026/2026-01-02-tea.md: The address “tea” is taken here; the post is at “tea-2”.",
        "site.yaml: The settings stayed as they are, because something was here already.",
    ]
    post = await post_at(sessions, "tea-2")
    assert (post.owner.username, [tag.description for tag in post.tags]) == ("eve-2", ["mine"])
    again = await brought_in(sessions, storage, folder)
    assert (again.imported, again.unchanged, again.redirects_made) == (0, 1, 0)
    assert len(await all_posts(sessions)) == 2


def _with(folder: Path, file: str) -> Path:
    folder.mkdir()
    (folder / file).write_text("---\ntitle: Tea\nauthor: Somebody\n---\nCold.\n")
    return folder


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"blog-export.yaml": "format: 2\n"}, "made by a newer version of the blog"),
        ({"blog-export.yaml": "format: 1\nunfinished: true\n"}, "stopped before it was whole"),
        ({"blog-export.yaml": "\0"}, "blog-export.yaml: Line "),
        ({"site.yaml": None}, "site.yaml: site.yaml is not in the archive"),
        ({"site.yaml": "- a list\n"}, "site.yaml: There is no list of names with values"),
        ({"site.yaml": "title: T\nlanguage: tlh\n"}, "“tlh” is not a language"),
        ({"site.yaml": "title: T\nlanguage: en\ntimezone: ../../etc/passwd\n"}, "is not a time zone"),
        ({"site.yaml": "title: T\nlanguage: en\nlogo: /media/../../etc/passwd\n"}, "“logo” is not the address of a file"),
        ({"site.yaml": "title: T\nlanguage: en\nnavigation:\n  - label: x\n    address: javascript:alert(1)\n"}, "is no address"),
        ({"people.yaml": "a: &a [x, x]\nb: *a\n"}, "people.yaml: Line 1: Anchors and aliases"),
        ({"people.yaml": "- " * 60 + "x\n"}, "nested more than 20 deep"),
        ({"people.yaml": "- username: ../x\n  name: X\n"}, "people.yaml, item 1: “../x” cannot be an address"),
        ({"people.yaml": "- username: x\n  name: X\n  email: \"a@b.c\\nBcc: d@e.f\"\n"}, "is no e-mail address"),
        ({"people.yaml": "- username: x\n  name: X\n  role: root\n"}, "“role” is none of"),
        ({"media.yaml": "- file: ../../../etc/passwd\n"}, "is not the name of a file of an archive"),
        ({"redirects.yaml": "- from: //evil.test\n  to: /\n  code: 999\n"}, "It is not clear where"),
        ({"redirects.yaml": "- from: /a/../../b\n  to: /\n"}, "is not an address of a site"),
        ({"redirects.yaml": "- from: /a\n  to: javascript:alert(1)\n"}, "It is not clear where"),
        ({"tags.yaml": b"- name: \xff\n"}, "tags.yaml: The file is not UTF-8 text"),
    ],
)  # fmt: skip
async def test_an_archive_that_cannot_be_read_changes_nothing(
    sessions: Sessions, tmp_path: Path, made_up: Any, files: dict[str, str], words: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        await brought_in(sessions, storage_in(tmp_path / "media"), made_up(files))
    assert words in str(refused.value)
    assert await count(sessions, User, Post, Media) == (0, 0, 0)


async def test_a_post_that_cannot_be_read_stops_no_other(sessions: Sessions, tmp_path: Path, made_up: Any) -> None:
    head = "---\ntitle: T\nslug: {}\ndate: 2026-01-02T00:00:00Z\nauthors: [eve]\n{}---\n"
    (tmp_path / "secret").write_text("---\ntitle: Secret\n---\n")
    folder = made_up(
        {
            "posts/none.md": "no head",
            "posts/bomb.md": "---\na: &a [x]\nb: [*a, *a]\n---\n",
            "posts/date.md": head.format("a", "created: 99999-01-01\n"),
            "posts/cover.md": head.format("b", "cover: /media/../x\n"),
            "posts/canonical.md": head.format("c", "canonical_url: javascript:x\n"),
            "posts/twice.md": head.format("tea", ""),
            "posts/undated.md": "---\ntitle: T\nslug: d\n---\n",
            "posts/large.md": head.format("e", "") + "x" * 900_001,
            "posts/huge.md": "x" * 4_000_001,
            "media.yaml": f"- file: {'a' * 32}.png\n- file: {'b' * 32}.svg\n- file: {'c' * 32}.png\n",
            f"media/{'a' * 32}.png": b"no picture",
            f"media/{'b' * 32}.svg": png(),
        }
    )
    (folder / "posts/link.md").symlink_to(tmp_path / "secret")
    (folder / f"media/{'c' * 32}.png").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "posts/pipe.md")
    (folder / "pages").symlink_to(tmp_path)
    report = await brought_in(sessions, storage_in(tmp_path / "media"), folder)
    assert (report.imported, report.pictures_kept) == (1, 0)
    remarks = "\n".join(told(report))
    for words in (
        "posts/none.md: There is no front matter between two lines of ---.",
        "posts/bomb.md: Line 2: Anchors and aliases",
        "posts/date.md: “created” is not a date and time",
        "posts/cover.md: “cover” is not the address of a file",
        "posts/canonical.md: “canonical_url” is not the whole address",
        "posts/2026/2026-01-02-tea.md: It has the address of posts/twice.md.",
        "posts/undated.md: A post that is published has a date",
        "posts/large.md: The text has 900,001 characters",
        "posts/huge.md: posts/huge.md is larger than 4 MB",
        "posts/link.md: This is a link; links are not followed.",
        "posts/pipe.md: posts/pipe.md is not a regular file.",
        f"media/{'a' * 32}.png: This is no file that can be shown",
        f"media/{'b' * 32}.svg: What is in the file is not what its name says; it is a png.",
        f"media/{'c' * 32}.png: media/{'c' * 32}.png cannot be read: it is a link",
    ):
        assert words in remarks
    assert "ecret" not in remarks


async def test_a_dry_run_tells_what_would_come_and_writes_nothing(
    sessions: Sessions, tmp_path: Path, made_up: Any
) -> None:
    storage = storage_in(tmp_path / "media")

    async def rehearsed() -> Any:
        return await import_folder(
            sessions, storage, made_up(), assets=None, now=TODAY, progress=lambda *_: None, dry_run=True
        )

    first = await rehearsed()
    assert (first.is_rehearsal, first.imported, first.authors_made) == (True, 1, 1)
    assert await count(sessions, User, Post, Event) == (0, 0, 0)
    await brought_in(sessions, storage, made_up())
    second = await rehearsed()
    assert (second.imported, second.unchanged, second.authors_made) == (0, 1, 0)
