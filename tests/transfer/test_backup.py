"""Backups as operators make them: everything in, everything out, the same on both databases."""

import re
import stat
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cast
import pytest
from conftest import Bucket, administer, migrate, postgresql_url
from sqlalchemy import insert, select, update
from transfer.full_site import OWN, Place, Reading

from blog import search
from blog.auth.tokens import token_hash
from blog.database import Sessions
from blog.models import Base, Event, Login, Post, User
from blog.queries import logins
from blog.transfer.backup.tables import COUNTING, DERIVED, LEFT_OUT, kept_tables

BACKED_UP = {*Base.metadata.tables} - LEFT_OUT.keys()


@pytest.fixture
def place(database: str, copies: Any, tmp_path: Path) -> Place:
    """A site with something in every table."""
    made = Place.at(copies(database), tmp_path)
    made.fill()
    return made


@pytest.fixture
def empty(database: str, copies: Any, tmp_path: Path) -> Place:
    """Another site, migrated and empty."""
    return Place.at(copies(database), tmp_path / "other")


def insist_on_same(before: Reading, after: Reading) -> None:
    """Compare two readings of a site, the second of them after it was restored from a backup of the first."""
    assert {name for name, rows in before.items() if not rows} == set()
    for name in BACKED_UP - OWN - {"mails"}:
        assert after[name] == before[name], name
    assert after["mails"] == [letter for letter in before["mails"] if letter["status"] != "waiting"] != []
    assert after["events"][: len(before["events"])] == before["events"]
    assert [event["action"] for event in after["events"][len(before["events"]) :]] == ["backup.restored"]
    assert after["event_head"][0]["number"] == len(after["events"])
    assert after["post_days"] == [day for day in before["post_days"] if day["day"] != "2026-02-03"]
    assert counted(after) == counted(before)
    for name in LEFT_OUT.keys() - COUNTING:
        assert after[name] == [], name


def counted(reading: Reading) -> dict[tuple[str, int], int]:
    """Add up how many posts each tag and each author has."""
    found: Counter[tuple[str, int]] = Counter()
    for row in reading["post_counts"]:
        found[row["subject"], row["subject_id"]] += row["posts"]
    return {subject: posts for subject, posts in found.items() if posts and subject[0] in {"tag", "author"}}


def test_a_backup_brings_everything_back(place: Place, empty: Place, tmp_path: Path) -> None:
    before, files = place.reading(), place.files()
    assert any(row["live_at"] for row in before["post_tags"])
    said = place.run("backup", tmp_path / "all.backup").stdout
    assert re.search(r"all\.backup holds \d+ rows and 6 files; it has 9 MB\.\n", said)
    assert empty.run("restore", tmp_path / "all.backup").stdout.startswith("Restored ")
    insist_on_same(before, empty.reading())
    assert empty.files() == files
    assert len(files) == 6
    assert "MEND" not in empty.run("check").stdout


def test_what_is_restored_can_be_found_and_goes_on(place: Place, empty: Place, tmp_path: Path) -> None:
    largest = place.do(lambda sessions: _largest(sessions))
    place.run("backup", tmp_path / "all.backup")
    empty.run("restore", tmp_path / "all.backup")

    async def go_on(sessions: Sessions) -> None:
        async with sessions() as db:
            ada = (await db.scalars(select(User).where(User.username == "ada"))).one()
            found = await search.results(db, ada, cast.TODAY, search.parse("okapi", "en"), 1)
            assert found
            assert [one.post.slug for one in found.items] == ["for-members"]
            added = User(name="New", username="new", role="viewer", created_at=cast.TODAY)
            post = cast.written(ada, "New", "new", cast.TODAY)
            db.add_all([added, post])
            await db.flush()
            # The last person was deleted before the backup; nobody gets their number.
            assert added.id > largest + 1
            await db.commit()
            assert await logins.by_token_hash(db, token_hash(cast.cookie_of("ada")), cast.TODAY) is None

    empty.do(go_on)


async def _largest(sessions: Sessions) -> int:
    async with sessions() as db:
        return max(await db.scalars(select(User.id)))


