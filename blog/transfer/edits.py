"""Changes to a text that still know which line of the file each place came from."""

import re
from bisect import bisect_left, bisect_right


class Text:
    """A text and where its lines stood in the file; `moved` lists from which position on how many lines are missing."""

    def __init__(self, text: str, first_line: int, moved: list[tuple[int, int]] | None = None) -> None:
        self.text = text
        self.first_line = first_line
        self.moved = moved or []
        self.line_ends = [match.start() for match in re.finditer("\n", text)]

    def line_at(self, position: int) -> int:
        """Tell the line of the file that a position came from."""
        index = bisect_right(self.moved, (position, float("inf"))) - 1
        missing = self.moved[index][1] if index >= 0 else 0
        return self.first_line + bisect_left(self.line_ends, position) + missing

    def changed(self, edits: list[tuple[int, int, str]]) -> "Text":
        """Put each (start, end, replacement) in place; they must not overlap."""
        pieces: list[str] = []
        moved: list[tuple[int, int]] = []
        at = length = missing = 0
        for start, end, new in sorted(edits):
            pieces += [self.text[at:start], new]
            length += start - at + len(new)
            missing += self.text.count("\n", start, end) - new.count("\n")
            moved.append((length, missing))
            at = end
        pieces.append(self.text[at:])
        return Text("".join(pieces), self.first_line, moved)
