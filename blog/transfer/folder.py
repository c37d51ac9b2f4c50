"""The files of a folder, and nothing outside it."""

import os
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from blog.media import LARGEST_PICTURE, LARGEST_RECORDING
from blog.transfer.habits import Habits

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp", ".tif", ".tiff", ".ico"})
RECORDINGS = frozenset({".mp3", ".m4a", ".ogg", ".wav", ".flac", ".mp4", ".webm", ".pdf"})
"""What posts play or lead to beside pictures."""
LARGEST_TEXT = 4_000_000


class Unreadable(ValueError):
    """A file that cannot be read or may not be; the text says why."""


class Folder:
    """A folder to import and the root that absolute picture addresses begin at."""

    def __init__(self, root: Path, assets: Path | None) -> None:
        self.root = root.resolve()
        self.assets = assets.resolve() if assets else self.root
        self.habits = Habits.of(self.root)
        self._digests: dict[Path, str] = {}
        self._siblings: dict[Path, frozenset[str]] = {}

    @property
    def name(self) -> str:
        return self.root.name

    def markdown_files(self, refused: Callable[[str, str], None]) -> Iterator[str]:
        """List the Markdown files by path within the folder; tell of links that are not followed."""

        def on_error(error: OSError) -> None:
            refused(self._within(Path(error.filename)), f"The folder cannot be read: {error.strerror}.")

        for place, folders, names in os.walk(self.root, onerror=on_error):
            here = Path(place)
            for name in folders:
                if (here / name).is_symlink():
                    refused(self._within(here / name), "This is a link to a folder; such links are not followed.")
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
            for name in sorted(names):
                if Path(name).suffix.lower() not in MARKDOWN or name.startswith("."):
                    continue
                file = self._within(here / name)
                if file.isprintable():
                    yield file
                else:
                    refused(repr(file), "The name of the file has characters that cannot be shown.")

    def read_text(self, file: str) -> bytes:
        """Read a Markdown file; raise Unreadable."""
        return _read(self._inside(self.root / file, self.root), LARGEST_TEXT)

    def siblings(self, file: str) -> frozenset[str]:
        """Give the names of the Markdown files beside one."""
        place = (self.root / file).parent
        if place not in self._siblings:
            try:
                names = frozenset(one.name for one in os.scandir(place) if Path(one.name).suffix.lower() in MARKDOWN)
            except OSError:
                names = frozenset()
            # The files of a folder come one after the other.
            self._siblings = {place: names}
        return self._siblings[place]

    def others(self) -> dict[str, str]:
        """Give the pictures and recordings of the folder: their paths by their names, of two of a name the higher."""
        found: dict[str, str] = {}
        for place, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
            for name in sorted(names):
                if Path(name).suffix.lower() in PICTURES | RECORDINGS:
                    found.setdefault(name.casefold(), self._within(Path(place) / name))
        return found

    def read_picture(self, path: Path) -> bytes:
        """Read a picture that `find` found, or a recording; raise Unreadable."""
        return _read(path, LARGEST_RECORDING if path.suffix.lower() in RECORDINGS else LARGEST_PICTURE)

    def digest(self, path: Path) -> str:
        """Give the SHA-256 of a file that `find` found; raise Unreadable."""
        if path not in self._digests:
            self._digests[path] = sha256(self.read_picture(path)).hexdigest()
        return self._digests[path]

    def find(self, file: str, address: str) -> Path | None:
        """Find the file that an address in a post means: beside the post, under the assets, or in the folder.

        Raise Unreadable when the address leads outside.
        """
        name = unquote(re.split(r"[?#]", address, maxsplit=1)[0])
        if not name.strip("/") or "\x00" in name:
            return None
        places = [self.assets, self.root]
        if not name.startswith("/"):
            places.insert(0, (self.root / file).parent)
        outside = False
        for place in places:
            candidate = Path(os.path.normpath(place / name.lstrip("/")))
            try:
                if not any(candidate.is_relative_to(root) for root in (self.root, self.assets)):
                    outside = True
                elif candidate.is_file():
                    return self._inside(candidate, self.root, self.assets)
            except Unreadable:
                outside = True
            except (OSError, ValueError):
                continue
        if not outside and self.assets.name == name.strip("/").partition("/")[0]:
            # The root that was given is the folder /assets itself.
            return self.find(file, "/" + name.strip("/").partition("/")[2])
        if outside:
            raise Unreadable("It leads outside the folder.")
        return None

    def _inside(self, path: Path, *roots: Path) -> Path:
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in roots):
            raise Unreadable("This leads outside the folder and is not followed.")
        return real

    def _within(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _read(path: Path, largest: int) -> bytes:
    try:
        if not path.is_file():
            raise Unreadable("This is not a regular file.")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror}.") from error
    if len(content) > largest:
        raise Unreadable(f"The file is larger than {largest / 1_000_000:.0f} MB.")
    return content
