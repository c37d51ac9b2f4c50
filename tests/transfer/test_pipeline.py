"""What every import does, whatever its source: rehearse, tell who is who, and write its report into a folder."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from transfer.old_site import OldSite, count, png, told

from blog.content import worker
from blog.database import Sessions
from blog.models import Event, Media, Post, Redirect, Tag, User
from blog.transfer.places import SITES_OWN
from blog.transfer.report import Report, as_table, as_text, write_report
from blog.web import routes
from blog.web.elsewhere import leads_to


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write("pot.png", png())
    old_site.write(
        "a.md", "---\ntitle: A\nauthors: [Anna Author, New Person]\ntags: [x, y]\naliases: /old\n---\n![a](pot.png)\n"
    )
    old_site.write("b.md", "---\ntitle: B\nslug: a\nauthor: New Person\ntags: [y]\n---\n![a](gone.png)\n")
    everything = (Post, Redirect, Tag, User, Media, Event)
    async with fresh_app() as app:
        before = await count(app.house.sessions, *everything)
        report = await old_site.bring_in(app.house.sessions, dry_run=True)
        assert await count(app.house.sessions, *everything) == before
        assert not any(old_site.media.rglob("*.png"))
        assert (report.imported, report.authors_made, report.tags_made, report.pictures_kept) == (2, 1, 2, 1)
        assert report.redirects_made == 1
        assert told(report) == [
            "b.md: The address “a” is taken; the post is at “a-2”.",
            "b.md:7: The picture gone.png is missing: It is not in the folder.",
        ]
        text = as_text(report)
        assert text.startswith("This was a dry run: nothing was written. An import would do this:\n2 posts imported")
        assert "  Anna Author: anna\n  New Person: new\n" in text
        real = await old_site.bring_in(app.house.sessions)
        assert (real.imported, real.authors_made, real.tags_made, real.redirects_made) == (2, 1, 2, 1)
        again = await old_site.bring_in(app.house.sessions, dry_run=True)
    assert (again.imported, again.unchanged, again.authors_made, again.redirects_made) == (0, 2, 0, 0)


def test_a_report_is_written_as_text_as_a_table_and_with_what_goes_with_it(tmp_path: Path) -> None:
    report = Report(imported=2)
    report.doubt("a.md", 3, "=SUM(1)")
    report.skip("b.md", None, "It is “bad”, and more.")
    spooled = tmp_path / "spooled"
    spooled.write_bytes(b"[]")
    report.attachments = {"comments.json": spooled, "menus.txt": b"Home"}
    write_report(report, tmp_path / "new" / "folder")
    written = {file.name: file.read_bytes() for file in (tmp_path / "new" / "folder").iterdir()}
    assert written["report.txt"].decode() == as_text(report)
    assert (written["comments.json"], written["menus.txt"]) == (b"[]", b"Home")
    rows = list(csv.reader(StringIO(as_table(report))))
    assert rows[1:] == [["b.md", "", "skipped", "It is “bad”, and more."], ["a.md", "3", "doubtful", "'=SUM(1)"]]
    assert written["report.csv"].decode() == as_table(report)


def test_a_page_never_gets_an_address_of_the_site_itself(app: Any) -> None:
    firsts = {path.split("/")[1] for path in [*routes._paths.values(), *routes.PROMISED]}
    own = {first for first in firsts if first and "." not in first and not first.startswith("{")}
    assert own | {path for path in ("feed", "rss") if leads_to(f"/{path}")} == SITES_OWN


async def test_a_server_that_is_busy_rendering_delays_an_import_and_leaves_nothing_out(
    sessions: Sessions, old_site: OldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_site.write("2019-04-01-april.md", "---\ntitle: April\n---\nIt *rained*.\n")
    asked, real = 0, worker.off_loop

    async def busy_at_first(work: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise worker.Busy("The server is busy rendering other texts.")
        return await real(work, *args, **kwargs)

    monkeypatch.setattr(worker, "off_loop", busy_at_first)
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.skipped, asked) == (1, 0, 4)
