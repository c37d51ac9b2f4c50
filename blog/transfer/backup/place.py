"""Where a backup is written: under a name of its own beside the file, and under the file's name only when it is whole."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from blog.transfer.backup.archive import BackupRefused

ENDING = ".part"


@contextmanager
def place_for(path: Path, *, force: bool) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """Give a new file, readable by its owner only (it will hold password hashes), and what gives it its name.

    What is never named is deleted; what a process left that was killed, the next one deletes.
    """
    try:
        insist_on_place(path, force=force)
        _drop_left_over(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=ENDING, dir=path.parent)
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error
    with os.fdopen(handle, "w+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def keep() -> None:
            try:
                _rename(Path(name), path, force=force)
            except OSError as error:
                raise _refused(path, error) from error

        try:
            yield file, keep
        except OSError as error:
            if error.filename not in {None, name}:
                raise
            raise _refused(path, error) from error
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)


def insist_on_place(path: Path, *, force: bool) -> None:
    """Raise BackupRefused where a backup cannot lie."""
    if path.is_dir():
        raise BackupRefused(f"{path} is a folder; a backup is a file.")
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}.")
    if not force and (path.exists() or path.is_symlink()):
        raise BackupRefused(f"{path} is there already. Choose another name, or replace it with --force.")


def _rename(made: Path, path: Path, *, force: bool) -> None:
    if force:
        made.replace(path)
    else:
        try:
            os.link(made, path)  # this never replaces what somebody else put there meanwhile
        except FileExistsError:
            insist_on_place(path, force=False)
        except OSError:
            insist_on_place(path, force=False)  # the disk knows no links
            made.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _drop_left_over(path: Path) -> None:
    """Delete what was begun for this name and is not being written any more: nobody holds its lock."""
    for left in path.parent.iterdir():
        if left.name.startswith(_prefix(path)) and left.name.endswith(ENDING) and not left.is_symlink():
            with suppress(OSError), left.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()


def _prefix(path: Path) -> str:
    return f".{path.name}."


def _refused(path: Path, error: Exception) -> BackupRefused:
    return BackupRefused(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.")
