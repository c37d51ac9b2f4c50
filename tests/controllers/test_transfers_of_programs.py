"""Exports of other programs that an admin uploads: alone, and in a zip with the folder of their pictures."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from browser import Browser
from office import Office, zipped
from sqlalchemy import select
from transfer.ghost_site import GhostSite
from transfer.old_site import png
from transfer.old_wordpress import SITE, OldWordPress

from blog.models import Media, Post


def wordpress(folder: Path) -> OldWordPress:
    """Write an old WordPress site: two posts, of which one shows a picture."""
    old = OldWordPress(folder)
    old.author("ana", "Ana Ruiz", "ana@old.example")
    pot = old.file(20, "2019/05/pot.png", png("navy"), alt="A pot")
    old.item(1, "Making tea", f"Steep it.\n\n<img src='{pot}'>")
    old.item(2, "Drinking tea", f"<a href='{SITE}/2019/05/making-tea/'>Make</a> it first.")
    return old


def ghost(folder: Path) -> GhostSite:
    """Write an old Ghost site: two posts, of which one shows a picture."""
    site = GhostSite(folder, folder / "kept")
    site.add("users", id="1", name="Owen Owner", slug="owen", email="owen@example.org")
    site.post("making-tea", author_id="1", html='<p>Steep it.</p><img src="__GHOST_URL__/content/images/2019/pot.png">')
    site.post("drinking-tea", author_id="1", html='<p><a href="__GHOST_URL__/making-tea/">Make</a> it first.</p>')
    site.put("images/2019/pot.png", png("navy"))
    site.write()
    return site


async def pictures(office: Office) -> set[str]:
    async with office.app.house.sessions() as db:
        return {media.original_name for media in await db.scalars(select(Media))}


async def both_posts(office: Office) -> tuple[str, str]:
    """Give the pages of the two posts, as readers see them."""
    async with office.app.house.sessions() as db:
        slugs = set(await db.scalars(select(Post.slug).where(Post.slug.in_(["making-tea", "drinking-tea"]))))
    assert slugs == {"making-tea", "drinking-tea"}
    reader = Browser(office.app)
    return (await reader.get("/posts/making-tea")).text, (await reader.get("/posts/drinking-tea")).text


def files_of(root: Path, below: str) -> dict[str, str | bytes]:
    return {below + path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("program", ["wordpress", "ghost"])
async def test_an_export_alone_comes_in_and_tells_which_pictures_are_missing(
    office: Office, tmp_path: Path, program: str
) -> None:
    file = wordpress(tmp_path).export() if program == "wordpress" else ghost(tmp_path).file
    before = await pictures(office)
    page = await office.moved(file.read_bytes(), file.name, "rehearse")
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)
    page = await office.moved(file.read_bytes(), file.name)
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)
    assert {"wordpress": "not copied and stay where they were: 1", "ghost": "pot.png is missing"}[program] in page
    making, drinking = await both_posts(office)
    assert "Steep it." in making
    assert 'href="/posts/making-tea"' in drinking
    assert await pictures(office) == before
    assert (await office.last()).source == program
    page = await office.moved(file.read_bytes(), file.name)
    assert re.search(r"<dt>unchanged</dt><dd>2</dd>", page)


@pytest.mark.parametrize(
    ("program", "export", "below"),
    [
        ("wordpress", "export.xml", "uploads/"),
        ("wordpress", "export.xml", "wp-content/uploads/"),
        ("wordpress", "export.xml", ""),
        ("wordpress", "old-site/export.xml", "old-site/files/wp-content/Uploads/"),
        ("ghost", "site.ghost.json", "content/"),
        ("ghost", "site.ghost.json", ""),
        ("ghost", "old-site/site.ghost.json", "old-site/ghost/content/"),
    ],
)
async def test_a_zip_brings_the_pictures_along_wherever_their_folder_lies(
    office: Office, tmp_path: Path, program: str, export: str, below: str
) -> None:
    if program == "wordpress":
        old = wordpress(tmp_path)
        file, root = old.export(), old.uploads
    else:
        site = ghost(tmp_path)
        file, root = site.file, site.content
    files = {export: file.read_bytes(), "__MACOSX/._x": b"\0", **files_of(root, below)}
    before = await pictures(office)
    page = await office.moved(zipped(files), "old.zip")
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page), page
    assert re.search(r"<dt>new pictures</dt><dd>1</dd>", page)
    assert "is missing" not in page
    assert await pictures(office) - before == {"pot.png"}
    making, _ = await both_posts(office)
    address = re.findall(r'src="(/media/[0-9a-f]{32}[^"]*)"', making)[0]
    assert (await Browser(office.app).get(address)).headers["content-type"].startswith("image/")


async def test_a_second_export_in_a_zip_is_told_and_not_passed_over_in_silence(office: Office, tmp_path: Path) -> None:
    export = wordpress(tmp_path).export().read_bytes()
    page = await office.moved(zipped({"a.xml": export, "b.xml": export}), "both.zip")
    assert re.search(r"<dt>imported</dt><dd>2</dd>", page)
    assert re.search(r"<dt>skipped</dt><dd>1</dd>", page)
    assert "b.xml: This is an export of its own" in page
    link = re.findall(r'href="(/admin/transfers/\d+/file)"', page)[0]
    with zipfile.ZipFile(io.BytesIO((await office.ada.get(link)).content)) as report:
        assert "b.xml" in report.read("report.txt").decode()
