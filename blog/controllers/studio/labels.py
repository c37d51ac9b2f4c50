"""The fields of a post as pages name them."""

from blog.languages import gettext, mark

LABELS = {
    "title": mark("Title"),
    "body": mark("Text"),
    "excerpt": mark("Excerpt"),
    "description": mark("Description for search engines"),
    "tags": mark("Tags"),
    "authors": mark("Co-authors"),
    "slug": mark("Address"),
    "language": mark("Language"),
    "visibility": mark("Who may read it"),
    "cover": mark("Cover picture"),
    "cover_alt": mark("What the cover shows"),
    "canonical_url": mark("First published at"),
}


def label_of(field: str) -> str:
    """Name a field."""
    return gettext(LABELS[field])
