"""What a file is that somebody sends, as it will be kept."""

from dataclasses import dataclass
from mmap import mmap

from blog.content.copies import Copy

Content = bytes | mmap
"""A file's bytes: in memory, or on the disk when there are many."""


class MediaRefused(ValueError):
    """A file that is not kept; the text says why, for the person who sent it."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it will be kept: its bytes, what they are, and its size in pixels where it has one."""

    content: Content
    content_type: str
    extension: str
    width: int | None = None
    height: int | None = None
    copies: tuple[Copy, ...] = ()
    colour: str = ""
