"""One Markdown file as the post that it describes, whichever program it was written for."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from blog.content.slugs import is_slug, slugify, tag_key
from blog.content.text import clean_text, has_forbidden, plain_excerpt
from blog.content.urls import clean_url, is_page_address
from blog.languages.offered import OFFERED
from blog.models.media import LONGEST_ALT
from blog.models.post import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG
from blog.models.user import LONGEST_NAME
from blog.transfer.addresses import as_path
from blog.transfer.covers import cover_of
from blog.transfer.dates import read_date
from blog.transfer.frontmatter import Document, HeadBroken, take_apart
from blog.transfer.habits import Habits
from blog.transfer.source import LONGEST_BODY, NOBODY, Doubt, NotAPost, SourcePost

NOT_POSTS = frozenset({"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"})
FEATURED = ("featured", "pinned", "pin", "sticky")
UNKNOWN = Habits()

_DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_](.+)")
_FULLY_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-")
_HEADING = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


def read_source(file: str, content: bytes, habits: Habits = UNKNOWN, siblings: Collection[str] = ()) -> SourcePost:
    """Read the post in a file; `file` is its path within the folder, with slashes. Raise NotAPost.

    `siblings` are the names of the files beside it, among which may be the same in other languages.
    """
    path = PurePosixPath(file)
    if path.name.startswith("_index."):
        raise NotAPost("This describes a section, not a post.")
    if habits.is_front(path):
        raise NotAPost("This is the old site’s first page, or what it said of missing ones.")
    document = _document(content)
    if not document.kind and path.stem.lower() in NOT_POSTS:
        raise NotAPost("This describes the folder, not a post.")
    return _Reader(path, document, habits, siblings).post()


def _document(content: bytes) -> Document:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAPost("The file is not UTF-8 text.", content.count(b"\n", 0, error.start) + 1) from error
    try:
        document = take_apart(text)
    except HeadBroken as error:
        raise NotAPost(str(error), error.line) from error
    if len(document.body) > LONGEST_BODY:
        raise NotAPost(f"The text has {len(document.body):,} characters; at most {LONGEST_BODY:,} fit.")
    return document


class _Reader:
    """Finds each fact of a post in its head, its file name or its text, and remembers what was doubtful."""

    def __init__(self, path: PurePosixPath, document: Document, habits: Habits, siblings: Collection[str]) -> None:
        self.path = path
        self.document = document
        self.head = document.head
        self.habits = habits
        self.doubts: list[Doubt] = []
        stem, self.file_language = without_language(path.stem)
        # The same in another language needs an address of its own.
        has_other = bool(self.file_language) and any(
            name != path.name and without_language(PurePosixPath(name).stem)[0] == stem for name in siblings
        )
        stem = path.parent.name if stem == "index" and path.parent.name else stem
        if has_other:
            stem = f"{stem}-{self.file_language.lower()}"
        dated = _DATED.fullmatch(stem)
        self.file_date = read_date(dated[1]) if dated else None
        self.file_slug = dated[2] if dated and self.file_date else stem
        self.stem = stem

    def post(self) -> SourcePost:
        title, body, body_line = self._title_and_body()
        date = self._date()
        cover, cover_alt = cover_of(self.head)
        slug = self._slug(title)
        aliases = self._aliases()
        return SourcePost(
            file=str(self.path),
            kind=self.document.kind,
            title=title,
            slug=slug,
            date=date,
            updated=read_date(self._first("updated", "lastmod", "last_modified_at", "modified") or ""),
            authors=self._authors(),
            tags=self._tags(),
            excerpt=self._excerpt(),
            is_draft=self._is_draft(),
            aliases=aliases,
            permalinks=self._permalinks(date, slug, aliases),
            body=body,
            body_line=body_line,
            language=self._language(),
            canonical_url=self._canonical_url(),
            description=self._description(),
            variables={name: value for name, value in self.head.items() if isinstance(value, str)},
            doubts=tuple(self.doubts),
            is_page=self._is_page(date),
            is_featured=any(_text(self.head.get(name)).strip().lower() in _YES for name in FEATURED),
            cover=cover,
            cover_alt=plain_excerpt(clean_text(cover_alt), LONGEST_ALT),
            expires=self._expires(date),
        )

    def _title_and_body(self) -> tuple[str, str, int]:
        body, line = self.document.body, self.document.body_line
        if has_forbidden(body):
            odd = next(number for number, text in enumerate(body.split("\n")) if has_forbidden(text))
            self.doubts.append((line + odd, "Control characters were taken out of the text."))
        body = clean_text(body)
        title = _one_line(_text(self.head.get("title")))
        if not title and self.habits.is_vault:
            title = _one_line(self.path.stem)
        if not title and (heading := _HEADING.match(body)):
            title = _one_line(heading[1])
            line += body.count("\n", 0, heading.end())
            body = body[heading.end() :]
        if not title:
            raise NotAPost("The file has no title.")
        if len(title) > LONGEST_TITLE:
            self._doubt(f"The title is longer than {LONGEST_TITLE} characters and was cut.", "title")
            title = plain_excerpt(title, LONGEST_TITLE)
        return title, body, line

    def _date(self) -> datetime | None:
        given = self._first("date", "publishDate", "pubDate")
        date = read_date(given) if given is not None else None
        if given is not None and date is None:
            self._doubt(f"“{str(given)[:40]}” is not a date that a post can have.", "date", "publishDate", "pubDate")
        # Hugo shows a post from this moment on, whatever its date says.
        shown = read_date(self.head.get("publishDate") or self.head.get("publishdate") or "")
        if date and shown and shown > date:
            return shown
        path = re.search(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?=/)", _text(self.head.get("path")))
        return date or self.file_date or (read_date("-".join(path.groups())) if path else None)

    def _slug(self, title: str) -> str:
        path = _text(self.head.get("path")).strip("/").rpartition("/")[2]
        url = as_path(_text(self.head.get("url"))) or ""
        last = url.rpartition("/")[2].removesuffix(".html")
        wanted = _text(self.head.get("slug")).strip().strip("/") or path or last or self.file_slug
        wanted = clean_text(wanted)
        slug = slugify(wanted) or slugify(title) or "post"
        if self.habits.is_vault and wanted == clean_text(self.file_slug):
            # The name of a note is a title and never was an address.
            return slug
        if is_slug(wanted):
            return wanted
        self._doubt(f"“{wanted[:120]}” cannot be an address here; the post is at “{slug}”.", "slug", "path")
        return slug

    def _authors(self) -> tuple[str, ...]:
        names = [_one_line(name) for name in self._listed("authors", "author", splits=False)]
        for name in names:
            if len(name) > LONGEST_NAME:
                self._doubt(f"The author “{name[:40]}…” is longer than {LONGEST_NAME} characters.", "authors", "author")
        names = [plain_excerpt(name, LONGEST_NAME) for name in names if name]
        if not names:
            self._doubt(f"The file names no author; the post belongs to “{NOBODY}”.")
        return tuple(dict.fromkeys(names)) or (NOBODY,)

    def _tags(self) -> tuple[str, ...]:
        names: dict[str, str] = {}
        for name in self._listed("tags", "tag", "categories", "category", splits=True):
            if len(one := _one_line(name)) > LONGEST_TAG:
                self._doubt(f"The tag “{one[:40]}…” is longer than {LONGEST_TAG} characters and was cut.", "tags")
            if one:
                names.setdefault(tag_key(one), plain_excerpt(one, LONGEST_TAG))
        return tuple(names.values())

    def _excerpt(self) -> str:
        excerpt = clean_text(_text(self._first("excerpt", "description", "summary")))
        if len(excerpt) > LONGEST_EXCERPT:
            self._doubt(
                f"The excerpt is longer than {LONGEST_EXCERPT} characters and was cut.", "excerpt", "description"
            )
        return plain_excerpt(excerpt, LONGEST_EXCERPT)

    def _canonical_url(self) -> str:
        given = clean_text(_text(self._first("canonical_url", "canonicalUrl", "canonicalURL", "canonical"))).strip()
        if given and (not is_page_address(given) or len(given) > LONGEST_ADDRESS):
            self._doubt(
                f"“{given[:120]}” is not the whole address of a page.", "canonical_url", "canonicalUrl", "canonical"
            )
            return ""
        return clean_url(given) or ""

    def _description(self) -> str:
        """Give the description where it is not the excerpt already."""
        has_excerpt = self._first("excerpt") is not None
        given = _one_line(_text(self.head.get("description"))) if has_excerpt else ""
        if len(given) > LONGEST_DESCRIPTION:
            self._doubt(f"The description is longer than {LONGEST_DESCRIPTION} characters and was cut.", "description")
        return plain_excerpt(given, LONGEST_DESCRIPTION)

    def _language(self) -> str:
        given = _text(self._first("lang", "language", "locale")).strip().replace("_", "-")
        known = {tag.lower(): tag for tag in OFFERED}
        language = known.get(given.lower()) or known.get(given.partition("-")[0].lower(), "")
        if given and not language:
            self._doubt(f"“{given[:40]}” is not a language that is known here.", "lang", "language", "locale")
        return language or ("" if given else self.file_language)

    def _is_page(self, date: datetime | None) -> bool:
        layout = {_text(self.head.get(name)).strip().lower() for name in ("layout", "type")}
        return "page" in layout or (
            not layout & {"post", "posts"} and self.habits.is_page_at(self.path, date is not None)
        )

    def _expires(self, date: datetime | None) -> datetime | None:
        given = self._first("expiryDate", "expirydate", "expires", "unpublishdate")
        end = read_date(given) if given is not None else None
        if given is not None and (end is None or (date is not None and end <= date)):
            self._doubt(f"“{str(given)[:40]}” is no date at which the post could end.", "expiryDate", "expires")
            return None
        return end

    def _is_draft(self) -> bool:
        return (
            _text(self.head.get("draft")).strip().lower() in _YES
            or _text(self.head.get("published")).strip().lower() in _NO
            or _text(self.head.get("status")).strip().lower() == "draft"
            or "_drafts" in self.path.parts[:-1]
        )

    def _aliases(self) -> tuple[str, ...]:
        paths: dict[str, None] = {}
        if self.habits.is_vault:
            # Other names of the note, by which its links may call it.
            return ()
        for text in self._listed("aliases", "alias", "redirect_from", splits=False):
            if path := as_path(text):
                paths[path] = None
            else:
                self._doubt(f"“{text[:120]}” cannot be an old address here.", "aliases", "redirect_from", "alias")
        return tuple(paths)

    def _permalinks(self, date: datetime | None, slug: str, aliases: Iterable[str]) -> tuple[str, ...]:
        """Work out where the old site showed the post: a path that it names, else Jekyll's /year/month/day/name."""
        given = [self.head.get("path"), self.head.get("permalink"), self.head.get("url")]
        places = [text for text in map(_text, given) if text and not re.search(r"[{:*]", text) and text not in _NO]
        if self.file_date:
            days = dict.fromkeys(day.strftime("%Y/%m/%d") for day in (date, self.file_date) if day)
            # 11ty takes a date off a file name only when it is written with all its zeros.
            names = [self.file_slug] if _FULLY_DATED.match(self.stem) else [self.file_slug, self.stem]
            places += [f"{day}/{name}" for day in days for name in names]
        if self.file_language:
            places.append(f"{self.file_language.lower()}/{self.path.parent}/{self.file_slug}")
        paths = dict.fromkeys(path for place in places if (path := as_path(place)))
        return tuple(path for path in paths if path not in {f"/posts/{slug}", *aliases})

    def _first(self, *names: str) -> Any:
        return next((value for name in names if (value := self.head.get(name)) not in (None, "", [], {})), None)

    def _listed(self, *names: str, splits: bool) -> list[str]:
        """Gather what the head lists under these names, also among its taxonomies; a string may hold several."""
        taxonomies = self.head.get("taxonomies")
        within = [self.head, taxonomies] if isinstance(taxonomies, dict) else [self.head]
        found: list[str] = []
        for place in within:
            for name in names:
                value = place.get(name)
                for item in value if isinstance(value, list) else [value]:
                    text = _text(item.get("name") or item.get("id") if isinstance(item, dict) else item)
                    found += text.split(",") if splits and not isinstance(value, list) else [text]
        return [text for text in found if text.strip()]

    def _doubt(self, reason: str, *names: str) -> None:
        self.doubts.append((self.document.line_of(*names), reason))


def without_language(stem: str) -> tuple[str, str]:
    """Part the name of a file into the name and the language that it ends in, as post.fr does; "" when in none."""
    name, dot, ending = stem.rpartition(".")
    language = {tag.lower(): tag for tag in OFFERED}.get(ending.lower().replace("_", "-"), "") if dot and name else ""
    return (name, language) if language else (stem, "")


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _one_line(text: str) -> str:
    # No-break spaces stay: they are meant.
    return re.sub(r"[ \t\n\r\f\v]+", " ", clean_text(text)).strip()
