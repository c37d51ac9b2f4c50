"""The redirects that a Ghost site was given: redirects.json of Ghost 1 to 6, redirects.yaml since 3."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from blog.content.urls import clean_url
from blog.transfer.addresses import as_path, is_elsewhere
from blog.transfer.ghost.tables import is_true, words
from blog.transfer.terms import ImportRefused

LARGEST = 2_000_000
NAMES = ("redirects.json", "redirects.yaml", "redirects.yml")
LONGEST_TARGET = 2000
_PLAIN = re.compile(r"[\w/.~%@:!$&',;=-]*")


@dataclass(frozen=True, slots=True)
class Way:
    """An old path, where it led, and whether for good."""

    path: str
    target: str
    is_lasting: bool


def beside(export: Path) -> Path | None:
    """Find the redirects that lie beside an export."""
    return next((found for name in NAMES if (found := export.with_name(name)).is_file()), None)


def read_redirects(file: Path, tell: Callable[[str, str], None]) -> list[Way]:
    """Read the redirects of a file; `tell` takes its name and what cannot be kept. Raise ImportRefused."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise ImportRefused(f"The file {file} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise ImportRefused(f"The file {file} is larger than {LARGEST // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
        given = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ImportRefused(f"The redirects in {file.name} cannot be read: {str(error)[:300]}") from error
    ways: dict[str, Way] = {}
    for source, target, is_lasting in _rows(given):
        path = _plain_path(source)
        if path is None:
            tell(file.name, f"The redirect from {source[:200]} is a pattern and was left out.")
            continue
        cleaned = target if target.startswith("/") and not target.startswith("//") else clean_url(target)
        if not cleaned or len(cleaned) > LONGEST_TARGET or not (cleaned.startswith("/") or is_elsewhere(cleaned)):
            tell(file.name, f"The redirect from {path[:200]} leads to no address: {target[:200]}")
        elif "$" in target:
            tell(file.name, f"The redirect from {path[:200]} leads to a pattern and was left out.")
        else:
            ways.setdefault(path, Way(path, cleaned, is_lasting))
    return list(ways.values())


def _rows(given: Any) -> list[tuple[str, str, bool]]:
    if isinstance(given, list):
        rows = [row for row in given if isinstance(row, dict)]
        return [(words(row.get("from")), words(row.get("to")), is_true(row.get("permanent"))) for row in rows]
    if isinstance(given, dict):
        groups = [(code, group) for code, group in given.items() if isinstance(group, dict)]
        return [(str(old), words(new), str(code) == "301") for code, group in groups for old, new in group.items()]
    return []


def _plain_path(source: str) -> str | None:
    """Give the one path that a regular expression means, where it means one."""
    plain = source.removeprefix("^").removesuffix("$").removesuffix("?").replace("\\/", "/").replace("\\.", ".")
    if source.endswith(("/?", "/?$")):
        plain = plain.removesuffix("/")
    return as_path(plain) if plain.startswith("/") and _PLAIN.fullmatch(plain) else None
