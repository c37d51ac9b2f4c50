"""What an import did, for the person who ran it."""

from dataclasses import dataclass, field, fields
from typing import Literal

Kind = Literal["skipped", "doubtful"]


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


@dataclass(slots=True)
class Report:
    """The figures and remarks of one import.

    `redirects_made` counts the addresses that files name themselves (aliases, redirect_from); `permalinks_made` counts
    those that follow from where a post stood on its old site.
    """

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    authors_made: int = 0
    tags_made: int = 0
    redirects_made: int = 0
    permalinks_made: int = 0
    pictures_kept: int = 0
    lines: list[Line] = field(default_factory=list)

    def doubt(self, file: str, line: int | None, reason: str) -> None:
        """Note something that was imported, but perhaps not as its writer meant it."""
        self.lines.append(Line(file, line, "doubtful", reason))

    def skip(self, file: str, line: int | None, reason: str) -> None:
        """Note a file that was left out."""
        self.skipped += 1
        self.lines.append(Line(file, line, "skipped", reason))

    def add(self, other: "Report") -> None:
        """Take another's figures and lines in."""
        for name in (item.name for item in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def as_text(report: Report) -> str:
    """Say what an import did: the figures, then each file that was left out, then what may need a look."""
    told = [
        f"{_count(report.imported, 'post')} imported, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, {report.skipped:,} skipped.",
        f"{_count(report.authors_made, 'author')}, {_count(report.tags_made, 'tag')}, "
        f"{_count(report.pictures_kept, 'picture')}, {_count(report.redirects_made, 'redirect')} "
        f"and {_count(report.permalinks_made, 'old permalink')} made.",
    ]
    for kind, heading in (("skipped", "Skipped"), ("doubtful", "Worth a look")):
        lines = sorted(
            (line for line in report.lines if line.kind == kind), key=lambda line: (line.file, line.line or 0)
        )
        if lines:
            told += ["", f"{heading} ({len(lines):,}):", *(f"  {line}" for line in lines)]
    return "\n".join(told) + "\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
