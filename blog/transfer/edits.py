"""Changes to a text that still know which line of the file each place came from."""

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(slots=True)
class Text:
    """A text and where its lines stood in the file; `moved` lists from which position on how many lines are missing."""

    text: str
    first_line: int
    moved: list[tuple[int, int]] = field(default_factory=list)

    def line_at(self, position: int) -> int:
        """Tell the line of the file that a position came from."""
        index = bisect_right(self.moved, (position, float("inf"))) - 1
        missing = self.moved[index][1] if index >= 0 else 0
        return self.first_line + self.text.count("\n", 0, position) + missing

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
