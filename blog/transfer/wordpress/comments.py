"""Comments of readers, which have no place here: kept beside the report, each with its answers below it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blog.transfer.spool import Spool
from blog.transfer.wordpress.plain import plain

DEEPEST = 50
"""How deep answers stand below answers; what is deeper stands at this depth."""


def write_comments(spool: Spool, here: Callable[[str], str], file: Path) -> int:
    """Write the comments of all posts as JSON, with the address of each post here; give how many there are."""
    count = 0
    with file.open("w", encoding="utf-8") as written:
        written.write("[")
        for place, record in spool.all():
            count += len(record["comments"])
            told = {"post": here(record["number"]), "title": plain(record["title"]), "was": record["link"]}
            told |= {"comments": threaded(record["comments"])}
            written.write(("\n" if place == 0 else ",\n") + json.dumps(told, ensure_ascii=False, indent=1))
        written.write("\n]\n")
    return count


def threaded(comments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put each comment among the replies of the one that it answers."""
    by_id = {str(comment.get("id") or f"-{at}"): comment | {"replies": []} for at, comment in enumerate(comments)}
    first: list[dict[str, Any]] = []
    depths: dict[str, int] = {}
    for number, comment in by_id.items():
        parent = str(comment.get("parent", "0"))
        # Only one that came before can be answered; so nothing goes in a circle.
        above = by_id[parent] if parent in depths else None
        depths[number] = depths.get(parent, 0) + 1
        (first if above is None or depths[number] > DEEPEST else above["replies"]).append(comment)
    return first
