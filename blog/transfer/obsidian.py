"""What Obsidian writes beyond Markdown: links and embeds by the names of notes, comments, callouts, marks.

Only a folder that Obsidian made is read so: elsewhere two brackets may be two brackets.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from blog.transfer.anchors import heading_id
from blog.transfer.edits import Text
from blog.transfer.folder import PICTURES, RECORDINGS
from blog.transfer.prose import parts_of

Edit = tuple[int, int, str]
Doubtful = Callable[[int, str], None]

LONGEST_LINK = 500
_LINK = re.compile(r"(!?)\[\[([^\[\]\n|#^]{0,300})((?:#[^\[\]\n|]{1,300})?)(?:\|([^\[\]\n]{0,300}))?\]\]")
_COMMENT = re.compile(r"%%.*?%%[ \t]*\n?", re.DOTALL)
_MARKED = re.compile(r"==(?=\S)([^=\n]{1,500}?)(?<=\S)==")
_SIZED = re.compile(r"(!\[[^\[\]\n]{0,300}?)\|?\d{1,5}(?:x\d{1,5})?(?=\]\()")
_SIZE = re.compile(r"\d{1,5}(?:x\d{1,5})?")
_CALLOUT = re.compile(r"^((?:[ \t]*>)+[ \t]*)\[!([A-Za-z-]{1,30})(?:\|[^\]\n]*)?\][+-]?[ \t]*([^\n]*)$", re.MULTILINE)
_BLOCK_ID = re.compile(r"[ \t]+\^[A-Za-z0-9-]{1,60}[ \t]*$", re.MULTILINE)
_ALERTS = {
    "TIP": "tip hint success check done",
    "IMPORTANT": "important abstract summary tldr",
    "WARNING": "warning attention question help faq",
    "CAUTION": "caution danger error bug failure fail missing",
}
_ALERT = {word: alert for alert, words in _ALERTS.items() for word in words.split()}
_MARKS = re.compile(r"([\\\[\]*_`<&])")


class Vault:
    """The notes and files of a vault by name, as links call them: whatever its folder, in any case of letters."""

    def __init__(self, notes: Mapping[str, object], files: Mapping[str, str]) -> None:
        self._notes: dict[str, str] = {}
        for file in sorted(notes, key=lambda one: one.count("/")):
            path = PurePosixPath(file)
            for name in (str(path.with_suffix("")), path.stem):
                self._notes.setdefault(name.casefold(), file)
        self._files = files

    def note(self, name: str) -> str | None:
        """Give the file of a note."""
        wanted = name.strip().removesuffix(".md").strip("/").casefold()
        return self._notes.get(wanted) or self._notes.get(wanted.rpartition("/")[2])

    def file(self, name: str) -> str | None:
        """Give the path of a picture or recording within the vault."""
        return self._files.get(name.strip().rpartition("/")[2].casefold())


def without_wiki(text: Text, vault: Vault, doubtful: Doubtful) -> Text:
    """Turn what only Obsidian reads into Markdown."""
    parts = parts_of(text.text)
    comments: list[Edit] = []
    for found in _COMMENT.finditer(text.text):
        if not parts.code_at(found.start()):
            comments.append((*found.span(), ""))
    text = text.changed(comments)
    parts = parts_of(text.text)
    edits: list[Edit] = []
    for found in _LINK.finditer(text.text):
        if not parts.code_at(found.start()):
            edits.append((*found.span(), _linked(found, vault, doubtful)))
    for pattern, new in ((_MARKED, _marked), (_SIZED, _unsized), (_CALLOUT, _alert), (_BLOCK_ID, _nothing)):
        for found in pattern.finditer(text.text):
            if not parts.code_at(found.start()):
                edits.append((*found.span(), new(found)))
    apart: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one[0], -one[1])):
        if not apart or edit[0] >= apart[-1][1]:
            apart.append(edit)
    return text.changed(apart)


def _linked(found: re.Match[str], vault: Vault, doubtful: Doubtful) -> str:
    is_embed, name, place, words = bool(found[1]), found[2].strip(), found[3], found[4]
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in PICTURES or suffix in RECORDINGS:
        # What is not in the vault is reported as any missing file is.
        path = vault.file(name) or name
        alt = "" if words is None or _SIZE.fullmatch(words.strip()) else words
        shows = is_embed and suffix in PICTURES
        return f"{'!' if shows else ''}[{_plain(alt if shows else alt or name)}](</{path}>)"
    heading = "" if place.startswith("#^") else place.lstrip("#").rpartition("#")[2]
    shown = _plain(words or " > ".join(filter(None, [name, heading])))
    if not name:
        return f"[{shown}](#{heading_id(heading)})" if heading else shown
    note = vault.note(name)
    if note is None:
        doubtful(found.start(), f"The link to the note “{name[:100]}” leads to nothing in this import.")
        return shown
    return f"[{shown}](<@/{note}{'#' + heading if heading else ''}>)"


def _marked(found: re.Match[str]) -> str:
    return f"<mark>{found[1]}</mark>"


def _unsized(found: re.Match[str]) -> str:
    return found[1].removesuffix("|")


def _alert(found: re.Match[str]) -> str:
    begin, kind, title = found[1], found[2].lower(), found[3].strip()
    heading = f"\n{begin}**{title}**\n{begin.rstrip()}" if title else ""
    return f"{begin}[!{_ALERT.get(kind, 'NOTE')}]{heading}"


def _nothing(found: re.Match[str]) -> str:
    return ""


def _plain(words: str) -> str:
    return _MARKS.sub(r"\\\1", words)
