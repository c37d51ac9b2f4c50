"""The head of a Markdown file: YAML between `---`, TOML between `+++`, JSON that the file begins with, or none.

YAML is read as text, lists and mappings only: a title such as 1.10 or a tag such as "yes" stays what was typed.
Anchors and aliases are refused, because a few lines of them can stand for more than any memory holds.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml

LARGEST_HEAD = 64_000
DEEPEST = 20

_FastLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TOML_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


class HeadBroken(ValueError):
    """Front matter that cannot be read: `line` of the file, counted from 1, and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """A file taken apart. `kind` is "yaml", "toml", "json" or ""; `body_line` is the line of the file that the body begins on."""

    kind: str
    head: dict[str, Any]
    body: str
    body_line: int
    head_text: str = ""

    def line_of(self, *names: str) -> int | None:
        """Find the line of the file that gives the first of these names that is there."""
        for name in names:
            if found := re.search(rf"^[ \t]*\"?{re.escape(name)}\"?\s*[:=]", self.head_text, re.MULTILINE):
                return self.head_text.count("\n", 0, found.start()) + 2
        return None


def take_apart(text: str) -> Document:
    """Split a file into its front matter and its body; raise HeadBroken."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    fence = lines[0].rstrip()
    if re.match(r"\{\s*\"", text):
        return _with_json(text, 0)
    if fence == "---json":
        return _with_json(text, len(lines[0]) + 1)
    if fence not in {"---", "+++"}:
        return Document("", {}, text, 1)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == fence), None)
    if end is None:
        raise HeadBroken(1, f"The front matter that begins with {fence} has no end.")
    head = "\n".join(lines[1:end]) + "\n"
    if len(head) > LARGEST_HEAD:
        raise HeadBroken(1, f"The front matter has {len(head):,} characters; at most {LARGEST_HEAD:,} are read.")
    kind = "yaml" if fence == "---" else "toml"
    fields = _read_yaml(head) if kind == "yaml" else _read_toml(head)
    return Document(kind, fields, "\n".join(lines[end + 1 :]), end + 2, head)


def _with_json(text: str, begin: int) -> Document:
    """Take the object off that a file begins with, and the fence around it that 11ty has."""
    line = text.count("\n", 0, begin) + 1
    try:
        value, end = json.JSONDecoder().raw_decode(text, begin)
    except json.JSONDecodeError as error:
        raise HeadBroken(error.lineno, f"The JSON cannot be read: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise HeadBroken(line, "The JSON cannot be read.") from error
    if not isinstance(value, dict):
        raise HeadBroken(line, "The front matter is not a list of names with values.")
    if end - begin > LARGEST_HEAD:
        raise HeadBroken(1, f"The front matter has {end - begin:,} characters; at most {LARGEST_HEAD:,} are read.")
    rest = text[end:]
    closing = re.match(r"[ \t]*\n---[ \t]*(?:\n|\Z)" if begin else r"[ \t]*(?:\n|\Z)", rest)
    if closing is None:
        raise HeadBroken(text.count("\n", 0, end) + 1, "There is something behind the JSON of the front matter.")
    at = end + closing.end()
    return Document("json", value, text[at:], text.count("\n", 0, at) + 1, text[begin:end])


def _read_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_LINE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n")
        raise HeadBroken(line + 1, f"The TOML cannot be read: {_TOML_LINE.sub('', str(error))}.") from error
    except (ValueError, RecursionError) as error:
        raise HeadBroken(1, "The TOML cannot be read.") from error


def _read_yaml(text: str) -> dict[str, Any]:
    value = read_yaml(text)
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise HeadBroken(2, "The front matter is not a list of names with values.")
    return value


def read_yaml(text: str) -> Any:
    """Read YAML as texts, lists and mappings; raise HeadBroken, with lines counted as those of a head are."""
    try:
        return _built(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, [error.context, error.problem]))
        raise HeadBroken((mark.line if mark else 0) + 2, f"The YAML cannot be read: {problem}.") from error
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0) or 0)
        raise HeadBroken(line + 2, "The YAML holds a character that is not allowed.") from error


def _built(text: str) -> Any:
    """Build plain values from the parser's events, without recursion and without references."""
    stack: list[_Open] = []
    # libyaml lets tabs pass where PyYAML's own parser refuses them; the strict one decides, so that a file means the
    # same on machines with and without libyaml.
    loader = yaml.BaseLoader if "\t" in text else _FastLoader
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 2 if event.start_mark else 2
        value: Any
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise HeadBroken(line, "Anchors and aliases (& and *) are not read; put such a value between quotes.")
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(stack) >= DEEPEST:
                raise HeadBroken(line, f"The YAML is nested more than {DEEPEST} deep.")
            stack.append(_Open([] if isinstance(event, yaml.SequenceStartEvent) else {}))
            continue
        if isinstance(event, yaml.ScalarEvent):
            value = None if event.implicit[0] and event.value in {"~", "null"} else event.value
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            value = stack.pop().value
        else:
            continue
        if not stack:
            return value
        stack[-1].take(value, line)
    return None


class _Open:
    """A list or mapping that is still being read."""

    def __init__(self, value: list[Any] | dict[str, Any]) -> None:
        self.value = value
        self.key: str | None = None

    def take(self, value: Any, line: int) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            if isinstance(value, list | dict):
                raise HeadBroken(line, "The YAML has a list or a mapping where a name belongs.")
            self.key = value or ""
        else:
            # A name given twice: the last one holds, as in Jekyll and Hugo.
            self.value[self.key] = value
            self.key = None
