"""Posts and people as any source tells of them, before they are anything here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from blog.models import Kind, Role, Visibility
from blog.models.post import path_of

LONGEST_BODY = 900_000
NOBODY = "Anonymous"
"""Who owns a post whose source names no author."""

Doubt = tuple[int | None, str]


class NotAPost(ValueError):
    """A file that is left out: the line of it, where known, and the reason."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom posts name by `key`, and what is known of them where they come from.

    The e-mail address finds who is here already; it is not kept, for whoever made the file could have written any.
    """

    key: str
    name: str = ""
    username: str = ""
    email: str = ""
    bio: str = ""
    role: Role = Role.AUTHOR
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class SourcePost:
    """A post as its file tells it. `slug` is what it wishes for; `permalinks` are where its old site showed it.

    `file` is what the report calls it. `source_id` tells it from all others of its source, run after run. `cover` is
    the address of its picture as the source writes it, `authors` are the keys of people.
    """

    file: str
    kind: str
    title: str
    slug: str
    date: datetime | None
    updated: datetime | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    excerpt: str
    is_draft: bool
    aliases: tuple[str, ...]
    permalinks: tuple[str, ...]
    body: str
    body_line: int
    language: str = ""
    canonical_url: str = ""
    description: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    source_id: str = ""
    is_page: bool = False
    is_pending: bool = False
    is_featured: bool = False
    visibility: Visibility = Visibility.PUBLIC
    cover: str = ""
    cover_alt: str = ""
    expires: datetime | None = None

    @property
    def wish(self) -> str:
        """The path that the post would have here if nothing else had it."""
        return path_of(Kind.PAGE if self.is_page else Kind.POST, self.slug)

    def head(self) -> "SourcePost":
        """Give the post without what only its own page needs: of all posts of an import, this much is in memory."""
        return replace(self, body="", excerpt="", description="", variables={}, doubts=())
