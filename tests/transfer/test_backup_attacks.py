"""Files that are no backups, are damaged, or were made to do harm: each is refused in one sentence, and nothing is written."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transfer.full_site import Place, Reading

from blog.transfer.backup.archive import Archive, BackupRefused
from blog.transfer.backup.tables import Unfit, kept_tables

Members = list[tuple[zipfile.ZipInfo, bytes]]
SMALL = (5, 300, 4000)
EVIL = ["../evil.png", "/tmp/evil.png", "media/../../evil.png", "media/evil.png", "rows/../posts.jsonl", "C:\\evil.png",
        "media/" + "0" * 32 + ".png/x", "rows/" + "x" * 99 + ".jsonl", "MANIFEST.json", "media/" + "0" * 32 + ".PNG",
        ".bashrc", "rows/posts.jsonl\0.png"]  # fmt: skip


@pytest.fixture(scope="module")
def good(database: str, copies: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup as it should be."""
    folder = tmp_path_factory.mktemp("good")
    place = Place.at(copies(database), folder)
    place.fill(SMALL)
    place.run("backup", folder / "good.backup")
    return folder / "good.backup"


@pytest.fixture(scope="module")
def target(database: str, copies: Any, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A site with posts, which nobody's file may change."""
    place = Place.at(copies(database), tmp_path_factory.mktemp("target"))
    place.fill(SMALL)
    return place


@pytest.fixture(scope="module")
def before(target: Place) -> Reading:
    return target.reading()


@pytest.fixture
def refused(target: Place, before: Reading, tmp_path: Path) -> Callable[[Path], str]:
    """Try to restore a file; give the sentence that refuses it, after seeing that nothing else came of it."""
    files = {path.name: path.read_bytes() for path in Path(target.settings.media_url).iterdir()}

    def restore(file: Path) -> str:
        here = sorted(path for path in tmp_path.rglob("*"))
        sentence = target.fails("restore", file, "--force")
        assert target.reading() == before
        assert {path.name: path.read_bytes() for path in Path(target.settings.media_url).iterdir()} == files
        assert sorted(path for path in tmp_path.rglob("*")) == here
        assert str(file) in sentence
        return sentence

    return restore


def members_of(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return [(info, archive.read(info)) for info in archive.infolist()]


def write(file: Path, members: Members, *, signed: bool = True) -> Path:
    """Write an archive whose sums are right, whatever is in it: the members' in the manifest, and its own at its end."""
    with zipfile.ZipFile(file, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
        archive.comment = b"0" * 64
    return seal(file) if signed else file


def seal(file: Path) -> Path:
    content = file.read_bytes()
    file.write_bytes(content[:-64] + sha256(content[:-64]).hexdigest().encode())
    return file


def with_rows(good: Path, file: Path, table: str, change: Callable[[list[Any]], list[Any]]) -> Path:
    """Change the rows of a table, and the manifest so that it fits them."""
    rows = [json.loads(line) for line in dict(named(good))[f"rows/{table}.jsonl"].splitlines()]
    changed = change(rows)
    text = "".join(json.dumps(row) + "\n" for row in changed).encode()
    return with_members(good, file, {f"rows/{table}.jsonl": text}, {table: len(changed)})


def with_members(good: Path, file: Path, changed: dict[str, bytes], counts: dict[str, int] | None = None) -> Path:
    """Exchange or add members, and tell the manifest of it."""
    manifest = json.loads(dict(named(good))["manifest.json"])
    for name, content in changed.items():
        manifest["members"][name] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    for table, number in (counts or {}).items():
        manifest["tables"][table]["rows"] = number
    changed = {**changed, "manifest.json": json.dumps(manifest).encode()}
    old = [(info, changed.pop(info.filename, content)) for info, content in members_of(good)]
    return write(file, [(plain(name), content) for name, content in changed.items()] + old)


def with_manifest(good: Path, file: Path, **changed: Any) -> Path:
    """Let the manifest say something else."""
    members = [
        (info, json.dumps(json.loads(content) | changed).encode() if info.filename == "manifest.json" else content)
        for info, content in members_of(good)
    ]
    return write(file, members)


def named(file: Path) -> list[tuple[str, bytes]]:
    return [(info.filename, content) for info, content in members_of(file)]


def plain(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


def test_what_the_attacks_are_made_with_makes_good_backups_too(good: Path, target: Place, tmp_path: Path) -> None:
    with Archive(write(tmp_path / "same.backup", members_of(good))) as archive:
        assert archive.manifest.rows
    posts = with_rows(good, tmp_path / "rows.backup", "posts", lambda rows: rows)
    assert target.run("backup", "--prove", good).code == 0
    with Archive(posts) as archive:
        assert archive.manifest.tables["posts"].rows


@pytest.mark.parametrize("what", ["empty", "text", "folder", "nothing", "fifo", "zip", "unsigned", "link to nothing"])
def test_what_is_no_backup_is_refused(what: str, good: Path, refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "x"
    if what == "folder":
        file.mkdir()
    elif what == "fifo":
        os.mkfifo(file)
    elif what == "link to nothing":
        file.symlink_to(tmp_path / "nothing")
    elif what == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("posts.txt", b"x" * 200)
    elif what == "unsigned":
        write(file, members_of(good), signed=False)
    elif what != "nothing":
        file.write_bytes(b"" if what == "empty" else b"Dear diary\n" * 20)
    assert any(word in refused(file) for word in ("not a backup", "not a file", "no file", "no backup"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_bit_can_flip_unnoticed(good: Path, tmp_path: Path, data: Any) -> None:
    content = bytearray(good.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) - 3000, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "flipped").write_bytes(content)
    with pytest.raises(BackupRefused):
        Archive(tmp_path / "flipped")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_a_file_that_was_cut_off_is_refused(part: float, good: Path, refused: Any, tmp_path: Path) -> None:
    content = good.read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(len(content) * part)])
    assert "cut off" in refused(tmp_path / "cut")


@pytest.mark.parametrize("name", EVIL)
def test_no_member_has_a_name_of_its_own(name: str, good: Path, refused: Any, tmp_path: Path) -> None:
    info = plain("x")
    info.filename = info.orig_filename = name
    file = write(tmp_path / "evil", [*members_of(good), (info, b"evil")])
    assert "cannot be used" in refused(file)


def test_links_devices_and_secrets_are_refused(good: Path, refused: Any, tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFDIR):
        info = plain("media/" + "0" * 32 + ".png")
        info.external_attr = (kind | 0o777) << 16
        assert "not a plain file" in refused(write(tmp_path / "link", [*members_of(good), (info, b"/etc/passwd")]))


def test_a_member_is_there_once(good: Path, refused: Any, tmp_path: Path) -> None:
    members = members_of(good)
    with pytest.warns(UserWarning, match="Duplicate"):
        file = write(tmp_path / "twice", [*members, members[0]])
    assert "twice" in refused(file)


def test_members_do_not_lie_over_each_other(good: Path, refused: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "over", [(plain("media/" + f"{n:032x}.png"), b"x" * 500) for n in range(9)])
    content = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        infos, begin = archive.infolist(), archive.start_dir
        directory = content[begin:]
        for info in infos[1:]:
            # Every entry of the directory leads to the first member.
            directory = directory.replace(info.header_offset.to_bytes(4, "little") + info.filename.encode(),
                                          (0).to_bytes(4, "little") + info.filename.encode())  # fmt: skip
    file.write_bytes(content[:begin] + directory)
    assert "over each other" in refused(seal(file))


def test_a_bomb_is_refused_before_it_is_unpacked(good: Path, refused: Any, tmp_path: Path) -> None:
    bomb = plain("rows/posts.jsonl")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    members = [(info, content) for info, content in members_of(good) if info.filename != bomb.filename]
    file = write(tmp_path / "bomb", [*members, (bomb, b"0" * 200_000_000)])
    assert file.stat().st_size < good.stat().st_size + 1_000_000
    assert "500 times as large" in refused(file)
    packed = plain("media/" + "0" * 32 + ".png")
    packed.compress_type = zipfile.ZIP_DEFLATED
    assert "packed in a way" in refused(write(tmp_path / "packed", [*members_of(good), (packed, b"0" * 1000)]))


def test_a_manifest_is_read_strictly(good: Path, refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "manifest"
    wrong: list[dict[str, Any]] = [
        {"tables": {"posts": {"rows": "9", "columns": []}}}, {"tables": []}, {"members": None}, {"made_at": "today"},
        {"missing": [1]}, {"counters": {"posts": -1}}, {"counters": {"posts": 2**70}}, {"schema": None},
    ]  # fmt: skip
    for changed in wrong:
        assert "manifest cannot be read" in refused(with_manifest(good, file, **changed)), changed
    for raw in (b"[" * 100_000, b"{", b"[]", b"null", b"\xff"):
        others = [(info, content) for info, content in members_of(good) if info.filename != "manifest.json"]
        assert "manifest cannot be read" in refused(write(file, [*others, (plain("manifest.json"), raw)]))
    assert "no manifest" in refused(write(file, others))


def test_what_the_manifest_says_is_in_the_file_and_nothing_else(good: Path, refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "other"
    extra = (plain("media/" + "0" * 32 + ".png"), b"x")
    assert "not the same" in refused(write(file, [*members_of(good), extra]))
    assert "not the same" in refused(write(file, members_of(good)[1:]))
    changed = [(info, b"x" * len(content) if info.filename.startswith("media") else content)
               for info, content in members_of(good)]  # fmt: skip
    assert "not what its manifest says" in refused(write(file, changed))
    assert "not the same" in refused(with_members(good, file, {"rows/nothing.jsonl": b""}))


def test_a_newer_version_is_named(good: Path, refused: Any, tmp_path: Path) -> None:
    assert "newer version" in refused(with_manifest(good, tmp_path / "a", schema="9999_future"))
    assert "another version" in refused(with_manifest(good, tmp_path / "b", format=2))


def test_tables_and_columns_are_those_of_the_schema(good: Path, refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "tables"
    manifest = json.loads(dict(named(good))["manifest.json"])
    assert manifest["tables"].pop("tags")
    members = [(info, content) for info, content in members_of(good) if info.filename != "rows/tags.jsonl"]
    del manifest["members"]["rows/tags.jsonl"]
    fewer = [(info, json.dumps(manifest).encode() if info.filename == "manifest.json" else content)
             for info, content in members]  # fmt: skip
    assert "its table tags" in refused(write(file, fewer))
    for name in ("logins", "evil", "sqlite_master"):
        manifest = json.loads(dict(named(good))["manifest.json"])
        manifest["tables"][name] = {"rows": 0, "columns": ["id"]}
        manifest["members"][f"rows/{name}.jsonl"] = {"size": 0, "sha256": sha256(b"").hexdigest()}
        more = [(info, json.dumps(manifest).encode() if info.filename == "manifest.json" else content)
                for info, content in members_of(good)]  # fmt: skip
        assert f"no table {name}" in refused(write(file, [*more, (plain(f"rows/{name}.jsonl"), b"")]))
    tables = json.loads(dict(named(good))["manifest.json"])["tables"]
    tables["posts"]["columns"].append("evil")
    assert "its table posts" in refused(with_manifest(good, file, tables=tables))


ROWS: list[tuple[str, str, Callable[[list[Any]], list[Any]]]] = [
    ("posts", "other columns", lambda rows: [rows[0] | {"evil": 1}]),
    ("posts", "other columns", lambda rows: [{name: value for name, value in rows[0].items() if name != "title"}]),
    ("posts", "other columns", lambda rows: [[1, 2]]),
    ("posts", "its title", lambda rows: [rows[0] | {"title": 5}]),
    ("posts", "its title", lambda rows: [rows[0] | {"title": None}]),
    ("posts", "its id", lambda rows: [rows[0] | {"id": 2**63}]),
    ("posts", "its id", lambda rows: [rows[0] | {"id": True}]),
    ("posts", "its id", lambda rows: [rows[0] | {"id": 1.5}]),
    ("posts", "its status", lambda rows: [rows[0] | {"status": "famous"}]),
    ("posts", "its created_at", lambda rows: [rows[0] | {"created_at": "2026-01-01T00:00:00"}]),
    ("posts", "its is_featured", lambda rows: [rows[0] | {"is_featured": "yes"}]),
    ("users", "its role", lambda rows: [rows[0] | {"role": ["admin"]}]),
    ("post_views", "its day", lambda rows: [rows[0] | {"day": "the day before"}]),
    ("site", "must have one row", lambda rows: [*rows, rows[0] | {"id": 2}]),
    ("site", "must have one row", lambda rows: []),
    ("event_head", "must have one row", lambda rows: []),
    ("media", "a file that a row names", lambda rows: [rows[0] | {"stored": "../../evil.png"}]),
    ("media", "a file that a row names", lambda rows: [rows[0] | {"stored": "f" * 32 + ".png"}]),
    ("media", "copies", lambda rows: [rows[0] | {"variants": [1]}]),
    ("tags", "nothing was changed", lambda rows: [*rows, rows[0]]),
    ("post_tags", "nothing was changed", lambda rows: [*rows, rows[0] | {"tag_id": 999_999}]),
    ("comments", "nothing was changed", lambda rows: [rows[0] | {"answers_id": 999_999}]),
    ("users", "nothing was changed", lambda rows: [row | {"picture_id": 999_999} for row in rows]),
    ("tags", "came out as another", lambda rows: rows[::-1]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "said", "change"), ROWS)
def test_every_row_is_one_of_ours(
    table: str, said: str, change: Callable[[list[Any]], list[Any]], good: Path, refused: Any, tmp_path: Path
) -> None:
    assert said in refused(with_rows(good, tmp_path / "rows", table, change))


def test_lines_are_counted_and_end(good: Path, refused: Any, tmp_path: Path) -> None:
    tags = dict(named(good))["rows/tags.jsonl"]
    assert "tells of others" in refused(with_members(good, tmp_path / "a", {}, {"tags": 99}))
    assert "without an end" in refused(with_members(good, tmp_path / "b", {"rows/tags.jsonl": tags[:-1]}))
    for raw in (b"\n", b"[" * 200_000 + b"\n", b"\xff\n", b'{"id":' + b"9" * 9000 + b"}\n"):
        assert "no row of this blog's" in refused(with_members(good, tmp_path / "c", {"rows/tags.jsonl": raw}))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(kept_tables()), st.data())
def test_any_line_is_a_row_or_unfit(one: Any, data: Any) -> None:
    told = data.draw(st.fixed_dictionaries(dict.fromkeys(one.names, JSON_VALUES)))
    try:
        row = one.read(json.dumps(told).encode())
    except Unfit:
        return
    assert row.keys() == told.keys()
