"""Records that are too many for memory, kept on the disk while an import runs."""

import json
import tempfile
from collections.abc import Iterator
from typing import Any, TextIO


class Spool:
    """Records written one after another; each is read again by the number that `put` gave, or all in their order."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by `close`
        self._end = 0

    def put(self, record: Any) -> int:
        """Keep a record of what JSON can say; give where it is."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        place = self._end
        self._file.seek(place)
        self._file.write(line)
        self._end += len(line)
        return place

    def get(self, place: int) -> Any:
        """Read a record again."""
        self._file.seek(place)
        return json.loads(self._file.readline())

    def all(self) -> Iterator[tuple[int, Any]]:
        """Read all records again in the order in which they came, each with its number."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            line = self._file.readline()
            yield place, json.loads(line)
            place += len(line)

    def write(self, file: TextIO) -> None:
        """Write all records as one list in JSON."""
        file.write("[")
        for place, record in self.all():
            file.write(("\n" if place == 0 else ",\n") + json.dumps(record, ensure_ascii=False, indent=1))
        file.write("\n]\n")

    def close(self) -> None:
        self._file.close()
