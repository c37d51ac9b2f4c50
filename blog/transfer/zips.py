"""A zip as the folder that was packed into it: looked through before anything is unpacked, and counted while it is.

A zip can name files outside its folder, be links, name one file twice, lie about sizes, or hold one stretch of bytes
under thousands of names. Its table of contents is read first and refused for any of these; then what comes out is
counted, because a table can lie.
"""

import stat
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo

from blog.transfer.archive.names import MARKER
from blog.transfer.terms import ImportRefused
from blog.transfer.threads import Check, go_on

MOST_FILES = 40_000
LARGEST_UNPACKED = 8 * 1024**3
MOST_TIMES_LARGER = 100
"""What is packed more tightly than this is no writing: text becomes a third to a tenth."""
SMALL_ENOUGH = 10 * 1024**2
"""A zip that becomes no larger than this may be packed as tightly as it likes."""
LONGEST_PATH, DEEPEST = 1000, 20
PIECE = 256 * 1024
UNPACK = "Unpack it yourself, and import the folder."
_ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Tell whether this is a file that begins as a zip does."""
    try:
        with path.open("rb") as file:
            return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}
    except OSError:
        return False


@contextmanager
def unpacked(file: Path, within: Path | None = None, check: Check = go_on) -> Iterator[Path]:
    """Unpack a zip into a folder that is there for as long as this lasts, perhaps within another one. Raise
    ImportRefused, and whatever `check` raises between two pieces.
    """
    with TemporaryDirectory(prefix="blog-import-", dir=within) as folder:
        # Posts are known again by the name of their folder.
        root = Path(folder) / (file.stem or "zip")
        root.mkdir()
        try:
            with ZipFile(file) as packed:
                _unpack(packed, _looked_through(packed, file.stat().st_size), root, check)
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise ImportRefused(f"The zip is broken and cannot be read: {error}.") from error
        except OSError as error:
            raise ImportRefused(f"The zip cannot be unpacked: {error.strerror or error}.") from error
        yield _top_of(root)


def _looked_through(packed: ZipFile, size: int) -> list[ZipInfo]:
    """Give the files of a zip, if there is nothing wrong with its table of contents."""
    files = [info for info in packed.infolist() if not info.is_dir()]
    if len(packed.infolist()) > MOST_FILES:
        raise ImportRefused(f"The zip has {len(packed.infolist()):,} files; at most {MOST_FILES:,} are read. {UNPACK}")
    total = sum(info.file_size for info in files)
    if total > LARGEST_UNPACKED:
        raise ImportRefused(
            f"The zip holds {total / 1e9:,.1f} GB; at most {LARGEST_UNPACKED / 1e9:.1f} are read. {UNPACK}"
        )
    if total > SMALL_ENOUGH and total > size * MOST_TIMES_LARGER:
        raise ImportRefused(f"The zip becomes {total // max(size, 1):,} times as large as it is; it is not unpacked.")
    if sum(info.compress_size for info in files) > size:
        raise ImportRefused("The zip holds the same bytes under several names; it is not unpacked.")
    seen: dict[str, str] = {}
    for info in packed.infolist():
        _check(info)
        # File systems that do not tell capitals apart would put both into one file.
        key = unicodedata.normalize("NFC", info.filename.rstrip("/")).casefold()
        if key in seen and not info.is_dir():
            raise ImportRefused(f"The zip has two files called {_told(info.filename)}.")
        seen[key] = info.filename
    return files


def _check(info: ZipInfo) -> None:
    name, told = info.filename.rstrip("/"), _told(info.filename)
    # The name as it stands in the zip: the library cuts it at a NUL and turns backslashes where it runs on Windows.
    if "\0" in info.orig_filename or "\\" in info.orig_filename or not name.isprintable():
        raise ImportRefused(f"The zip has a file called {told}, which is no name that files have.")
    parts = name.split("/")
    if name.startswith("/") or name[1:2] == ":" or any(part in {"", ".", ".."} for part in parts):
        raise ImportRefused(f"The zip has a file called {told}, which leads outside of its folder.")
    if len(name) > LONGEST_PATH or len(parts) > DEEPEST or any(len(part.encode()) > 255 for part in parts):
        raise ImportRefused(f"The zip has a file called {told}, which is too long.")
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ImportRefused(f"{told} in the zip is a link or a device, not a file.")
    if info.flag_bits & _ENCRYPTED:
        raise ImportRefused("The zip is locked with a password.")


def _unpack(packed: ZipFile, files: list[ZipInfo], root: Path, check: Check) -> None:
    left = sum(info.file_size for info in files)
    for info in files:
        check()
        path = root / info.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        with packed.open(info) as source, path.open("xb") as target:
            while piece := source.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise ImportRefused("The zip holds more than its table of contents says; it is not unpacked.")
                target.write(piece)
                check()


def _top_of(root: Path) -> Path:
    """Give the folder that everything is in: many programs pack a folder, not what is in it."""
    inside = [path for path in root.iterdir() if path.name not in {"__MACOSX", ".DS_Store"}]
    if (root / MARKER).exists() or len(inside) != 1 or not inside[0].is_dir():
        return root
    return inside[0]


def _told(name: str) -> str:
    return repr(name[:80])
