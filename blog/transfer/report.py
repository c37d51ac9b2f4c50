"""What an import did, for the person who ran it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from blog.content import cells

Kind = Literal["skipped", "doubtful"]
KINDS: dict[Kind, str] = {"skipped": "Skipped", "doubtful": "Worth a look"}
FIGURES = (
    "imported",
    "updated",
    "unchanged",
    "skipped",
    "authors_made",
    "tags_made",
    "redirects_made",
    "permalinks_made",
    "files_led",
    "pictures_kept",
)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that the person should look at: the file, the line in it where known, and why."""

    file: str
    line: int | None
    kind: Kind
    reason: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Mapped:
    """Somebody whom posts name, and the username that they have here; empty where they are not here yet."""

    key: str
    name: str
    email: str
    username: str


@dataclass(slots=True, weakref_slot=True)
class Report:
    """The figures and remarks of one import; of one that was only rehearsed, what it would have done.

    `redirects_made` counts the addresses that files name themselves (aliases, redirect_from); `permalinks_made` counts
    those that follow from where a post stood on its old site; `files_led` are old addresses of pictures and files.
    `attachments` are what cannot come in and must not be lost, by file name: bytes, or a file that is on the disk for
    as long as the report is there.
    """

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    authors_made: int = 0
    tags_made: int = 0
    redirects_made: int = 0
    permalinks_made: int = 0
    files_led: int = 0
    pictures_kept: int = 0
    lines: list[Line] = field(default_factory=list)
    authors: list[Mapped] = field(default_factory=list)
    attachments: dict[str, bytes | Path] = field(default_factory=dict)
    is_rehearsal: bool = False

    def doubt(self, file: str, line: int | None, reason: str) -> None:
        """Note something that was imported, but perhaps not as its writer meant it."""
        self.lines.append(Line(file, line, "doubtful", reason))

    def skip(self, file: str, line: int | None, reason: str) -> None:
        """Note a file that was left out."""
        self.skipped += 1
        self.lines.append(Line(file, line, "skipped", reason))

    def add(self, other: "Report") -> None:
        """Take another's figures and lines in."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lines += other.lines
        self.authors += other.authors

    def sorted_lines(self, kind: Kind) -> list[Line]:
        return sorted((line for line in self.lines if line.kind == kind), key=lambda one: (one.file, one.line or 0))


def write_report(report: Report, folder: Path) -> None:
    """Write a report into a folder that need not be there: as text, as a table, and all that goes with it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in all_files(report):
        if isinstance(content, Path):
            shutil.copyfile(content, folder / name)
        else:
            (folder / name).write_bytes(content)


def all_files(report: Report) -> Iterator[tuple[str, bytes | Path]]:
    """Give the files that a report consists of, by name: itself as text and as a table, then its attachments."""
    yield "report.txt", as_text(report).encode()
    yield "report.csv", as_table(report).encode()
    yield from report.attachments.items()


def as_text(report: Report) -> str:
    """Say what an import did: the figures, then each file that was left out, then what may need a look."""
    told = [
        *(["This was a dry run: nothing was written. An import would do this:"] if report.is_rehearsal else []),
        f"{_count(report.imported, 'post')} imported, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, {report.skipped:,} skipped.",
        f"{_count(report.authors_made, 'author')}, {_count(report.tags_made, 'tag')}, "
        f"{_count(report.pictures_kept, 'picture')}, {_count(report.redirects_made, 'redirect')} "
        f"and {_count(report.permalinks_made, 'old permalink')} made.",
    ]
    if report.files_led:
        told.append(f"{_count(report.files_led, 'old address', 'old addresses')} of files lead to them.")
    if report.is_rehearsal and report.authors:
        told += ["", f"Authors ({len(report.authors):,}):"]
        told += [f"  {one.name}: {one.username or 'new'}" for one in report.authors]
    for kind, heading in KINDS.items():
        if lines := report.sorted_lines(kind):
            told += ["", f"{heading} ({len(lines):,}):", *(f"  {line}" for line in lines)]
    return "\n".join(told) + "\n"


def as_table(report: Report) -> str:
    """Write the remarks as a table for spreadsheets."""
    rows = [(line.file, line.line, line.kind, line.reason) for kind in KINDS for line in report.sorted_lines(kind)]
    return "".join(cells.line(row) for row in [("file", "line", "kind", "reason"), *rows])


def _count(number: int, noun: str, nouns: str = "") -> str:
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
