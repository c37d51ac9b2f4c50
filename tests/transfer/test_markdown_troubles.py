"""Folders with something wrong in them: it is told, with its line, and stops nothing else."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cast import TODAY
from sqlalchemy import func, select
from transfer.old_site import OldSite, all_posts, count, old_paths, png, post_at, told

from blog.database import Sessions
from blog.media import LARGEST_PICTURE
from blog.models import Media, Post, Revision
from blog.models.post import CoAuthor, post_tags
from blog.settings import ROOT, SettingsError
from blog.transfer import pipeline
from blog.transfer.folder import LARGEST_TEXT
from blog.transfer.pipeline import BATCH
from blog.transfer.terms import ImportRefused

GOOD = "---\ntitle: Good\nauthor: ana\n---\nText.\n"
KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from blog.database import make_engine, make_sessions
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer import markdown, pipeline

store, batches = pipeline.store, []

async def store_and_die(*arguments):
    told = await store(*arguments)
    batches.append(told)
    if len(batches) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return told

pipeline.store = store_and_die
sessions = make_sessions(make_engine(Settings(database_url=sys.argv[1], secret_key="s" * 40)))
asyncio.run(markdown.import_folder(sessions, open_storage(Settings(media_url=sys.argv[2])), Path(sys.argv[3]), assets=None,
                                   now=datetime.now(UTC), progress=lambda *_: None))
"""


async def test_broken_files_are_told_with_their_line_and_all_others_come(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("a-good.md", GOOD)
    old_site.write("b-yaml.md", "---\ntitle: Bad\ntags:\n- one\t\n  two: x\n---\nText.\n")
    old_site.write("c-toml.md", "+++\ntitle = 'Bad'\ndate = 2020-02-31\n+++\nText.\n")
    old_site.write("d-endless.md", "---\ntitle: Bad\nText without an end.\n")
    old_site.write("e-latin.md", "---\ntitle: Café\n---\n".encode("latin-1"))
    old_site.write("f-nul.md", GOOD.replace("Good", "Nul").replace("Text.", "One.\n\nT\x00ext."))
    old_site.write("g-nul-head.md", "---\ntitle: Bad\nslug: a\x00b\n---\nText.\n")
    old_site.write("h-huge.md", b"---\ntitle: Bad\n---\n" + b"x" * LARGEST_TEXT)
    old_site.write("i-long.md", b"---\ntitle: Bad\n---\n" + b"much\n" * 200_000)
    old_site.write("j-utf16.md", GOOD.encode("utf-16"))
    old_site.write("k-empty.md", b"")
    old_site.write("l-exploding.md", "---\ntitle: Bad\na: &a [x]\nb: [*a, *a]\n---\nText.\n")
    old_site.write("z-good.md", GOOD.replace("Good", "Last"))
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.skipped) == (3, 10)
    assert [post.title for post in await all_posts(sessions)] == ["Good", "Nul", "Last"]
    reasons = {str(line).partition(": ")[0]: line.reason for line in report.lines}
    assert list(reasons) == [
        "b-yaml.md:4",
        "c-toml.md:3",
        "d-endless.md:1",
        "e-latin.md:2",
        "g-nul-head.md:3",
        "h-huge.md",
        "i-long.md",
        "j-utf16.md:1",
        "k-empty.md",
        "l-exploding.md:3",
        "f-nul.md:7",
    ]
    assert all(reason.endswith(".") and "\n" not in reason for reason in reasons.values())
    assert (await post_at(sessions, "f-nul")).body == "One.\n\nText.\n"


async def test_a_text_that_becomes_too_much_is_left_out(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("a-much.md", GOOD.replace("Text.", '"' * 400_000))
    old_site.write("b-good.md", GOOD)
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.skipped) == (1, 1)
    assert told(report)[0] == "a-much.md:5: This text becomes more than 2 MB of HTML; at most 2 MB can be published."
    assert [post.slug for post in await all_posts(sessions)] == ["b-good"]


async def test_an_import_that_is_killed_leaves_only_whole_posts(old_site: OldSite, sessions: Sessions) -> None:
    _write_many(old_site, 5 * BATCH)
    url = sessions.kw["bind"].url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(old_site.media), str(old_site.root)]
    died = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True)
    assert died.returncode == -9, died.stderr
    assert await _whole_posts(sessions) == 2 * BATCH
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.unchanged, report.updated) == (3 * BATCH, 2 * BATCH, 0)
    assert await _whole_posts(sessions) == 5 * BATCH


async def test_an_import_that_fails_half_way_leaves_only_whole_posts(
    old_site: OldSite, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_many(old_site, 3 * BATCH)
    store = pipeline.store

    async def store_some(db: Any, batch: Any, now: Any) -> Any:
        told = await store(db, batch, now)
        if any(one.post.title == f"Post {2 * BATCH - 1}" for one in batch):
            raise OSError("The disk is full.")
        return told

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "store", store_some)
        with pytest.raises(OSError, match="full"):
            await old_site.bring_in(sessions)
    assert await _whole_posts(sessions) == BATCH
    assert (await old_site.bring_in(sessions)).imported == 2 * BATCH
    assert await _whole_posts(sessions) == 3 * BATCH


