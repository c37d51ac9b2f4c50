"""An archive on the disk: which files it has, and what they say. Nothing outside its folder is read.

Whoever can write a file can write an archive: a name is looked up only after its form was checked, links are not
followed, and nothing is read that is larger than what it could be.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import Any, TypeVar

from blog.content.files import Content
from blog.content.text import clean_text, has_forbidden
from blog.media import LARGEST_RECORDING
from blog.transfer.archive import lists, names, told
from blog.transfer.archive.entries import FORMAT
from blog.transfer.archive.facts import Facts, Unfit
from blog.transfer.archive.records import FENCE
from blog.transfer.folder import LARGEST_TEXT
from blog.transfer.frontmatter import HeadBroken, read_yaml
from blog.transfer.terms import ImportRefused

LARGEST_LIST = 64_000_000
LARGEST_MARKER, LARGEST_HEAD = 10_000, 2_000_000
LARGEST_IN_MEMORY = 1_000_000
COUNTS = ("posts", "pages", "unpublished", "media", "people", "tags", "redirects")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A post of an archive, and what decides when its turn is."""

    file: str
    slug: str
    created_at: datetime
    source: str | None


class Archive:
    """The folder of an archive."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Tell whether a folder holds an archive of ours, whole or not."""
        return (folder / names.MARKER).is_file()

    def insist_on_whole(self) -> dict[str, int]:
        """Give how much the archive says that it holds. Raise ImportRefused where it is not whole, or not for us."""
        facts = self._facts_of(names.MARKER, LARGEST_MARKER)
        try:
            if facts.whole("format", least=1, most=10**6, otherwise=10**6) > FORMAT:
                raise ImportRefused("The export was made by a newer version of the blog. Use that version.")
            if facts.flag("unfinished"):
                raise ImportRefused(
                    "The export was stopped before it was whole. Run the same `blog export` again, then import it."
                )
            return {name: facts.whole(name, least=0, most=10**9 - 1, otherwise=0) for name in COUNTS}
        except Unfit as unfit:
            raise ImportRefused(f"{names.MARKER}: {unfit}") from unfit

    def site(self) -> lists.ToldSite:
        try:
            return lists.site(self._facts_of(names.SITE, LARGEST_LIST))
        except Unfit as unfit:
            raise ImportRefused(f"{names.SITE}: {unfit}") from unfit

    def listed(self, name: str, read: Callable[[Facts], Told]) -> list[Told]:
        """Read one of the lists, such as people.yaml. Raise ImportRefused."""
        records = self._yaml(name, LARGEST_LIST) or []
        if not isinstance(records, list):
            raise ImportRefused(f"{name}: This is no list.")
        found: list[Told] = []
        for number, record in enumerate(records, 1):
            try:
                found.append(read(Facts(record)))
            except Unfit as unfit:
                raise ImportRefused(f"{name}, item {number}: {unfit}") from unfit
        return found

    def texts(self, refused: Callable[[str, str], None]) -> Iterator[str]:
        """List the files of posts by path; tell of those that are no such files."""
        for top in names.TEXT_FOLDERS:
            for place, folders, files in os.walk(self.root / top):
                here = Path(place)
                for name in sorted([*folders, *files]):
                    file = (here / name).relative_to(self.root).as_posix()
                    if not file.isprintable():
                        refused(repr(file), "The name of the file has characters that cannot be shown.")
                    elif (here / name).is_symlink():
                        refused(file, "This is a link; links are not followed.")
                    elif name in files and name.endswith(".md"):
                        yield file
                folders[:] = sorted(folders)

    def post(self, file: str, now: datetime) -> tuple[told.ToldPost, bool]:
        """Read a post; tell whether its text had to be cleaned. Raise Unfit."""
        facts, body = self._apart(file)
        return told.post(facts, clean_text(body), now), has_forbidden(body)

    def change(self, slug: str, now: datetime) -> told.ToldChange | None:
        """Read the words of a post that readers do not see yet, if there are any. Raise Unfit."""
        file = f"{names.UNPUBLISHED}/{names.stem(slug)}.md"
        if not os.path.lexists(self.root / file):
            return None
        facts, body = self._apart(file)
        found = told.change(facts, clean_text(body), now)
        if found.of != slug:
            raise Unfit(f"{file} changes another post, “{found.of}”.")
        return found

    def text(self, file: str) -> bytes:
        """Give the bytes of a post's file. Raise Unfit."""
        return self._read(file, LARGEST_TEXT)

    def content(self, name: str) -> Content:
        """Give the bytes of a file of posts; a large one stays on the disk. Raise Unfit."""
        handle, size = self._open(f"{names.FILES}/{name}", LARGEST_RECORDING)
        with os.fdopen(handle, "rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_COPY) if size > LARGEST_IN_MEMORY else file.read(size)

    def _apart(self, file: str) -> tuple[Facts, str]:
        return apart(self.text(file))

    def _facts_of(self, name: str, largest: int) -> Facts:
        try:
            return Facts(self._yaml(name, largest))
        except Unfit as unfit:
            raise ImportRefused(f"{name}: {unfit}") from unfit

    def _yaml(self, name: str, largest: int) -> Any:
        try:
            return _parsed(self._read(name, largest).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ImportRefused(f"{name}: The file is not UTF-8 text.") from error
        except Unfit as unfit:
            raise ImportRefused(f"{name}: {unfit}") from unfit

    def _read(self, file: str, largest: int) -> bytes:
        handle, size = self._open(file, largest)
        with os.fdopen(handle, "rb") as opened:
            return opened.read(size)

    def _open(self, file: str, largest: int) -> tuple[int, int]:
        """Open a regular file within the folder that is no link and lies behind none; give its size too."""
        path = self.root / file
        try:
            if path.parent.resolve() != path.parent:
                raise Unfit(f"{file} lies behind a link, which is not followed.")
            # A pipe would wait for its writer for ever.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise Unfit(f"{file} is not in the archive.") from error
        except (OSError, ValueError) as error:
            is_link = os.path.islink(path)
            reason = "it is a link, which is not followed" if is_link else getattr(error, "strerror", None) or error
            raise Unfit(f"{file} cannot be read: {reason}.") from error
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and found.st_size <= largest:
            return handle, found.st_size
        os.close(handle)
        if not stat.S_ISREG(found.st_mode):
            raise Unfit(f"{file} is not a regular file.")
        raise Unfit(f"{file} is larger than {largest / 1_000_000:.0f} MB.")


def apart(content: bytes) -> tuple[Facts, str]:
    """Take a post's file apart into its facts and its text. Raise Unfit."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unfit("The file is not UTF-8 text.") from error
    # Git may have written it with the line ends of Windows; no text here has any of its own.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    end = text.find("\n" + FENCE, len(FENCE) - 1)
    if not text.startswith(FENCE) or end < 0:
        raise Unfit("There is no front matter between two lines of ---.")
    if end > LARGEST_HEAD:
        raise Unfit(f"The front matter has {end:,} characters; at most {LARGEST_HEAD:,} are read.")
    return Facts(_parsed(text[len(FENCE) : end + 1], 2)), text[end + 1 + len(FENCE) :]


def _parsed(text: str, first_line: int = 1) -> Any:
    try:
        return read_yaml(text)
    except HeadBroken as broken:
        # Lines are counted as if one of dashes stood above.
        raise Unfit(f"Line {broken.line + first_line - 2}: {broken}") from broken
