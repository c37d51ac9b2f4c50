"""What an import asks of the program or the folder that posts come from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from blog.content.files import Content
from blog.transfer.convert import Converted, Place
from blog.transfer.places import Places
from blog.transfer.report import Report
from blog.transfer.source import Person, SourcePost
from blog.transfer.threads import Check


@dataclass(frozen=True, slots=True)
class Described:
    """What a source knows of a file: its name, what it shows, and the paths at which the old site had it."""

    name: str
    alt: str = ""
    paths: tuple[str, ...] = ()


class Source(Protocol):
    """Where posts come from. All but `finish` is called in threads, one call at a time but for `open_file`."""

    kind: str
    """Which program the posts were written for; it stands before their ids."""
    name: str
    """What the event of the import calls it."""
    nothing: str
    """What is said when there are no posts at all."""
    has_lasting_ids: bool
    """Whether the same id is the same post for ever."""
    is_trusted: bool
    """Whether its drawings may be kept as they are: an operator's own files."""

    @property
    def people(self) -> Mapping[str, Person]:
        """What is known of those whom posts name, by key; complete when the heads have been read."""

    def heads(self, skip: Callable[[str, int | None, str], None], check: Check) -> Iterator[SourcePost]:
        """Tell what posts there are, without their bodies; `skip` takes what is none, its line and the reason.

        What takes long calls `check` now and then, which ends it when nobody wants it any more.
        """

    def whole(self, head: SourcePost) -> SourcePost:
        """Read a post again, with its body; raise NotAPost."""

    def convert(self, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> Converted:
        """Convert a post's text; `refused` are the files that were looked at and cannot be kept, with the reasons."""

    def open_file(self, place: Place) -> Content:
        """Give the bytes of a file that `convert` named; raise Unreadable."""

    def describe(self, place: Place) -> Described:
        """Tell what is known of a file that `convert` named."""

    def more_files(self) -> Iterator[tuple[str, Place]]:
        """Give the files that no post shows, by the digest that stands for each."""

    def finish(self, report: Report, places: Places) -> None:
        """Add to the report what is not a post: comments, menus, a table of the people."""
