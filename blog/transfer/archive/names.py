"""What the files of an archive are called: readable, the same on every machine, and never two for one name."""

from datetime import UTC
from hashlib import sha256

from blog.models import Kind, Post, Status

MARKER = "blog-export.yaml"
SITE, PEOPLE, TAGS, REDIRECTS, MEDIA = "site.yaml", "people.yaml", "tags.yaml", "redirects.yaml", "media.yaml"
POSTS, PAGES, DRAFTS, TRASH, UNPUBLISHED, FILES = "posts", "pages", "drafts", "trash", "unpublished", "media"
TEXT_FOLDERS = (POSTS, PAGES, DRAFTS, TRASH)
FOLDERS = (*TEXT_FOLDERS, UNPUBLISHED, FILES)
LISTS = (SITE, PEOPLE, TAGS, REDIRECTS, MEDIA)
LONGEST_STEM, LONGEST_CUT = 240, 220
"""Bytes of a name between its date and its ending, whole or cut; file systems take 255 in all."""
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(10))}
)
"""What Windows keeps for itself, with any ending."""


def file_of(post: Post) -> str:
    """Name the file of a post. A date in the name is that of its publication, in UTC."""
    if post.status == Status.TRASHED:
        return f"{TRASH}/{stem(post.slug)}.md"
    if post.kind == Kind.PAGE:
        return f"{PAGES}/{stem(post.slug)}.md"
    if post.published_at is None:
        return f"{DRAFTS}/{stem(post.slug)}.md"
    day = post.published_at.astimezone(UTC)
    return f"{POSTS}/{day.year:04}/{day.year:04}-{day:%m-%d}-{stem(post.slug)}.md"


def unpublished_file_of(post: Post) -> str:
    """Name the file of the words of a post that readers do not see yet."""
    return f"{UNPUBLISHED}/{stem(post.slug)}.md"


def stem(slug: str) -> str:
    """Give the name of a file for a slug; one that is no safe name everywhere gets a sum of itself, after a `=`, which
    no slug has: file systems that do not tell capitals apart would put two posts into one file."""
    is_short = len(slug.encode()) <= LONGEST_STEM
    if is_short and slug == slug.casefold() and slug.partition(".")[0] not in _DEVICES:
        return slug
    short = slug.encode()[:LONGEST_CUT].decode(errors="ignore")
    return f"{short}={sha256(slug.encode()).hexdigest()[:12]}"
