"""The file of a backup.

It is a zip archive, because that can be written as it comes, opened by any tool in twenty years, and read in any order:
rows go into a database in another order than they are checked in, some of them twice, and pictures come before all. A
tar of zstd packs better, but would be unpacked from its beginning each time.

    media/0123….jpg    the files of posts as they are, stored
    rows/posts.jsonl   a table: each row a JSON object on a line of its own, by key, deflated
    manifest.json      what is in here: format, schema, counts, and the size and SHA-256 of each other member

The archive's comment is the SHA-256 of all bytes before it, so no byte can change unnoticed, nor can the end be missing.
It says that the file is whole, not who made it: whoever can write the file can make another sum.
"""

import io
import json
import mmap
import os
import re
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from struct import error as StructError  # noqa: N812 - it is an exception
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from blog.content.files import Content
from blog.storage import NAME, PIECE

FORMAT = 1
MANIFEST = "manifest.json"
BEGIN = b"PK\x03\x04"
DIGEST = 64
"""Letters of a SHA-256."""
LONGEST_ROW = 64 * 1024 * 1024
LARGEST_MANIFEST = 256 * 1024 * 1024
IN_MEMORY = 8 * 1024 * 1024
"""A larger file of media is read from the disk as it is needed."""
MOST_SHRUNK = 500
"""How many times smaller the rows of real posts can become; a bomb of one letter becomes a thousand times smaller."""
_ROWS = re.compile(r"rows/([a-z][a-z0-9_]{0,62})\.jsonl")
_BROKEN = (BadZipFile, NotImplementedError, EOFError, zlib.error, StructError, UnicodeError, ValueError, IndexError)


class BackupRefused(Exception):
    """A backup that is not made or not taken in; the text says why."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What a member holds: how many bytes, and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in the file: how many rows, and what each tells."""

    rows: int
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    schema: str
    """The step of the migrations that its rows fit."""
    made_at: datetime
    made_by: str
    """The version of the program."""
    database: str
    site: str
    tables: dict[str, Rows]
    counters: dict[str, int]
    """The largest number that each table ever gave; a new row's must be larger, for events tell of the old."""
    missing: list[str]
    """Files that rows name and the storage had lost."""
    members: dict[str, Sum] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def files(self) -> int:
        return sum(name.startswith("media/") for name in self.members)


def rows_name(table: str) -> str:
    return f"rows/{table}.jsonl"


def media_name(stored: str) -> str:
    return f"media/{stored}"


