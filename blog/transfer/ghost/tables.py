"""What a Ghost export holds beside its posts: who wrote them, what they are about, how the site was set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blog.content.slugs import is_slug, slugify
from blog.content.text import clean_text, plain_excerpt
from blog.models import Role
from blog.models.user import LONGEST_NAME
from blog.transfer.ghost.reading import records
from blog.transfer.source import Person
from blog.transfer.spool import Spool
from blog.transfer.threads import Check

ROLES = {
    "owner": Role.EDITOR,
    "administrator": Role.EDITOR,
    "super editor": Role.EDITOR,
    "editor": Role.EDITOR,
    "author": Role.AUTHOR,
    "contributor": Role.CONTRIBUTOR,
}
"""Nobody becomes an admin by a file."""
ACTIVE = frozenset({"", "active", "warn-1", "warn-2", "warn-3", "warn-4"})
"""Ghost locks accounts after several wrong passwords and calls that a warning before; all others are inactive."""
LONGEST_BIO = 1000
_TOLD_SETTINGS = frozenset(
    {"title", "description", "navigation", "secondary_navigation", "permalinks", "locale", "lang", "timezone"}
    | {"active_timezone", "accent_color", "logo", "icon", "cover_image", "codeinjection_head", "codeinjection_foot"}
    | {"ghost_head", "ghost_foot"}
)
_COMMENT = ("id", "post_id", "parent_id", "in_reply_to_id", "member_id", "status", "html", "created_at", "edited_at")


@dataclass(frozen=True, slots=True)
class Tag:
    """A subject in Ghost; one whose name begins with # was for the site's theme, not for readers."""

    name: str
    slug: str
    is_internal: bool
    has_code: bool


@dataclass(slots=True)
class Tables:
    """The small tables of an export, and where each post and comment is on the disk."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    roles_of: dict[str, str] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    tags_of: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    authors_of: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    meta: dict[str, int] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    posts: list[int] = field(default_factory=list)
    rows: Spool = field(default_factory=Spool)
    comments: Spool = field(default_factory=Spool)
    has_comments: bool = False

    def meta_of(self, post_id: str) -> dict[str, Any]:
        """Give what Ghost keeps about a post apart from it."""
        row: dict[str, Any] = self.rows.get(self.meta[post_id]) if post_id in self.meta else {}
        return row

    def people(self) -> Mapping[str, Person]:
        """Give everybody by their id, under the roles that they have here."""
        return {key: self._person(key, row) for key, row in self.users.items()}

    def role_there(self, key: str) -> str:
        return self.roles.get(self.roles_of.get(key, ""), "")

    def _person(self, key: str, row: dict[str, Any]) -> Person:
        name = one_line(row.get("name")) or one_line(row.get("slug")) or f"Author {key}"
        username = words(row.get("slug"))
        return Person(
            key=key,
            name=plain_excerpt(name, LONGEST_NAME),
            username=username if is_slug(username) else slugify(username) or slugify(name) or "author",
            email=words(row.get("email")),
            bio=plain_excerpt(clean_text(words(row.get("bio"))), LONGEST_BIO),
            role=ROLES.get(self.role_there(key).lower(), Role.AUTHOR),
            is_suspended=words(row.get("status")) not in ACTIVE,
        )


def read_tables(path: Path, tables: Tables, check: Check) -> None:
    """Read an export; raise ImportRefused, and what `check` raises. Passwords, keys and secrets are never looked at."""
    for table, row in records(path, _TAKES):
        check()
        _TAKES[table](tables, row)


def words(value: Any) -> str:
    """Give a text that should be one; anything else is none."""
    return value if isinstance(value, str) else ""


def one_line(value: Any) -> str:
    return " ".join(clean_text(words(value)).split())


def key_of(value: Any) -> str:
    """Give an id as text: exports have numbers, hex digits, or UUIDs."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def is_true(value: Any) -> bool:
    return value in (True, 1, "1", "true")


def _take_post(tables: Tables, row: dict[str, Any]) -> None:
    row.pop("plaintext", None)
    tables.posts.append(tables.rows.put(row))


def _take_meta(tables: Tables, row: dict[str, Any]) -> None:
    tables.meta[key_of(row.get("post_id"))] = tables.rows.put(row)


def _take_user(tables: Tables, row: dict[str, Any]) -> None:
    kept = ("name", "slug", "email", "bio", "status", "website")
    tables.users[key_of(row.get("id"))] = {name: row.get(name) for name in kept}


def _take_role(tables: Tables, row: dict[str, Any]) -> None:
    tables.roles[key_of(row.get("id"))] = one_line(row.get("name"))


def _take_role_of(tables: Tables, row: dict[str, Any]) -> None:
    tables.roles_of[key_of(row.get("user_id"))] = key_of(row.get("role_id"))


def _take_tag(tables: Tables, row: dict[str, Any]) -> None:
    name = one_line(row.get("name"))
    is_internal = name.startswith("#") or words(row.get("visibility")) == "internal"
    has_code = bool(row.get("codeinjection_head") or row.get("codeinjection_foot"))
    tables.tags[key_of(row.get("id"))] = Tag(name, words(row.get("slug")), is_internal, has_code)


def _take_tag_of(tables: Tables, row: dict[str, Any]) -> None:
    entry = _order(row), key_of(row.get("tag_id"))
    tables.tags_of.setdefault(key_of(row.get("post_id")), []).append(entry)


def _take_author_of(tables: Tables, row: dict[str, Any]) -> None:
    entry = _order(row), key_of(row.get("author_id"))
    tables.authors_of.setdefault(key_of(row.get("post_id")), []).append(entry)


def _take_setting(tables: Tables, row: dict[str, Any]) -> None:
    key = words(row.get("key"))
    if key in _TOLD_SETTINGS and isinstance(row.get("value"), str):
        tables.settings[key] = row["value"]


def _take_comment(tables: Tables, row: dict[str, Any]) -> None:
    tables.has_comments = True
    tables.comments.put({name: row.get(name) for name in _COMMENT})


def _order(row: dict[str, Any]) -> int:
    order = row.get("sort_order")
    return order if isinstance(order, int) else 0


_TAKES = {
    "posts": _take_post,
    "posts_meta": _take_meta,
    "users": _take_user,
    "roles": _take_role,
    "roles_users": _take_role_of,
    "tags": _take_tag,
    "posts_tags": _take_tag_of,
    "posts_authors": _take_author_of,
    "settings": _take_setting,
    "comments": _take_comment,
}
