"""The folder that holds an exported site: it is known again, and changes only where the site did.

All is made beside what is there, and put in its place when it is whole. A list of what was written lies in the folder,
so that the next export removes what is gone, and nothing that somebody else put there.
"""

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from blog.transfer.terms import ExportRefused

LIST = ".blog-static-export"
STAGE = ".blog-static-export-new"
_HEAD = "Files made by `blog export --static`; the next export removes those that are gone.\n"


class SiteFolder:
    """A folder to export to. Raise ExportRefused for one that holds something else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stage = root / STAGE
        try:
            root.mkdir(parents=True, exist_ok=True)
            holds = {entry.name for entry in os.scandir(root)}
        except OSError as error:
            raise ExportRefused(f"The folder {root} cannot be used: {error.strerror}.") from error
        if holds - {STAGE} and LIST not in holds:
            raise ExportRefused(f"{root} is not empty, and no earlier export of the site. Name a new folder.")

    def begin(self) -> None:
        """Make room for what comes; what an export that was broken off left there goes."""
        self.clear()
        self.stage.mkdir()

    def clear(self) -> None:
        shutil.rmtree(self.stage, ignore_errors=True)

    def spare(self, number: int) -> Path:
        """Give a place for an answer of which it is not known yet what it will be called."""
        return self.stage / f".{number}"

    def staged(self, file: str) -> Path:
        return self.stage / file

    def take(self, spare: Path, file: str) -> None:
        """Give an answer its name."""
        target = self.stage / file
        target.parent.mkdir(parents=True, exist_ok=True)
        spare.replace(target)

    def write(self, file: str, content: str) -> None:
        target = self.stage / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="")

    def read(self, path: Path) -> str:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()

    def publish(self) -> tuple[int, int, int]:
        """Put what was made in its place, and remove what is gone; say how many files there are, changed and went."""
        files = sorted(_files_in(self.stage))
        before = self._listed()
        # Broken off from here on, the folder is still known as ours, with all that may lie in it.
        self._list(sorted({*files, *before}))
        gone = sorted(before.difference(files))
        for file in gone:
            self._remove(file)
        changed = sum(self._place(file) for file in files)
        self._list(files)
        self.clear()
        return len(files), changed, len(gone)

    def _place(self, file: str) -> bool:
        """Replace a file only when it differs, so that whoever copies the folder on sees what changed."""
        new, old = self.stage / file, self.root / file
        if old.is_file() and not old.is_symlink() and filecmp.cmp(new, old, shallow=False):
            return False
        if old.is_dir() and not old.is_symlink():
            raise ExportRefused(f"{old} is a folder, where the site has a file. Move it away.")
        old.parent.mkdir(parents=True, exist_ok=True)
        new.replace(old)
        return True

    def _remove(self, file: str) -> None:
        path = self.root / file
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return  # something else is in it

    def _listed(self) -> set[str]:
        try:
            lines = (self.root / LIST).read_text(encoding="utf-8").splitlines()[1:]
        except FileNotFoundError:
            return set()
        return {line for line in lines if line and not line.startswith("/") and ".." not in line.split("/")}

    def _list(self, files: Iterable[str]) -> None:
        spare = self.root / f"{LIST}-next"
        spare.write_text(_HEAD + "".join(f"{file}\n" for file in files), encoding="utf-8")
        spare.replace(self.root / LIST)


def _files_in(folder: Path) -> Iterator[str]:
    for place, _folders, names in os.walk(folder):
        here = Path(place)
        for name in names:
            yield (here / name).relative_to(folder).as_posix()