@pytest.fixture
def elsewhere(database: str, scratch: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Place]:
    """Make an empty site on the other database."""

    def make(name: str) -> Place:
        url = f"sqlite+aiosqlite:///{tmp_path}/{name}.db"
        if database == "sqlite":
            folder = request.getfixturevalue("postgresql")
            called = f"moved_{time.monotonic_ns()}"
            administer(folder, f"CREATE DATABASE {called}")
            url = postgresql_url(folder, called)
        migrate(url)
        return Place.at(url, tmp_path / name)

    return make


def test_a_site_moves_to_the_other_database_and_back(
    place: Place, elsewhere: Callable[[str], Place], empty: Place, tmp_path: Path
) -> None:
    before, files, there = place.reading(), place.files(), elsewhere("there")
    place.run("backup", tmp_path / "here.backup")
    there.run("restore", tmp_path / "here.backup")
    moved = there.reading()
    insist_on_same(before, moved)
    there.run("backup", tmp_path / "there.backup")
    empty.run("restore", tmp_path / "there.backup")
    again = empty.reading()
    for name in BACKED_UP - OWN:
        assert again[name] == moved[name], name
    assert again["events"][:-1] == moved["events"]
    assert there.files() == empty.files() == files
    assert "MEND" not in empty.run("check").stdout


@pytest.mark.parametrize("into_bucket", [True, False])
def test_files_move_between_a_folder_and_a_bucket(
    into_bucket: bool, database: str, copies: Any, bucket: Bucket, tmp_path: Path
) -> None:
    access = {name.upper(): value for name, value in bucket.access.items()}
    urls = {"MEDIA_URL": f"s3://{bucket.name}/some/prefix", **access}
    place = Place.at(copies(database), tmp_path / "a", **({} if into_bucket else urls))
    other = Place.at(copies(database), tmp_path / "b", **(urls if into_bucket else {}))
    place.fill()
    place.run("backup", tmp_path / "all.backup")
    other.run("restore", tmp_path / "all.backup")
    assert other.files() == place.files()
    assert len(other.files()) == 6


