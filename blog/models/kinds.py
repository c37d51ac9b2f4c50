"""What a post is, how far it has come, and for whom it is."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    PUBLISHED = "published"
    TRASHED = "trashed"


class Kind(StrEnum):
    """A post stands in the feed under its date; a page stands by itself, such as /about."""

    POST = "post"
    PAGE = "page"


class Visibility(StrEnum):
    PUBLIC = "public"
    MEMBERS = "members"
