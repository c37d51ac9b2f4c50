"""What was typed into the editor when a sign-in had ended: carried along in the pages until it can be saved."""

import re
from collections.abc import Mapping

from blog.content.text import clean_text

CARRIED = (
    "writer", "version", "opened_slug", "knows", "title", "body", "slug", "excerpt", "tags", "authors", "language", "visibility",
    "cover", "cover_alt", "canonical_url", "description", "published_at",
    "expires_at",
)  # fmt: skip
"""The fields of the editor's form that are carried; `writer` is the username of who began it."""


_EDITOR = re.compile(r"(/studio/posts(?:/[0-9]+)?)/cover(?:/file|/choice)?")


def typed_into_editor(typed: Mapping[str, object]) -> dict[str, str]:
    """Take from a form all that is the editor's."""
    return {name: clean_text(text) for name in CARRIED if isinstance(text := typed.get(name), str)}


def carried(typed: Mapping[str, object]) -> dict[str, str]:
    """Take from a form what is to be carried on; nothing when it does not say who wrote it."""
    if not typed.get("writer"):
        return {}
    return typed_into_editor(typed)


def editor_of(path: str) -> str:
    """Give the address of the editor whose form is sent to this path."""
    if match := _EDITOR.fullmatch(path):
        path = match[1]
    return f"{path}/new" if path in {"/studio/posts", "/studio/pages"} else path