def test_a_file_that_is_there_is_not_overwritten_unless_that_is_said(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_bytes(b"precious")
    assert "is there already" in place.fails("backup", file)
    assert file.read_bytes() == b"precious"
    place.run("backup", file, "--force")
    assert file.read_bytes()[:2] == b"PK"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "no folder" in place.fails("backup", tmp_path / "none" / "a.backup")
    assert "is a folder" in place.fails("backup", tmp_path, "--force")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert "is there already" in place.fails("backup", tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["a.backup"]


def test_a_site_that_is_not_empty_is_replaced_only_when_that_is_said(place: Place, tmp_path: Path) -> None:
    first, first_files = place.reading(), place.files()
    place.run("backup", tmp_path / "first.backup")
    place.do(_change)
    changed = place.reading()
    assert "13 posts and 8 people" in place.fails("restore", tmp_path / "first.backup")
    assert place.reading() == changed
    place.run("restore", tmp_path / "first.backup", "--force")
    after = place.reading()
    # Who served the pages of the changed site must notice: the version goes on.
    assert after["site"][0].pop("version") > changed["site"][0]["version"]
    first["site"][0].pop("version")
    insist_on_same(first, after)
    assert place.files() == first_files
    place.run("restore", tmp_path / "first.backup", "--force")
    assert place.files() == first_files


async def _change(sessions: Sessions) -> None:
    async with sessions() as db:
        await db.execute(update(Post).values(title="Changed", slug=Post.slug + "-changed"))
        await db.execute(insert(Login).values(user_id=1, token_hash="x" * 64, created_at=cast.TODAY,
                                              last_used_at=cast.TODAY, proved_at=cast.TODAY,
                                              expires_at=cast.TODAY + timedelta(days=9)))  # fmt: skip
        db.add(Event.about("post.saved", Post, cast.TODAY, None))
        await db.commit()


def test_files_that_only_the_old_rows_named_go(place: Place, empty: Place, tmp_path: Path) -> None:
    empty.run("backup", tmp_path / "empty.backup")
    place.run("restore", tmp_path / "empty.backup", "--force")
    assert list((tmp_path / "media").iterdir()) == []


def test_a_new_database_is_migrated_first(place: Place, tmp_path: Path) -> None:
    place.run("backup", tmp_path / "all.backup")
    new = Place.at(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path)
    for words in (("restore", tmp_path / "all.backup"), ("backup", tmp_path / "new.backup")):
        assert "Run: blog migrate" in new.fails(*words)
    assert not (tmp_path / "new.backup").exists()


def test_a_file_that_the_uploads_lost_is_named_and_the_rest_is_there(
    place: Place, empty: Place, tmp_path: Path
) -> None:
    files = place.files()
    lost = min(files)
    (tmp_path / "media" / lost).unlink()
    done = place.run("backup", tmp_path / "all.backup")
    assert lost in done.stderr
    assert lost in empty.run("restore", tmp_path / "all.backup").stderr
    assert empty.files() == {name: made for name, made in files.items() if name != lost}


def test_a_backup_is_proven_by_restoring_it(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "all.backup"
    before = place.reading()
    assert "never made one" in place.run("check").stdout
    done = place.run("backup", "--prove", file)
    assert re.search(r"holds .*\nProven: \d+ rows and 6 files, .* came out as they went in\.\n$", done.stdout, re.S)
    assert "made last on" in (said := place.run("check").stdout)
    assert "proven last on" in said
    assert "run: blog backup" not in said
    made = file.stat()
    assert place.run("backup", "--prove", file).stdout.startswith("Proven: ")
    assert file.stat() == made
    after = place.reading()
    new = after["events"][len(before["events"]) :]
    assert [event["action"] for event in new] == ["backup.made", "backup.proven", "backup.proven"]
    assert {event["detail"]["name"] for event in new} == {"all.backup"}
    for name in Base.metadata.tables.keys() - OWN:
        assert after[name] == before[name], name


def test_one_is_made_to_be_proven_where_no_file_is_named(place: Place, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert place.run("backup", "--prove").stdout.startswith("Proven: ")
    assert sorted(tmp_path.iterdir()) == before
    said = place.run("check").stdout
    assert "none was made here" in said
    done = place.operator.run("backup")
    assert done.code == 2
    assert "Say where" in done.stderr


def test_a_backup_of_a_log_that_was_forged_is_not_proven(place: Place, tmp_path: Path) -> None:
    async def forge(sessions: Sessions) -> None:
        async with sessions() as db:
            connection = await db.connection()
            if connection.dialect.name == "postgresql":
                await connection.exec_driver_sql("ALTER TABLE events DISABLE TRIGGER USER")
            else:
                await connection.exec_driver_sql("DROP TRIGGER events_refuse_update")
            await db.execute(update(Event).where(Event.id == 1).values(action="user.added"))
            await db.commit()

    place.do(forge)
    place.run("backup", tmp_path / "all.backup")
    assert "blog check" in place.fails("backup", "--prove", tmp_path / "all.backup")


@pytest.mark.parametrize(
    ("made", "proven", "advised"),
    [(1, 1, ""), (30, 1, "run: blog backup FILE"), (1, 200, "blog backup --prove FILE"), (1, None, "--prove FILE")],
)
def test_the_check_says_when_a_backup_is_long_ago(
    made: int, proven: int | None, advised: str, database: str, copies: Any, tmp_path: Path
) -> None:
    place = Place.at(copies(database), tmp_path)

    async def tell(sessions: Sessions) -> None:
        async with sessions() as db:
            for action, days in (("backup.made", made), ("backup.proven", proven)):
                if days is not None:
                    db.add(Event.about(action, Post, datetime.now(UTC) - timedelta(days=days), None))
            await db.commit()

    place.do(tell)
    (line,) = [line for line in place.run("check").stdout.splitlines() if "Backups:" in line]
    assert line.startswith("well")
    assert (advised in line) if advised else ("blog backup" not in line)


async def test_the_dashboard_advises_who_never_made_one(browse: Any) -> None:
    page = (await browse("ada").get("/admin")).text
    assert re.search(r'<p class="hint"><strong>Backups:</strong> “blog backup” never made one\.', page)


def test_every_table_is_in_a_backup_or_left_out_for_a_reason() -> None:
    kept = {one.name: one for one in kept_tables()}
    assert kept.keys() == BACKED_UP
    for one in kept.values():
        assert one.key
        assert not {key.column.table.name for key in one.table.foreign_keys} & LEFT_OUT.keys(), one.name
        left = {column.name for column in one.table.columns} - {column.name for column in one.columns}
        assert left == DERIVED.get(one.name, set())
    assert LEFT_OUT.keys() <= Base.metadata.tables.keys()