async def test_nothing_outside_the_folder_is_read(old_site: OldSite, sessions: Sessions) -> None:
    outside = old_site.root.parent / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(png())
    (outside / "secret.md").write_text(GOOD.replace("Text.", "The secret."))
    (old_site.root / "link.md").symlink_to(outside / "secret.md")
    (old_site.root / "folder").symlink_to(outside)
    (old_site.root / "link.png").symlink_to(outside / "secret.png")
    (old_site.root / "round").symlink_to(old_site.root)
    addresses = [
        "../outside/secret.png", "../../../../etc/passwd", "/etc/passwd", f"{outside}/secret.png", "link.png",
        "folder/secret.png", "%2e%2e/outside/secret.png", "..\\outside\\secret.png", "file:///etc/passwd",
    ]  # fmt: skip
    body = "\n\n".join(f"![x]({address})" for address in addresses)
    old_site.write("a.md", GOOD.replace("Text.", body))
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.skipped, report.pictures_kept) == (1, 3, 0)
    assert await count(sessions, Media) == (0,)
    assert "secret" not in (await post_at(sessions, "a")).html.replace("Picture: secret", "")
    lines = {line.line: line.reason for line in report.lines if line.file == "a.md"}
    assert list(lines) == [5 + 2 * number for number in range(len(addresses))]
    assert {line.file: line.reason for line in report.lines if line.kind == "skipped"} == {
        "folder": "This is a link to a folder; such links are not followed.",
        "round": "This is a link to a folder; such links are not followed.",
        "link.md": "This leads outside the folder and is not followed.",
    }


async def test_pictures_that_cannot_be_shown_are_told_and_drawings_lose_their_programs(
    old_site: OldSite, sessions: Sessions
) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><path d="M0 0h9"/></svg>'
    )
    old_site.write("drawing.svg", drawing)
    old_site.write("exploding.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>')
    old_site.write("page.png", "<html><script>alert(1)</script></html>")
    old_site.write("huge.png", png() + b"\x00" * LARGEST_PICTURE)
    old_site.write("empty.png", b"")
    old_site.write("good.png", png())
    names = ["drawing.svg", "exploding.svg", "page.png", "huge.png", "empty.png", "good.png"]
    old_site.write("a.md", GOOD.replace("Text.", "\n".join(f"![{name}]({name})" for name in names)))
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.pictures_kept) == (1, 2)
    assert [line.line for line in sorted(report.lines, key=str)] == [6, 7, 8, 9]
    async with sessions() as db:
        kept = {media.original_name: media for media in await db.scalars(select(Media))}
    assert set(kept) == {"drawing.svg", "good.png"}
    content = (old_site.media / kept["drawing.svg"].stored).read_bytes()
    assert b"alert" not in content
    assert b"M0 0h9" in content
    body = (await post_at(sessions, "a")).body
    assert body.count("/media/") == 2
    assert body.count("*Picture: ") == 4
    again = await old_site.bring_in(sessions)
    assert (again.unchanged, told(again)) == (1, told(report))


async def test_old_addresses_that_cannot_be_are_told(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write(
        "a.md", "---\ntitle: A\nauthor: ana\naliases: ['../../x', /fine/, 'javascript:alert(1)']\n---\nText.\n"
    )
    report = await old_site.bring_in(sessions)
    assert [line.line for line in report.lines] == [4, 4]
    assert await old_paths(sessions) == {"/fine"}


async def test_a_folder_that_cannot_be_imported_is_refused_in_one_sentence(
    old_site: OldSite, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = old_site.write("notes.txt", "Not Markdown.")

    async def refused(folder: Path, assets: Path | None = None) -> str:
        with pytest.raises(ImportRefused) as error:
            await old_site.bring_in(sessions, folder=folder, assets=assets)
        return str(error.value)

    assert await refused(old_site.root) == f"There are no Markdown files in {old_site.root}."
    gone = old_site.root / "gone"
    assert await refused(gone) == f"The folder {gone} cannot be read: No such file or directory."
    assert await refused(file) == f"The folder {file} cannot be read: Not a directory."
    assert await refused(old_site.root, assets=gone) == f"The folder {gone} cannot be read: No such file or directory."

    no_media = OldSite(old_site.root, file)
    with pytest.raises(SettingsError, match=r"The folder of uploads, .*, cannot be used: File exists\."):
        await no_media.bring_in(sessions)

    def forbid(path: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", forbid)
    assert await refused(old_site.root) == f"The folder {old_site.root} cannot be read: Permission denied."


def _write_many(old_site: OldSite, number: int) -> None:
    old_site.write("pot.png", png())
    for one in range(number):
        old_site.write(
            f"{one:04}.md",
            f"---\ntitle: Post {one}\ndate: {TODAY.year - 2}-01-01 00:{one // 60:02}:{one % 60:02}\nauthors: [ana, mei, jo]\n"
            f"tags: [tea, 'number {one % 7}']\naliases: /old/{one}\n---\n![A pot](pot.png)\n",
        )


async def _whole_posts(sessions: Sessions) -> int:
    """Count the posts; each has its text, its byline, its tags, its old address, its picture and one revision."""
    posts = await all_posts(sessions)
    assert await old_paths(sessions) == {f"/old/{int(post.slug)}" for post in posts}
    assert await count(sessions, Revision, CoAuthor) == (len(posts), 2 * len(posts))
    async with sessions() as db:
        assert await db.scalar(select(func.count()).select_from(post_tags)) == 2 * len(posts)
        assert await db.scalar(select(func.count()).where(Post.html.contains("<img"))) == len(posts)
    return len(posts)
