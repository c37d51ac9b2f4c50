"""One WordPress export as a source of posts.

It is read once from end to end: posts wait on the disk until their turn comes, and only what tells them apart, the
files and the menus are in memory.
"""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from blog.content import cells
from blog.content.files import Content
from blog.content.urls import is_page_address
from blog.transfer.addresses import as_path
from blog.transfer.convert import Converted, Place
from blog.transfer.folder import Folder
from blog.transfer.origin import Described
from blog.transfer.places import Places
from blog.transfer.report import Report
from blog.transfer.source import NotAPost, Person, SourcePost
from blog.transfer.spool import Spool
from blog.transfer.terms import ImportRefused
from blog.transfer.threads import Check
from blog.transfer.wordpress.comments import write_comments
from blog.transfer.wordpress.menus import Entry, Link, Menus
from blog.transfer.wordpress.moments import Clock
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.posts import Reader, name_of, number_of
from blog.transfer.wordpress.reading import Fact, Item, Term, read_export
from blog.transfer.wordpress.sites import OldSite
from blog.transfer.wordpress.terms import Terms
from blog.transfer.wordpress.texts import Texts
from blog.transfer.wordpress.uploads import Uploads

POSTS = frozenset({"post", "page"})
PARTS_OF_SITES = frozenset(
    [
        "revision",
        "nav_menu_item",
        "custom_css",
        "customize_changeset",
        "oembed_cache",
        "user_request",
        "wp_block",
        "wp_template",
        "wp_template_part",
        "wp_global_styles",
        "wp_navigation",
        "wp_font_family",
        "wp_font_face",
    ]
)
"""What is no content, or comes in on another way."""


