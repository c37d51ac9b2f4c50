"""One item of an export as the post or page that it describes."""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import unquote

from blog.content.slugs import is_slug, slugify, tag_key
from blog.content.text import clean_text, has_forbidden, plain_excerpt
from blog.content.urls import clean_url, is_page_address
from blog.models.post import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG
from blog.transfer.addresses import as_path
from blog.transfer.source import LONGEST_BODY, NOBODY, Doubt, NotAPost, SourcePost
from blog.transfer.wordpress.moments import Clock
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.plain import plain
from blog.transfer.wordpress.reading import Item
from blog.transfer.wordpress.sites import OldSite

TAG_DOMAINS = frozenset({"", "category", "tag", "post_tag"})
DESCRIPTIONS = ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "_genesis_description")
CANONICALS = ("_yoast_wpseo_canonical", "rank_math_canonical_url")
DRAFTS = frozenset({"draft", "pending", "private"})
FIRST_WORDS = 60


class Reader:
    """Reads items as posts, knowing the site, its clock and its people."""

    def __init__(self, site: OldSite, clock: Clock, people: People) -> None:
        self.site = site
        self.clock = clock
        self.people = people

    def post(self, item: Item, now: datetime) -> SourcePost:
        """Read a post or a page; raise NotAPost for one that is in the trash or too long."""
        self.doubts: list[Doubt] = []
        is_page = item.fact("post_type") == "page"
        if item.fact("status") == "trash":
            raise NotAPost("It was in the trash of the old site.")
        body = self._body(item)
        title = self._title(item)
        slug = self._slug(item, title)
        date = self._date(item)
        is_draft = self._is_draft(item, date, now)
        if is_page and item.fact("post_parent").strip() not in {"", "0"}:
            self._doubt("It stood below another page; pages have no order here, and its old address leads to it.")
        permalink = self.site.path_of(item.fact("link"))
        number = number_of(item, self.site)
        short = f"/?p={int(number)}" if number.isascii() and number.isdigit() and len(number) < 12 else ""
        return SourcePost(
            file=name_of(item),
            kind="wordpress",
            title=title,
            slug=slug,
            date=date,
            updated=self.clock.moment(item.fact("post_modified"), item.fact("post_modified_gmt")),
            authors=self._authors(item),
            tags=self._tags(item),
            excerpt=self._cut("excerpt", plain(item.fact("excerpt")), LONGEST_EXCERPT),
            is_draft=is_draft,
            aliases=tuple(self._aliases(item, permalink)),
            permalinks=tuple(path for path in (permalink, short) if path),
            body=body,
            body_line=1,
            canonical_url=self._canonical(item),
            description=self._cut("description", plain(item.first_meta(*DESCRIPTIONS)), LONGEST_DESCRIPTION),
            variables={"id": number, "thumbnail": item.first_meta("_thumbnail_id")}
            | {name: value for name in ("footnotes",) if (value := item.first_meta(name))},
            doubts=tuple(self.doubts),
            source_id=f"{self.site.name}/{id_of(item)}",
            is_page=is_page,
            is_pending=item.fact("status") == "pending",
            is_featured=item.fact("is_sticky").strip() == "1",
        )

    def _body(self, item: Item) -> str:
        body = item.fact("content")
        if len(body) > LONGEST_BODY:
            raise NotAPost(f"The text has {len(body):,} characters; at most {LONGEST_BODY:,} fit.")
        if has_forbidden(body):
            self._doubt("Characters that no page can show were taken out of the text.")
        return clean_text(body)

    def _title(self, item: Item) -> str:
        title = plain(item.fact("title"))
        if not title:
            title = plain_excerpt(plain(re.sub(r"\[[^\[\]]*\]", "", item.fact("content"))), FIRST_WORDS)
            title = title or plain(item.fact("post_name").replace("-", " ")) or "Untitled"
            self._doubt(f"It had no title; it is called “{title}” here, after its first words.")
        return self._cut("title", title, LONGEST_TITLE)

    def _slug(self, item: Item, title: str) -> str:
        given = clean_text(unquote(item.fact("post_name").strip(), errors="replace"))
        if is_slug(given):
            return given
        slug = slugify(given) or slugify(title) or f"{item.fact('post_type') or 'post'}-{id_of(item)}"
        slug = slug if is_slug(slug) else "post"
        if given:
            self._doubt(f"“{given[:120]}” cannot be an address here; it is at “{slug}”.")
        elif item.fact("status") not in DRAFTS:
            self._doubt(f"It had no address of its own; it is at “{slug}”.")
        return slug

    def _date(self, item: Item) -> datetime | None:
        return self.clock.moment(item.fact("post_date"), item.fact("post_date_gmt"))

    def _is_draft(self, item: Item, date: datetime | None, now: datetime) -> bool:
        status = item.fact("status") or "publish"
        if item.fact("post_password"):
            self._doubt("It was protected by a password; it is a draft here, without the password.")
            return True
        if status == "private":
            self._doubt("It was private; it is a draft here.")
            return True
        if status == "future":
            if date is None:
                self._doubt("It was scheduled without a date; it is a draft here.")
                return True
            if date <= now:
                self._doubt(f"It was scheduled for {date:%Y-%m-%d %H:%M} UTC, which has passed; it is published.")
            return False
        if status not in DRAFTS | {"publish"}:
            self._doubt(f"Its status was “{status[:40]}”, which is not known here; it is a draft.")
            return True
        return status != "publish"

    def _authors(self, item: Item) -> tuple[str, ...]:
        # Co-Authors Plus keeps the byline as words of its own.
        logins = [term.slug.removeprefix("cap-") or term.name for term in item.terms if term.domain == "author"]
        logins = [login for login in logins if login] or [item.fact("creator")]
        keys = [self.people.named(login).key for login in logins if login.strip()]
        if not keys:
            self._doubt(f"It names no author; it belongs to “{NOBODY}”.")
        return tuple(dict.fromkeys(keys)) or (NOBODY,)

    def _tags(self, item: Item) -> tuple[str, ...]:
        names: dict[str, str] = {}
        for term in item.terms:
            if term.domain in TAG_DOMAINS:
                name = plain(term.name) or unquote(term.slug)
                if len(name) > LONGEST_TAG:
                    self._doubt(f"The tag “{name[:40]}…” is longer than {LONGEST_TAG} characters and was cut.")
                if name:
                    names.setdefault(tag_key(name), plain_excerpt(name, LONGEST_TAG))
        others = {term.domain for term in item.terms} - TAG_DOMAINS - {"author", "post_format", "nav_menu", "language"}
        if others:
            self._doubt(f"Words of the kind {', '.join(sorted(others))[:100]} are not known here and were left out.")
        return tuple(names.values())

    def _aliases(self, item: Item, permalink: str | None) -> Iterable[str]:
        """Give the addresses that the post had before its last one: the same place under an older name."""
        for old in dict.fromkeys(item.meta.get("_wp_old_slug", ())) if permalink else ():
            above = permalink.rpartition("/")[0] if permalink else ""
            path = as_path(f"{above}/{unquote(old.strip(), errors='replace')}")
            if path and path != permalink:
                yield path

    def _canonical(self, item: Item) -> str:
        given = item.first_meta(*CANONICALS).strip()
        if not given or not is_page_address(given) or len(given) > LONGEST_ADDRESS or self.site.is_own(given):
            return ""
        return clean_url(given) or ""

    def _cut(self, what: str, text: str, longest: int) -> str:
        if len(text) > longest:
            self._doubt(f"The {what} is longer than {longest} characters and was cut.")
        return plain_excerpt(text, longest)

    def _doubt(self, reason: str) -> None:
        self.doubts.append((None, reason))


def number_of(item: Item, site: OldSite) -> str:
    """Give the number of an item; exports without one may have it in its address."""
    return item.fact("post_id").strip() or site.number_of(item.fact("link")) or ""


def id_of(item: Item) -> str:
    """Give what tells an item from all others, also in exports without numbers."""
    return (item.fact("post_id").strip() or item.fact("guid").strip() or item.fact("link").strip())[:150]


def name_of(item: Item) -> str:
    """Give what the report calls an item."""
    title = plain_excerpt(plain(item.fact("title")) or unquote(item.fact("post_name")) or "untitled", FIRST_WORDS)
    return f"{item.fact('post_type') or 'post'} {id_of(item)[:60]} ({title})"
