"""A folder as a zip."""

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from blog.transfer.threads import Check

PIECE = 1024 * 1024
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file: the same files make the same zip."""


def pack(folder: Path, file: Path, check: Check) -> None:
    """Pack what is in a folder; `check` is called between two pieces."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as packed:
        for path in sorted(_files_in(folder), key=lambda path: path.relative_to(folder).as_posix()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o644) << 16
            with path.open("rb") as source, packed.open(info, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    check()
                    target.write(piece)


def _files_in(folder: Path) -> Iterator[Path]:
    for place, _folders, names in os.walk(folder):
        for name in names:
            yield Path(place) / name
