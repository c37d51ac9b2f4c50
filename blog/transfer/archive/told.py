"""What the posts of an archive tell, checked; with lists.py the counterpart of records.py."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blog.content.slugs import is_slug, tag_key
from blog.content.urls import is_page_address
from blog.languages.offered import OFFERED
from blog.models import Kind, Status, Visibility
from blog.models.media import LONGEST_ALT
from blog.models.post import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG
from blog.models.user import LONGEST_NAME
from blog.transfer.archive.facts import Facts, Unfit

LONGEST_BODY = 900_000
LONGEST_SOURCE = 255
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Words:
    """What a post, or its unpublished words, say."""

    title: str
    slug: str
    body: str
    excerpt: str
    description: str
    language: str
    visibility: Visibility
    authors: Sequence[str]
    tags: Sequence[str]
    cover: str
    cover_alt: str
    canonical_url: str


@dataclass(frozen=True, slots=True)
class ToldPost:
    """A post or page with all its dates."""

    words: Words
    kind: Kind
    status: Status
    is_featured: bool
    aliases: Sequence[str]
    published_at: datetime | None
    first_published_at: datetime | None
    expires_at: datetime | None
    trashed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    saved_at: datetime
    source: str | None
    source_hash: str | None


@dataclass(frozen=True, slots=True)
class ToldChange:
    """The words of a post that readers do not see yet, and who saved them."""

    words: Words
    of: str
    saved_at: datetime
    saved_by: str
    saved_by_name: str
    also_by: Sequence[str]
    also_by_names: Sequence[str]


def post(facts: Facts, body: str, now: datetime) -> ToldPost:
    """Read a post; one without dates was written now."""
    is_draft = facts.flag("draft")
    status = facts.choice("status", Status, Status.DRAFT if is_draft else Status.PUBLISHED)
    published_at = facts.moment("date")
    if status == Status.PUBLISHED and (is_draft or published_at is None):
        raise Unfit("A post that is published has a date and is no draft.")
    created_at = facts.moment("created") or published_at or now
    updated_at = facts.moment("lastmod") or created_at
    digest = facts.text("source_hash", longest=64)
    return ToldPost(
        words=_words(facts, body),
        kind=Kind.PAGE if facts.text("layout", longest=20) == "page" else Kind.POST,
        status=status,
        is_featured=facts.flag("featured"),
        aliases=facts.paths("aliases"),
        published_at=published_at,
        first_published_at=facts.moment("first_published"),
        expires_at=facts.moment("expiryDate"),
        trashed_at=facts.moment("trashed"),
        created_at=created_at,
        updated_at=updated_at,
        saved_at=facts.moment("saved") or updated_at,
        source=facts.exactly("source", longest=LONGEST_SOURCE) or None,
        source_hash=digest if _HASH.fullmatch(digest) else None,
    )


def change(facts: Facts, body: str, now: datetime) -> ToldChange:
    return ToldChange(
        words=_words(facts, body),
        of=facts.slug("changes"),
        saved_at=facts.moment("saved") or now,
        saved_by=facts.text("saved_by", longest=80),
        saved_by_name=facts.text("saved_by_name", longest=LONGEST_NAME),
        also_by=facts.texts("also_by", longest=80),
        also_by_names=facts.texts("also_by_names", longest=LONGEST_NAME),
    )


def _words(facts: Facts, body: str) -> Words:
    if len(body) > LONGEST_BODY:
        raise Unfit(f"The text has {len(body):,} characters; at most {LONGEST_BODY:,} fit.")
    authors = facts.texts("authors", longest=80)
    if not all(map(is_slug, authors)):
        raise Unfit("“authors” are usernames, as people.yaml tells them.")
    canonical_url = facts.text("canonical_url", longest=LONGEST_ADDRESS)
    if canonical_url and not is_page_address(canonical_url):
        raise Unfit("“canonical_url” is not the whole address of a page.")
    language = facts.text("lang", longest=35)
    if language and language not in OFFERED:
        raise Unfit(f"“{language}” is not a language that is known here.")
    return Words(
        title=facts.text("title", longest=LONGEST_TITLE, needed=True),
        slug=facts.slug("slug"),
        body=body,
        excerpt=facts.text("excerpt", longest=LONGEST_EXCERPT),
        description=facts.text("description", longest=LONGEST_DESCRIPTION),
        language=language,
        visibility=facts.choice("visibility", Visibility, Visibility.PUBLIC),
        authors=authors,
        tags=[name for name in facts.texts("tags", longest=LONGEST_TAG) if tag_key(name)],
        cover=facts.media("cover"),
        cover_alt=facts.text("cover_alt", longest=LONGEST_ALT),
        canonical_url=canonical_url,
    )
