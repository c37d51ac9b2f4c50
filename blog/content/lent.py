"""Files of a text that is shown under another address than its own."""

import re
from collections.abc import Container

from markupsafe import Markup

_TAG = re.compile(r"""<[a-z](?:[^>"]|"[^"]*")*>""")
_ATTRIBUTE = re.compile(r'\s(?:src|srcset|poster|href)="([^"]*)"')
_FILE = re.compile(r"(?:(?<=^)|(?<=,\s))/media/([A-Za-z0-9._-]+)")


def file_names(html: str) -> list[str]:
    """Name the files of ours that a finished text shows or links to, each once."""
    return list(dict.fromkeys(name for _, _, name in _places(html)))


def lent(html: Markup, names: Container[str], folder: str) -> Markup:
    """Let a text take these of our files from another folder."""
    parts: list[Markup | str] = []
    done = 0
    for start, end, name in _places(html):
        if name in names:
            parts += [html[done:start], f"{folder}/{name}"]
            done = end
    # Joining escapes what is not Markup yet: the new addresses.
    return html[:0].join([*parts, html[done:]])


def _places(html: str) -> list[tuple[int, int, str]]:
    """Find where in a text addresses of our files stand: begin, end and name."""
    return [
        (tag.start() + attribute.start(1) + file.start(), tag.start() + attribute.start(1) + file.end(), file[1])
        for tag in _TAG.finditer(html)
        for attribute in _ATTRIBUTE.finditer(tag[0])
        for file in _FILE.finditer(attribute[1])
    ]
