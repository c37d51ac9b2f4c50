"""What a page is, said to search engines: JSON-LD in the words of schema.org."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from blog.content.cards import SIZE
from blog.models import Post, Site, Visibility
from blog.web import routes

LONGEST_HEADLINE = 110  # what search engines take


def posting(post: Post, site: Site, base_url: str) -> Markup:
    """Describe a post as a BlogPosting."""
    url = base_url + routes.encoded(post.path)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title[:LONGEST_HEADLINE],
        "url": url,
        "mainEntityOfPage": post.canonical_url or url,
        "description": post.about or None,
        "image": base_url + picture_of(post, is_open=post.visibility == Visibility.PUBLIC).url,
        "datePublished": _iso(post.published_at),
        "dateModified": _iso(max(post.updated_at, post.published_at or post.updated_at)),
        "author": [
            {"@type": "Person", "name": one.name, "url": base_url + routes.url("authors.show", username=one.username)}
            for one in post.authors
        ],
        "publisher": {
            "@type": "Organization",
            "name": site.title,
            "url": base_url + routes.url("posts.index"),
            "logo": {"@type": "ImageObject", "url": base_url + routes.url("files.favicon")},
        },
        "keywords": [tag.name for tag in post.tags] or None,
        "inLanguage": post.language or site.language,
        "wordCount": post.words,
        "isAccessibleForFree": post.visibility == "public",
    }
    return _script({name: value for name, value in told.items() if value is not None})


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """The picture that stands for a post elsewhere: its path, what it shows, and its size in pixels."""

    url: str
    alt: str
    width: int
    height: int


def picture_of(post: Post, *, is_open: bool) -> SharedPicture:
    """Give the cover of a post that everybody may read, else a picture with its title on it."""
    cover = post.cover
    if is_open and cover is not None and cover.width and cover.height:
        return SharedPicture(cover.url, post.cover_alt, cover.width, cover.height)
    return SharedPicture(routes.url("posts.card", slug=post.slug), post.title, *SIZE)


def _script(told: dict[str, Any]) -> Markup:
    """Write data that no browser runs; escaped so that no text in it can end the element (WHATWG HTML, 4.12.1.3)."""
    written = json.dumps(told, ensure_ascii=False).translate({60: "\\u003c", 62: "\\u003e", 38: "\\u0026"})
    return Markup(f'<script type="application/ld+json">{written}</script>')  # noqa: S704 - just escaped for its place


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
