"""Syndication of the site, of a tag and of an author: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

Whoever asks, full texts are of public posts only, with links that hold outside the page; a post for members is told
by its title and excerpt, and marked.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.content.absolute import absolute
from blog.languages import gettext as _
from blog.models import Post, Visibility
from blog.queries import posts, tags, users
from blog.queries.posts import Within
from blog.web import routes
from blog.web.arguments import Db, Now, PathText
from blog.web.errors import NotFound
from blog.web.guards import kept, serves
from blog.web.rendering import Asked, plain, text_of_template
from blog.web.state import house, site_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as feeds tell of it. Its id stays when its address changes."""

    post: Post
    id: str
    url: str
    is_open: bool
    html: str
    published: datetime
    updated: datetime

    @property
    def invitation(self) -> str:
        """What stands in place of a text that is not for everybody; empty for one that is."""
        return "" if self.is_open else " ".join(filter(None, [self.post.teaser, _("For members: sign in to read it.")]))

    @property
    def published_rfc822(self) -> str:
        return format_datetime(self.published.astimezone(UTC), usegmt=True)


@dataclass(frozen=True, slots=True)
class Feed:
    """What one feed tells: whose it is, where its page and itself are, when it last changed, its newest posts."""

    title: str
    page_url: str
    url: str
    updated: datetime
    entries: Sequence[Entry]

    @property
    def updated_rfc822(self) -> str:
        return format_datetime(self.updated.astimezone(UTC), usegmt=True)


class Feeds(Controller):
    opt = serves(policy.Action.READ) | kept()

    @get("/feed.xml", name="feeds.site")
    async def atom(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of the site as Atom."""
        return _feed(request, "feed.xml", await posts.latest(db, now), "", routes.url("posts.index"), now)

    @get("/rss.xml", name="feeds.site.rss")
    async def rss(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of the site as RSS."""
        return _feed(request, "rss.xml", await posts.latest(db, now), "", routes.url("posts.index"), now)

    @get("/feed.json", name="feeds.site.json")
    async def json(self, request: Asked, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of the site as JSON Feed."""
        return _feed(request, "feed.json", await posts.latest(db, now), "", routes.url("posts.index"), now)

    @get("/tags/{slug:str}/{file:str}", name="feeds.tag")
    async def tag(self, request: Asked, slug: PathText, file: PathText, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of a tag."""
        tag = await tags.by_slug(db, slug, now)
        if tag is None:
            raise NotFound
        path = routes.url("tags.show", slug=slug)
        return _feed(request, file, await posts.latest(db, now, Within(tag=tag)), tag.name, path, now)

    @get("/authors/{username:str}/{file:str}", name="feeds.author")
    async def author(self, request: Asked, username: PathText, file: PathText, db: Db, now: Now) -> Response[Any]:
        """Give the newest posts of an author."""
        author = await users.author(db, username, now)
        if author is None:
            raise NotFound
        path = routes.url("authors.show", username=username)
        return _feed(request, file, await posts.latest(db, now, Within(author=author)), author.name, path, now)


def _feed(request: Asked, file: str, found: Sequence[Post], subject: str, path: str, now: datetime) -> Response[bytes]:
    if file not in FORMATS:
        raise NotFound
    base = house(request).settings.base_url
    entries = [_entry(post, base) for post in found]
    title = site_of(request.scope).title
    feed = Feed(
        title=f"{subject} · {title}" if subject else title,
        page_url=base + path,
        url=base + request.url.path,
        updated=max((entry.updated for entry in entries), default=now),
        entries=entries,
    )
    content_type, written = FORMATS[file]
    return plain(written(request, feed), content_type, feed.updated if entries else None)


def _entry(post: Post, base: str) -> Entry:
    published = post.published_at or post.updated_at
    url = base + routes.url("posts.show", slug=post.slug)
    is_open = post.visibility == Visibility.PUBLIC
    html = absolute(post.html, site=base, page=url) if is_open else ""
    return Entry(post, f"{base}/posts/{post.id}", url, is_open, html, published, max(post.updated_at, published))


def _atom(request: Asked, feed: Feed) -> str:
    return text_of_template(request, "public/feeds/atom.xml", feed=feed)


def _rss(request: Asked, feed: Feed) -> str:
    return text_of_template(request, "public/feeds/rss.xml", feed=feed)


def _json(request: Asked, feed: Feed) -> str:
    site, base = site_of(request.scope), house(request).settings.base_url
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.url,
        "description": site.about or None,
        "language": site.language,
        "items": [_json_item(entry, base) for entry in feed.entries],
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def _json_item(entry: Entry, base: str) -> dict[str, Any]:
    authors = [(author.name, routes.url("authors.show", username=author.username)) for author in entry.post.authors]
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.post.title,
        "summary": entry.post.teaser,
        **_told_of(entry),
        "date_published": entry.published.astimezone(UTC).isoformat(timespec="seconds"),
        "date_modified": entry.updated.astimezone(UTC).isoformat(timespec="seconds"),
        "authors": [{"name": name, "url": base + path} for name, path in authors],
        "tags": [tag.name for tag in entry.post.tags],
    }


def _told_of(entry: Entry) -> dict[str, Any]:
    """Give the text, or say whom it is for; every item has some content (JSON Feed 1.1)."""
    if entry.is_open:
        return {"content_html": entry.html}
    return {"content_text": entry.invitation, "_members_only": {"about": entry.url}}


Write = Callable[[Asked, Feed], str]
FORMATS: dict[str, tuple[str, Write]] = {
    "feed.xml": ("application/atom+xml; charset=utf-8", _atom),
    "rss.xml": ("application/rss+xml; charset=utf-8", _rss),
    "feed.json": ("application/feed+json; charset=utf-8", _json),
}
