"""The parts of a Ghost post's text as one text in Markdown."""

import re
from collections.abc import Sequence
from html import escape
from typing import Literal

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from blog.transfer.convert import emphasised, in_words
from blog.transfer.edits import Text
from blog.transfer.ghost.addresses import Addresses
from blog.transfer.markup import Changes, to_markdown
from blog.transfer.prose import Parts, parts_of
from blog.transfer.references import Reference, references_in

_blocks = MarkdownIt("commonmark").enable("table").use(footnote_plugin)
_blocks.core.ruler.enableOnly(["normalize", "block"])
_TAG = re.compile(r"<[a-zA-Z/][^<>]*>")


def text_of_parts(parts: Sequence[tuple[Literal["html", "markdown"], str]], addresses: Addresses) -> str:
    """Write all parts one after another; raise ContentRefused for what takes too long to read."""
    changes = Changes(addresses.link, addresses.picture, addresses.recording)
    written = [to_markdown(text, changes) if kind == "html" else from_markdown(text, addresses) for kind, text in parts]
    return "\n\n".join(part.strip("\n") for part in written if part.strip()) + "\n" if written else ""


def from_markdown(text: str, addresses: Addresses) -> str:
    """Bring a card of Markdown along: its links and pictures, and its line ends, which Ghost shows."""
    parts = parts_of(text)
    edits: list[tuple[int, int, str]] = []
    for reference in sorted(references_in(text, parts), key=lambda one: one.start):
        edit = _edit(reference, addresses, parts)
        if edit is not None and (not edits or edit[0] >= edits[-1][1]):
            edits.append(edit)
    taken = _within(text, [(start, end) for start, end, _ in edits])
    edits += [(at, at, "\\") for at in _line_ends(text, parts) if at not in taken]
    return Text(text, 1).changed(edits).text.strip("\n")


def _edit(reference: Reference, addresses: Addresses, parts: Parts) -> tuple[int, int, str] | None:
    if not reference.address:
        return None
    if reference.kind in {"picture", "img"}:
        kept = addresses.pictured(reference.address)
        if kept is not None:
            return None if kept == reference.address else (*reference.at, kept)
        said = in_words(reference.text, reference.address, reference.title)
        in_html = reference.kind == "img" and parts.html_at(reference.start) is not None
        return reference.start, reference.end, f"<em>{escape(said)}</em>" if in_html else emphasised(said)
    href = addresses.linked(reference.address)
    return None if href is None or href == reference.address else (*reference.at, href)


def _line_ends(text: str, parts: Parts) -> list[int]:
    """Find the line ends within paragraphs, which Ghost's Markdown shows and CommonMark does not."""
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    in_tags = _within(text, [match.span() for match in _TAG.finditer(text)])
    ends: list[int] = []
    for token in _blocks.parse(text):
        if token.type != "paragraph_open" or token.map is None:
            continue
        first, after = token.map
        for line in range(first, min(after, len(starts) - 1) - 1):
            at = starts[line + 1] - 1
            is_hard = text.endswith(("\\", "  ", "<br>", "<br/>", "<br />"), 0, at)
            if not (is_hard or parts.code_at(at) or at in in_tags):
                ends.append(at)
    return ends


def _within(text: str, spans: Sequence[tuple[int, int]]) -> set[int]:
    """Give the line ends inside of these stretches."""
    return {at for start, end in spans for at in range(start, end) if text[at] == "\n"}
