"""The records of a Ghost export, one after another, however large the file is."""

import json
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped]  # it has no hints

from blog.transfer.terms import ImportRefused

LARGEST_RECORD = 32_000_000
"""Bytes of one value; a post's text may have 900,000 characters, written three times and escaped."""
DEEPEST = 40
WHOLE_AT_MOST = 64_000_000
"""Of a file of this size the line of a mistake is told, for which it is read at once."""

_ROW = re.compile(r"(?:db\.item\.)?(?:data\.)?(\w+)\.item")
_MARK = b"\xef\xbb\xbf"


class _Counted:
    """A file that knows how much of it was read, and ends where one value is too long for any post."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.done = self.since = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.done += len(chunk)
        self.since += len(chunk)
        if self.since > LARGEST_RECORD:
            raise ImportRefused(f"A value near byte {self.done:,} of the file is longer than any post.")
        return chunk


def records(path: Path, wanted: Container[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the rows of the wanted tables, each with the name of its table; raise ImportRefused.

    The tables stand in `db[0].data`, in `data` or by themselves.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start.startswith(b"PK\x03\x04"):
                raise ImportRefused("This is a zip file; unpack it and give the JSON file that is in it.")
            file.seek(len(_MARK) if start.startswith(_MARK) else 0)
            counted = _Counted(file)
            try:
                yield from _rows(counted, wanted)
            except (ijson.JSONError, ValueError, RecursionError) as error:
                if isinstance(error, ImportRefused):
                    raise
                raise ImportRefused(_where(path, counted.done, error)) from error
    except OSError as error:
        raise ImportRefused(f"The file {path} cannot be read: {error.strerror}.") from error


def _rows(counted: _Counted, wanted: Container[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    # The library can tell the way to each value too, but of deep nesting those names would take gigabytes.
    way: list[str] = []
    row_depth = 0
    table = ""
    builder = ijson.ObjectBuilder()
    for event, value in ijson.basic_parse(counted, use_float=True):
        counted.since = 0
        if event in {"start_map", "start_array"}:
            if len(way) == DEEPEST:
                raise ImportRefused(f"The file nests deeper than any export does, near byte {counted.done:,}.")
            row = _ROW.fullmatch(".".join(way)) if event == "start_map" and not row_depth else None
            way.append("item" if event == "start_array" else "")
            if row and row[1] in wanted:
                table, row_depth, builder = row[1], len(way), ijson.ObjectBuilder()
        elif event == "map_key":
            way[-1] = value
        if row_depth:
            builder.event(event, value)
        if event in {"end_map", "end_array"}:
            if len(way) == row_depth:
                row_depth = 0
                yield table, builder.value
            way.pop()


def _where(path: Path, done: int, error: Exception) -> str:
    """Say where a file is no JSON: by line where it can be read whole."""
    sentence = "The file is not whole or not JSON"
    if path.stat().st_size <= WHOLE_AT_MOST:
        try:
            json.loads(path.read_bytes().decode("utf-8-sig"))
        except json.JSONDecodeError as exact:
            return f"{sentence}: {exact.msg} in line {exact.lineno:,}, column {exact.colno:,}."
        except UnicodeDecodeError as exact:
            return f"{sentence}: byte {exact.start + 1:,} is no UTF-8."
        except (ValueError, RecursionError):
            pass
    return f"{sentence}, near byte {done:,}: {str(error).splitlines()[0] if str(error) else type(error).__name__}."
