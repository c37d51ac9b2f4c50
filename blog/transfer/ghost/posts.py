"""One row of Ghost's posts as the post that it describes."""

import re
from datetime import UTC, datetime
from typing import Any

from blog.content.slugs import is_slug, slugify, tag_key
from blog.content.text import clean_text, plain_excerpt
from blog.content.urls import clean_url, is_page_address
from blog.languages.offered import OFFERED
from blog.models import Visibility
from blog.models.post import FIRST_YEAR, LAST_YEAR, LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG
from blog.transfer.addresses import as_path
from blog.transfer.dates import read_date
from blog.transfer.ghost.tables import Tables, is_true, key_of, one_line, words
from blog.transfer.source import NOBODY, NotAPost, SourcePost

UNTITLED = "(Untitled)"
_SHOWN = frozenset({"published", "scheduled"})
_DEFAULT_PLACE = "/:slug/"


def post_of(row: dict[str, Any], tables: Tables) -> SourcePost:
    """Read a post; raise NotAPost for a row that is none."""
    return _Reader(row, tables).post()


def moment(value: Any) -> datetime | None:
    """Read one of Ghost's dates: milliseconds since 1970, ISO 8601, or a time without a zone, which is UTC."""
    if isinstance(value, str) and re.fullmatch(r"\d{11,14}", value):
        value = int(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            date = datetime.fromtimestamp(value / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            return None
        return date if FIRST_YEAR <= date.year < LAST_YEAR else None
    date_read = read_date(value)
    return date_read.astimezone(UTC) if date_read else None


class _Reader:
    def __init__(self, row: dict[str, Any], tables: Tables) -> None:
        self.row = row
        self.tables = tables
        self.id = key_of(row.get("id"))
        self.meta = tables.meta_of(self.id)
        self.doubts: list[str] = []

    def post(self) -> SourcePost:
        if not self.id:
            raise NotAPost("The post has no id.")
        is_page = words(self.row.get("type")) == "page" or is_true(self.row.get("page"))
        slug_there = words(self.row.get("slug"))
        title = self._title()
        status = words(self.row.get("status"))
        date = self._date(status)
        visibility = self._visibility()
        if status == "sent":
            self.doubts.append("It was sent as a letter and never stood on the site; it is a draft here.")
        if any(self.row.get(name) for name in ("codeinjection_head", "codeinjection_foot")):
            self.doubts.append("Its code injection was left out.")
        if words(self.row.get("custom_template")):
            self.doubts.append(f"Its template “{one_line(self.row['custom_template'])[:60]}” was left out.")
        kind = "page" if is_page else "post"
        cover, cover_alt = self._cover()
        return SourcePost(
            file=f"{kind}/{slug_there or self.id}"[:200],
            kind="ghost",
            title=title,
            slug=self._slug(slug_there, title),
            date=date,
            updated=moment(self.row.get("updated_at")),
            authors=self._authors(),
            tags=self._tags(),
            excerpt=plain_excerpt(clean_text(words(self.row.get("custom_excerpt"))), LONGEST_EXCERPT),
            is_draft=status not in _SHOWN,
            aliases=(),
            permalinks=self._permalinks(slug_there, date),
            body="",
            body_line=1,
            language=self._language(),
            canonical_url=self._canonical(),
            description=self._description(title),
            doubts=tuple((None, reason) for reason in self.doubts),
            source_id=words(self.row.get("uuid")) or f"{kind}-{self.id}",
            is_page=is_page,
            is_featured=is_true(self.row.get("featured")),
            visibility=visibility,
            cover=cover,
            cover_alt=cover_alt,
        )

    def _title(self) -> str:
        title = one_line(self.row.get("title")) or UNTITLED
        if len(title) > LONGEST_TITLE:
            self.doubts.append(f"The title is longer than {LONGEST_TITLE} characters and was cut.")
        return plain_excerpt(title, LONGEST_TITLE)

    def _slug(self, there: str, title: str) -> str:
        there = clean_text(there)
        if is_slug(there):
            return there
        slug = slugify(there) or slugify(title) or "post"
        self.doubts.append(f"“{there[:120]}” cannot be an address here; the post is at “{slug}”.")
        return slug

    def _date(self, status: str) -> datetime | None:
        given = self.row.get("published_at")
        date = moment(given) if status in _SHOWN or given else None
        if date is None and status in _SHOWN:
            self.doubts.append("It has no date that a post can have; the day that it was begun stands for it.")
        return date or moment(self.row.get("created_at"))

    def _visibility(self) -> Visibility:
        visibility = words(self.row.get("visibility")) or "public"
        if visibility == "public":
            return Visibility.PUBLIC
        if visibility != "members":
            self.doubts.append("It was for readers who pay; all who sign in may read it here.")
        return Visibility.MEMBERS

    def _authors(self) -> tuple[str, ...]:
        ordered = [key for _, key in sorted(self.tables.authors_of.get(self.id, ()), key=lambda one: one[0])]
        keys = [key for key in ordered or [key_of(self.row.get("author_id"))] if key in self.tables.users]
        if not keys:
            self.doubts.append(f"The export does not say who wrote it; it belongs to “{NOBODY}”.")
        return tuple(dict.fromkeys(keys)) or (NOBODY,)

    def _tags(self) -> tuple[str, ...]:
        names: dict[str, str] = {}
        for _, key in sorted(self.tables.tags_of.get(self.id, ()), key=lambda one: one[0]):
            tag = self.tables.tags.get(key)
            if tag is None or tag.is_internal or not tag.name:
                continue
            if len(tag.name) > LONGEST_TAG:
                self.doubts.append(f"The tag “{tag.name[:40]}…” is longer than {LONGEST_TAG} characters and was cut.")
            names.setdefault(tag_key(tag.name), plain_excerpt(tag.name, LONGEST_TAG))
        return tuple(names.values())

    def _permalinks(self, slug: str, date: datetime | None) -> tuple[str, ...]:
        """Give where the old site showed it: by the permalinks of Ghost 0 and 1, by its slug, and as a preview."""
        places = [f"/{slug}/"] if slug else []
        pattern = self.tables.settings.get("permalinks", _DEFAULT_PLACE)
        if date is not None and slug and pattern != _DEFAULT_PLACE and ":slug" in pattern:
            parts = {":year": f"{date:%Y}", ":month": f"{date:%m}", ":day": f"{date:%d}", ":slug": slug}
            places.insert(0, re.sub(r":(?:year|month|day|slug)\b", lambda match: parts[match[0]], pattern))
        if uuid := words(self.row.get("uuid")):
            places.append(f"/p/{uuid}/")
        return tuple(dict.fromkeys(path for place in places if ":" not in place and (path := as_path(place))))

    def _language(self) -> str:
        given = words(self.row.get("locale")).replace("_", "-")
        known = {tag.lower(): tag for tag in OFFERED}
        return known.get(given.lower()) or known.get(given.partition("-")[0].lower(), "")

    def _canonical(self) -> str:
        given = words(self.row.get("canonical_url")).strip()
        if not given or given.startswith(("__GHOST_URL__", "/")):
            return ""
        if not is_page_address(given) or len(given) > LONGEST_ADDRESS:
            self.doubts.append(f"“{given[:120]}” is not the whole address of a page.")
            return ""
        return clean_url(given) or ""

    def _description(self, title: str) -> str:
        described = one_line(self.meta.get("meta_description") or self.row.get("meta_description"))
        titled = one_line(self.meta.get("meta_title") or self.row.get("meta_title"))
        if titled and titled != title:
            self.doubts.append(f"Search engines were told the title “{titled[:120]}”; here they are told its own.")
        if len(described) > LONGEST_DESCRIPTION:
            self.doubts.append(f"The description is longer than {LONGEST_DESCRIPTION} characters and was cut.")
        return plain_excerpt(described, LONGEST_DESCRIPTION)

    def _cover(self) -> tuple[str, str]:
        cover = words(self.row.get("feature_image") or self.row.get("image"))
        caption = one_line(re.sub(r"<[^<>]*>", "", words(self.meta.get("feature_image_caption"))))
        alt = one_line(self.meta.get("feature_image_alt"))
        if cover and caption and alt:
            self.doubts.append(f"The caption of its picture was left out: “{caption[:200]}”")
        return cover, alt or caption