class WordPressExport:
    """The posts and pages of an export. They are found again by the site's address and their numbers there."""

    kind = "wordpress"
    nothing = "There are no posts and no pages in this export."
    has_lasting_ids = True
    is_trusted = False

    def __init__(self, file: Path, media: Path | None, fetch_media: bool, now: datetime) -> None:
        if media is not None and not media.is_dir():
            raise ImportRefused(f"There is no folder {media}.")
        self.file = file
        self.now = now
        self.name = file.name.encode(errors="replace").decode()
        self.site = OldSite()
        self.clock = Clock()
        self.everybody = People()
        self.uploads = Uploads(self.site, Folder(media, None) if media else None, fetch_media)
        self.menus = Menus()
        self.terms = Terms()
        self.are_terms_told = False
        self.posts = Spool()
        self.comments = Spool()
        self.left_out = Spool()
        self.left_out_kinds: Counter[str] = Counter()
        self.rows: dict[str, int] = {}
        self.numbers: dict[str, str] = {}
        self.reusable: dict[str, int] = {}
        self.titles: dict[str, str] = {}
        self.navigation: list[list[str]] = []
        self.reader = Reader(self.site, self.clock, self.everybody)
        self.texts = Texts(self.uploads, self.numbers, self._reusable)
        self.spools = weakref.finalize(self, _close, self.posts, self.comments, self.left_out)

    @property
    def people(self) -> Mapping[str, Person]:
        return self.everybody.by_key

    def heads(self, skip: Callable[[str, int | None, str], None], check: Check) -> Iterator[SourcePost]:
        is_export = False
        for one in read_export(self.file):
            check()
            if isinstance(one, Fact):
                is_export = self._note(one) or is_export
            else:
                is_export = "post_type" in one.facts or is_export
                self._take_in(one)
        if not is_export:
            raise ImportRefused("This is no export of WordPress: nothing in it says which posts there are.")
        in_menus = self.menus.leads_to()
        for place, row in self.posts.all():
            check()
            item = _item_of(row)
            if item.fact("post_type") not in POSTS:
                continue
            file = numbered_file(name_of(item), self.rows)
            try:
                post = self.reader.post(item, self.now)
            except NotAPost as error:
                skip(file, error.line, str(error))
                continue
            self.rows[file] = place
            number = number_of(item, self.site)
            self.numbers.setdefault(number, file)
            if number in in_menus:
                self.titles[number] = post.title
            yield replace(post, file=file)

    def whole(self, head: SourcePost) -> SourcePost:
        post = self.reader.post(_item_of(self.posts.get(self.rows[head.file])), self.now)
        cover = self.uploads.attachments.get(post.variables.get("thumbnail", ""))
        return replace(post, file=head.file, cover=cover.address if cover else "", cover_alt=cover.alt if cover else "")

    def convert(self, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> Converted:
        if not self.are_terms_told:
            self.are_terms_told = True
            self.terms.tell(places)
        return self.texts.convert(post, places, refused)

    def open_file(self, place: Place) -> Content:
        return self.uploads.open_file(place)

    def describe(self, place: Place) -> Described:
        return self.uploads.described.get(place) or Described("file")

    def more_files(self) -> Iterator[tuple[str, Place]]:
        for _, digest, place in self.uploads.all_places():
            yield digest, place

    def finish(self, report: Report, places: Places) -> None:
        folder = Path(tempfile.mkdtemp(prefix="blog-import-"))
        weakref.finalize(report, shutil.rmtree, folder, ignore_errors=True)

        def here(number: str) -> str:
            return places.files.get(self.numbers.get(number, ""), "")

        def linked(entry: Entry) -> Link:
            if entry.kind == "post_type":
                return entry.label or self.titles.get(entry.leads_to, ""), here(entry.leads_to)
            if entry.kind == "taxonomy":
                return entry.label or self.terms.name_of(entry.leads_to), self.terms.path_here(entry.leads_to)
            if not self.site.is_own(entry.address):
                return entry.label, entry.address if is_page_address(entry.address) else ""
            is_home = entry.address.startswith(("http", "/")) and as_path(entry.address) is None
            return entry.label, places.of_path(entry.address) or ("/" if is_home else "")

        if write_comments(self.comments, here, folder / "comments.json"):
            report.attachments["comments.json"] = folder / "comments.json"
        self.navigation = self.menus.navigation(linked)
        if menus := self.menus.told(linked):
            report.attachments["menus.txt"] = menus.encode()
        if self.everybody.by_login:
            report.attachments["authors.csv"] = self._table_of_people().encode()
        if self.left_out_kinds:
            with (folder / "left-out.json").open("w", encoding="utf-8") as file:
                self.left_out.write(file)
            report.attachments["left-out.json"] = folder / "left-out.json"
            kinds = ", ".join(f"{count:,} of the kind “{kind[:40]}”" for kind, count in self.left_out_kinds.items())
            report.doubt(self.name, None, f"Some items are no posts and are kept beside the report: {kinds}.")
        if self.texts.not_copied and not self.uploads.is_given:
            count = len(self.texts.not_copied)
            report.doubt(
                self.name,
                None,
                f"Files that the posts show were not copied and stay where they were: {count:,}. Give the folder "
                "of uploads with --media, or let them be fetched with --fetch-media.",
            )

    def _note(self, fact: Fact) -> bool:
        """Note what is said of the whole blog; tell whether only an export of WordPress says such a thing."""
        match fact.name:
            case "link" | "base_blog_url":
                self.site.learn(fact.text)
            case "author" | "wp_author":
                self.everybody.listed(fact.parts)
            case "category" | "tag" | "term":
                self.terms.take_in(fact.parts)
        return fact.name in {"wxr_version", "base_blog_url", "author", "wp_author"}

    def _take_in(self, item: Item) -> None:
        kind = item.fact("post_type")
        self.clock.learn(item.fact("post_date"), item.fact("post_date_gmt"))
        if kind in POSTS:
            if item.fact("status") not in {"auto-draft", "inherit"}:
                self._spool(item)
        elif kind == "attachment":
            self.uploads.take_in(item)
            self._keep_comments(item)
        elif kind == "nav_menu_item":
            self.menus.take_in(item)
        elif kind == "wp_block":
            self.reusable[item.fact("post_id").strip()] = self.posts.put(_row_of(item))
        elif kind not in PARTS_OF_SITES:
            self.left_out_kinds[kind] += 1
            self.left_out.put(asdict(item))

    def _spool(self, item: Item) -> None:
        self._keep_comments(item)
        for term in item.terms:
            self.terms.use(term)
        item.comments.clear()
        self.posts.put(_row_of(item))

    def _keep_comments(self, item: Item) -> None:
        if item.comments:
            number, title, link = (item.fact(name) for name in ("post_id", "title", "link"))
            self.comments.put({"number": number, "title": title, "link": link, "comments": item.comments})

    def _reusable(self, number: str) -> str | None:
        place = self.reusable.get(number)
        return None if place is None else str(self.posts.get(place)["facts"].get("content", ""))

    def _table_of_people(self) -> str:
        rows = [(login, one.name, one.email, one.username) for login, one in self.everybody.by_login.items()]
        return "".join(cells.line(row) for row in [("login", "name", "email", "username here"), *rows])


def numbered_file(name: str, taken: Mapping[str, int]) -> str:
    """Give a name that no item before had."""
    file, number = name, 1
    while file in taken:
        number += 1
        file = f"{name} ({number})"
    return file


def _row_of(item: Item) -> dict[str, Any]:
    terms = [(term.domain, term.slug, term.name) for term in item.terms]
    return {"facts": item.facts, "terms": terms, "meta": item.meta, "comments": item.comments}


def _item_of(row: dict[str, Any]) -> Item:
    return Item(row["facts"], [Term(*term) for term in row["terms"]], row["meta"], row["comments"])


def _close(*spools: Spool) -> None:
    for spool in spools:
        spool.close()