class Writer:
    """Writes a backup into an open file, member by member."""

    def __init__(self, file: IO[bytes], made_at: datetime) -> None:
        self._file = file
        self._zip = ZipFile(file, "w", allowZip64=True)
        self._date = made_at.astimezone(UTC).timetuple()[:6]
        self.sums: dict[str, Sum] = {}

    @contextmanager
    def member(self, name: str, *, packed: bool) -> Iterator[Callable[[bytes], None]]:
        """Begin a member; gives what takes its bytes."""
        info = ZipInfo(name, self._date)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        made, size = sha256(), 0
        with self._zip.open(info, "w", force_zip64=packed) as stream:

            def write(content: bytes) -> None:
                nonlocal size
                stream.write(content)
                made.update(content)
                size += len(content)

            yield write
        self.sums[name] = Sum(size, made.hexdigest())

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Write a member that is there as a file; its bytes are packed already."""
        source.seek(0)
        with self.member(name, packed=False) as write:
            while piece := source.read(PIECE):
                write(piece)

    def finish(self, manifest: Manifest) -> str:
        """Say what is in the file, and seal it; give the sum of it. It is on the disk then."""
        told = asdict(manifest) | {
            "format": FORMAT,
            "made_at": manifest.made_at.astimezone(UTC).isoformat(),
            "members": {name: asdict(made) for name, made in self.sums.items()},
        }
        with self.member(MANIFEST, packed=True) as write:
            write(json.dumps(told, ensure_ascii=False, indent=1).encode())
        del self.sums[MANIFEST]
        self._zip.comment = b"0" * DIGEST
        self._zip.close()
        digest = _digest(self._file)
        self._file.seek(-DIGEST, os.SEEK_END)
        self._file.write(digest.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        return digest

    def leave(self) -> None:
        """Give it up; the file is of no use."""
        self._zip.fp = None  # closing it would write the end of an archive


class Archive:
    """A backup that somebody gives us: nothing of it is believed before it was looked at."""

    def __init__(self, path: Path) -> None:
        """Open a file and look at all that can be told without reading its members; raise BackupRefused."""
        self.path = path
        self._file = _open(path)
        try:
            self.digest = self._insist_on_digest()
            try:
                self._zip = ZipFile(self._file)
            except _BROKEN as error:
                raise self._refused("it is no archive that can be read") from error
            self._infos = self._members()
            self.manifest = self._read_manifest()
            self._compare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lines(self, name: str) -> Iterator[bytes]:
        """Read the lines of a member; raise BackupRefused where they are not what the manifest says."""
        read = sha256()
        with self._reading(name) as stream:
            while line := stream.readline(LONGEST_ROW + 1):
                if not line.endswith(b"\n") or len(line) > LONGEST_ROW:
                    raise self._refused(f"{name} has a line without an end")
                read.update(line)
                yield line
        self._insist_on_sum(name, read.hexdigest())

    def content(self, name: str) -> Content:
        """Read a member whole: into memory, or onto the disk when it is large."""
        read, size = sha256(), self.manifest.members[name].size
        with self._reading(name) as stream, tempfile.SpooledTemporaryFile(IN_MEMORY) as kept:
            while piece := stream.read(PIECE):
                read.update(piece)
                kept.write(piece)
            self._insist_on_sum(name, read.hexdigest())
            kept.seek(0)
            if size <= IN_MEMORY:
                return kept.read()
            kept.flush()
            return mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ)

    def verify(self, name: str) -> None:
        """Read a member to see that it is what the manifest says."""
        read = sha256()
        with self._reading(name) as stream:
            while piece := stream.read(PIECE):
                read.update(piece)
        self._insist_on_sum(name, read.hexdigest())

    @property
    def media(self) -> list[str]:
        """The names of the files of media in here."""
        return [name.removeprefix("media/") for name in self.manifest.members if name.startswith("media/")]

    @contextmanager
    def _reading(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(self._infos[name]) as packed:
                yield io.BufferedReader(packed, PIECE)  # type: ignore[type-var]  # it reads as a raw file does
        except _BROKEN as error:
            raise self._refused(f"{name} cannot be read") from error

    def _insist_on_digest(self) -> str:
        size = os.fstat(self._file.fileno()).st_size
        if self._file.read(len(BEGIN)) != BEGIN or size < DIGEST:
            raise BackupRefused(f"{self.path} is not a backup of a blog.")
        self._file.seek(-DIGEST, os.SEEK_END)
        said = self._file.read(DIGEST)
        if _digest(self._file).encode() != said:
            raise self._refused("it was changed or cut off since it was made, or is no backup of a blog")
        return said.decode()

    def _members(self) -> dict[str, ZipInfo]:
        """List what is in the archive; whatever a backup never holds is refused before anything is unpacked."""
        found: dict[str, ZipInfo] = {}
        end = 0
        for info in sorted(self._zip.infolist(), key=lambda info: info.header_offset):
            name = info.filename
            if name in found:
                raise self._refused(f"{name!r} is in it twice")
            if info.header_offset < end:
                raise self._refused("its members lie over each other")
            if name != MANIFEST and not _ROWS.fullmatch(name) and not _is_media(name):
                raise self._refused(f"{name[:100]!r} has no place in a backup")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in {0, stat.S_IFREG} or info.flag_bits & 1 or info.orig_filename != name:
                raise self._refused(f"{name!r} is not a plain file")
            if info.compress_type not in ({ZIP_STORED} if _is_media(name) else {ZIP_STORED, ZIP_DEFLATED}):
                raise self._refused(f"{name!r} is packed in a way that backups are not")
            if info.file_size > IN_MEMORY and info.file_size > info.compress_size * MOST_SHRUNK:
                raise self._refused(f"{name!r} would become {MOST_SHRUNK} times as large as it is")
            found[name], end = info, info.header_offset + info.compress_size
        if MANIFEST not in found or found[MANIFEST].file_size > LARGEST_MANIFEST:
            raise self._refused("it has no manifest")
        return found

    def _read_manifest(self) -> Manifest:
        try:
            with self._zip.open(self._infos[MANIFEST]) as stream:
                told = json.loads(stream.read(LARGEST_MANIFEST))
            if told["format"] != FORMAT:
                raise BackupRefused(f"{self.path} was made by another version of the blog. Use that version.")
            return _manifest(told)
        except (*_BROKEN, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self._refused("its manifest cannot be read") from error

    def _compare(self) -> None:
        sizes = {name: info.file_size for name, info in self._infos.items() if name != MANIFEST}
        if sizes != {name: told.size for name, told in self.manifest.members.items()}:
            raise self._refused("its manifest and what it holds are not the same")
        if {rows_name(table) for table in self.manifest.tables} != {name for name in sizes if not _is_media(name)}:
            raise self._refused("its manifest and its tables are not the same")

    def _insist_on_sum(self, name: str, read: str) -> None:
        if read != self.manifest.members[name].sha256:
            raise self._refused(f"{name} is not what its manifest says")

    def _refused(self, why: str) -> BackupRefused:
        return BackupRefused(f"{self.path} cannot be used: {why}.")


def _open(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():
            raise BackupRefused(f"{path} is not a file." if path.exists() else f"There is no file {path}.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from error


def _digest(file: IO[bytes]) -> str:
    """Sum up all of a file but the sum at its end."""
    left = file.seek(0, os.SEEK_END) - DIGEST
    file.seek(0)
    made = sha256()
    while left > 0 and (piece := file.read(min(PIECE, left))):
        made.update(piece)
        left -= len(piece)
    return made.hexdigest()


def _is_media(name: str) -> bool:
    return name.startswith("media/") and NAME.fullmatch(name.removeprefix("media/")) is not None


def _manifest(told: dict[str, Any]) -> Manifest:
    """Read a manifest strictly; raise TypeError, KeyError or ValueError."""
    made_at = datetime.fromisoformat(_text(told["made_at"]))
    return Manifest(
        schema=_text(told["schema"]),
        made_at=made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC),
        made_by=_text(told["made_by"]),
        database=_text(told["database"]),
        site=_text(told["site"]),
        tables={
            _text(name): Rows(_whole(table["rows"]), [_text(column) for column in table["columns"]])
            for name, table in told["tables"].items()
        },
        counters={_text(name): _whole(number) for name, number in told["counters"].items()},
        missing=[_text(name) for name in told["missing"]],
        members={
            _text(name): Sum(_whole(made["size"]), _text(made["sha256"])) for name, made in told["members"].items()
        },
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.50} is no text")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise TypeError(f"{value!r:.50} is no number")
    return value
