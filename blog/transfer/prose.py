"""Where a Markdown text is prose: the parts in which links and pictures mean something, and not code."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

Span = tuple[int, int]

_blocks = MarkdownIt("commonmark").enable("table").use(footnote_plugin)
_blocks.core.ruler.enableOnly(["normalize", "block"])
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a text by position: code of any kind, HTML blocks, and lines that no paragraph holds."""

    code: tuple[Span, ...]
    html: tuple[Span, ...]
    paragraphs: tuple[Span, ...]

    def code_at(self, position: int) -> Span | None:
        """Give the stretch of code around a position."""
        return _around(self.code, position)

    def html_at(self, position: int) -> Span | None:
        """Give the HTML block around a position."""
        return _around(self.html, position)

    def in_paragraph(self, position: int) -> bool:
        return _around(self.paragraphs, position) is not None


def parts_of(text: str) -> Parts:
    """Find the parts of a text by reading its blocks as CommonMark does."""
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]

    def span(lines: list[int]) -> Span:
        return starts[lines[0]], min(starts[min(lines[1], len(starts) - 1)], len(text))

    code: list[Span] = []
    html: list[Span] = []
    paragraphs: list[Span] = []
    for token in _blocks.parse(text):
        if token.map is None:
            continue
        if token.type in {"fence", "code_block"}:
            code.append(span(token.map))
        elif token.type == "html_block":
            html.append(span(token.map))
        elif token.type == "inline" or token.type == "tr_open":
            paragraphs.append(span(token.map))
    for start, end in paragraphs:
        code += _inline_code(text, start, end)
    return Parts(tuple(sorted(code)), tuple(sorted(html)), tuple(sorted(paragraphs)))


def _inline_code(text: str, start: int, end: int) -> list[Span]:
    """Pair the runs of backticks of one paragraph: a run closes the nearest earlier one of its length."""
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(text, start, end)]
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[index][1] - runs[index][0], []).append(index)
    spans: list[Span] = []
    index = 0
    while index < len(runs):
        opened, opened_end = runs[index]
        waiting = later[opened_end - opened]
        while waiting and waiting[-1] <= index:
            waiting.pop()
        escaped = opened > start and text[opened - 1] == "\\"
        if waiting and not escaped:
            index = waiting[-1]
            spans.append((opened, runs[index][1]))
        index += 1
    return spans


def _around(spans: tuple[Span, ...], position: int) -> Span | None:
    index = bisect_right(spans, (position, float("inf"))) - 1
    if index >= 0 and spans[index][0] <= position < spans[index][1]:
        return spans[index]
    return None
