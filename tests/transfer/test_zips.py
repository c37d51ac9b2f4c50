"""Zips: as good as the folder that they hold, and refused where they hold anything else."""

import stat
import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from transfer.old_site import OldSite, count, png
from transfer.test_archive import brought_in, changed, written_out
from transfer.test_archive_stories import storage_in

from blog.database import Sessions
from blog.models import Media, Post
from blog.transfer import zips
from blog.transfer.terms import ImportRefused

POST = "---\ntitle: Tea\nauthor: Ana\n---\n![A pot](pot.png)\n"


def packed(folder: Path, fill: Callable[[ZipFile], None]) -> Path:
    with ZipFile(folder / "old.zip", "w", ZIP_DEFLATED) as made:
        fill(made)
    return folder / "old.zip"


@pytest.mark.parametrize("top", ["", "my-site/"])
async def test_a_zip_is_read_as_the_folder_in_it(sessions: Sessions, tmp_path: Path, top: str) -> None:
    def fill(made: ZipFile) -> None:
        made.writestr(f"{top}tea.md", POST)
        made.writestr(f"{top}pot.png", png())
        made.writestr("__MACOSX/._tea.md", b"\0")

    file = packed(tmp_path, fill)
    report = await brought_in(sessions, storage_in(tmp_path / "media"), file)
    assert (report.imported, report.pictures_kept) == (1, 1)
    again = await brought_in(sessions, storage_in(tmp_path / "media"), file)
    assert (again.unchanged, again.updated) == (1, 0)


async def test_an_export_in_a_zip_comes_in_as_from_its_folder(
    sessions: Sessions, tmp_path: Path, old_site: OldSite
) -> None:
    old_site.write("tea.md", POST)
    old_site.write("pot.png", png())
    await old_site.bring_in(sessions)
    first = await written_out(sessions, storage_in(old_site.media), tmp_path / "out")

    def write(made: ZipFile) -> None:
        for name, content in first.items():
            made.writestr(name, content)

    file = packed(tmp_path, write)
    report = await brought_in(sessions, storage_in(old_site.media), file)
    assert (report.imported, report.unchanged) == (0, 1)
    assert changed(first, await written_out(sessions, storage_in(old_site.media), tmp_path / "again")) == {}


def _named(name: str) -> Callable[[ZipFile], None]:
    def fill(made: ZipFile) -> None:
        info = ZipInfo("x")
        info.filename = info.orig_filename = name
        made.writestr(info, "x")

    return fill


def _link(made: ZipFile) -> None:
    info = ZipInfo("tea.md")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    made.writestr(info, "/etc/passwd")


def _twice(made: ZipFile) -> None:
    made.writestr("Tea.md", "1")
    made.writestr("tea.md", "2")


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (_named("../tea.md"), "leads outside of its folder"),
        (_named("a/../../tea.md"), "leads outside of its folder"),
        (_named("/etc/tea.md"), "leads outside of its folder"),
        (_named("C:/tea.md"), "leads outside of its folder"),
        (_named("a\\..\\tea.md"), "no name that files have"),
        (_named("a\n.md"), "no name that files have"),
        (_named("/".join(["a"] * 30)), "too long"),
        (_named("a" * 300), "too long"),
        (_link, "is a link or a device"),
        (_twice, "two files called"),
        (lambda made: [made.writestr(f"{n}.md", "") for n in range(40_001)], "40,001 files; at most 40,000"),
        (lambda made: made.writestr("bomb.md", b"0" * 20_000_000), "times as large as it is"),
    ],
)
async def test_a_zip_that_is_a_trick_is_refused_before_it_is_unpacked(
    sessions: Sessions, tmp_path: Path, fill: Callable[[ZipFile], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(ImportRefused) as refused:
        await brought_in(sessions, storage_in(tmp_path / "media"), packed(tmp_path, fill))
    assert words in str(refused.value)
    assert await count(sessions, Post, Media) == (0, 0)


async def test_a_zip_that_lies_about_its_sizes_is_refused(sessions: Sessions, tmp_path: Path) -> None:
    file = packed(tmp_path, lambda made: made.writestr("tea.md", "x" * 5_000))
    content = bytearray(file.read_bytes())
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 10)
    file.write_bytes(content)
    with pytest.raises(ImportRefused, match=r"broken and cannot be read|holds more than its table"):
        await brought_in(sessions, storage_in(tmp_path / "media"), file)
    file.write_bytes(content[: central + 10])
    with pytest.raises(ImportRefused, match="broken and cannot be read"):
        await brought_in(sessions, storage_in(tmp_path / "media"), file)


async def test_the_same_bytes_under_many_names_are_refused(sessions: Sessions, tmp_path: Path) -> None:
    file = packed(tmp_path, lambda made: made.writestr("a.md", bytes(range(256)) * 100))
    content = file.read_bytes()
    central, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[central:end]
    entries = b"".join(entry.replace(b"a.md", name) for name in (b"a.md", b"b.md", b"c.md"))
    tail = bytearray(content[end:])
    struct.pack_into("<HHI", tail, 8, 3, 3, len(entries))
    file.write_bytes(content[:central] + entries + tail)
    with pytest.raises(ImportRefused, match=r"the same bytes under several names|broken"):
        await brought_in(sessions, storage_in(tmp_path / "media"), file)
