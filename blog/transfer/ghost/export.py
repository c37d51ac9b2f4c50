"""A Ghost export as a source of posts."""

import json
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from blog.content import cells
from blog.content.budget import ContentRefused
from blog.content.files import Content as FileContent
from blog.content.slugs import slugify
from blog.media import LARGEST_PICTURE
from blog.transfer.addresses import as_path
from blog.transfer.convert import Converted, Place
from blog.transfer.folder import Unreadable
from blog.transfer.ghost.addresses import GHOST_URL, Addresses, Content
from blog.transfer.ghost.bodies import parts_of_row
from blog.transfer.ghost.posts import post_of
from blog.transfer.ghost.tables import Tables, key_of, one_line, read_tables
from blog.transfer.ghost.texts import text_of_parts
from blog.transfer.ghost.ways import Way
from blog.transfer.origin import Described
from blog.transfer.places import Places
from blog.transfer.report import Report
from blog.transfer.source import Doubt, NotAPost, Person, SourcePost
from blog.transfer.threads import Check

MOST_DOUBTS = 200


class GhostExport:
    """The posts of one file. A post is found again by its UUID, which stays the same from export to export."""

    kind = "ghost"
    has_lasting_ids = True
    is_trusted = False

    def __init__(self, file: Path, media: Path | None, ways: list[Way]) -> None:
        self.file = file
        self.name = file.name.encode(errors="replace").decode()
        self.nothing = "This is no export of Ghost: there are no posts in it."
        self.content = Content(media)
        self.ways = ways
        self.tables = Tables()
        self.people: Mapping[str, Person] = {}
        self.tag_names: dict[str, str] = {}
        self.author_places: dict[str, str] = {}
        self.more_places: dict[str, str] = {}
        self.places: Places | None = None
        self._rows: dict[str, int] = {}

    def heads(self, skip: Callable[[str, int | None, str], None], check: Check) -> Iterator[SourcePost]:
        read_tables(self.file, self.tables, check)
        self.people = self.tables.people()
        self._find_places()
        for row_at in self.tables.posts:
            check()
            row = self.tables.rows.get(row_at)
            try:
                post = post_of(row, self.tables)
            except NotAPost as error:
                skip(self.name, error.line, str(error))
                continue
            if post.file in self._rows:
                skip(post.file, None, "There is another of this address in the export.")
                continue
            self._rows[post.file] = row_at
            yield post

    def whole(self, head: SourcePost) -> SourcePost:
        return post_of(self._row(head), self.tables)

    def convert(self, post: SourcePost, places: Places, refused: Mapping[Place, str]) -> Converted:
        told: list[Doubt] = list(post.doubts)

        def tell(reason: str) -> None:
            told.append((None, reason))

        addresses = Addresses(self.content, places, self.more_places, refused, tell)
        try:
            body = text_of_parts(parts_of_row(self._row(post), tell), addresses)
        except ContentRefused as error:
            raise NotAPost(str(error)) from error
        cover = self._cover(post, addresses, tell)
        doubts = tuple(dict.fromkeys(told))
        if len(doubts) > MOST_DOUBTS:
            more = (None, f"There are {len(doubts) - MOST_DOUBTS:,} more remarks on this post.")
            doubts = (*doubts[:MOST_DOUBTS], more)
        return Converted(body, addresses.pictures, doubts, addresses.files, cover)

    def _cover(self, post: SourcePost, addresses: Addresses, tell: Callable[[str], None]) -> str:
        """Give the digest of the picture that stands for a post."""
        if not post.cover:
            return ""
        before = set(addresses.pictures)
        kept = addresses.pictured(post.cover)
        if kept is None or kept == post.cover:
            tell("So the post has no picture that stands for it.")
            return ""
        new = set(addresses.pictures) - before
        return new.pop() if new else kept.rpartition("-")[2]

    def open_file(self, place: Place) -> FileContent:
        path = Path(place)
        try:
            with path.open("rb") as file:
                if path.stat().st_size <= LARGEST_PICTURE:
                    return file.read()
                return mmap(file.fileno(), 0, access=ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Unreadable(f"it cannot be read: {getattr(error, 'strerror', error)}.") from error

    def describe(self, place: Place) -> Described:
        return Described(Path(place).name, paths=self._old_paths(Path(place)))

    def more_files(self) -> Iterator[tuple[str, Place]]:
        """Have no others: what no post shows stays behind."""
        yield from ()

    def _old_paths(self, path: Path) -> tuple[str, ...]:
        """Give the address that a file had on the old site."""
        parts = path.parts
        for kind in ("images", "files", "media"):
            if kind in parts:
                at = len(parts) - 1 - parts[::-1].index(kind)
                return ("/content/" + "/".join(parts[at:]),)
        return ()

    def finish(self, report: Report, places: Places) -> None:
        self.places = places
        self._tell_of_tags(report)
        self._tell_of_code(report)
        report.attachments["site.txt"] = self._proposal().encode()
        if self.people:
            report.attachments["people.csv"] = self._table_of_people().encode()
        if self.tables.has_comments:
            folder = Path(tempfile.mkdtemp(prefix="blog-import-"))
            weakref.finalize(report, shutil.rmtree, folder, ignore_errors=True)
            with (folder / "comments.json").open("w", encoding="utf-8") as file:
                self.tables.comments.write(file)
            report.attachments["comments.json"] = folder / "comments.json"
        for person in self.people.values():
            if self.tables.role_there(person.key).lower() in {"owner", "administrator"}:
                role = self.tables.role_there(person.key)
                reason = f"{person.name} was {role} and is an editor here; only an admin makes admins."
                report.doubt(self.name, None, reason)

    def place_of(self, address: str) -> str:
        """Give the address here of what an old one showed, or the old one."""
        path = as_path(address) if address.startswith("/") else None
        if path is None or self.places is None:
            return address
        return self.more_places.get(path) or self.places.of_path(path) or path

    def close(self) -> None:
        self.tables.rows.close()
        self.tables.comments.close()

    def _row(self, post: SourcePost) -> dict[str, Any]:
        row: dict[str, Any] = self.tables.rows.get(self._rows[post.file])
        return row

    def _find_places(self) -> None:
        """Note where tags and authors were, and where their pages are here."""
        for tag in self.tables.tags.values():
            path = as_path(f"/tag/{tag.slug}") if tag.slug and not tag.is_internal else None
            if path and slugify(tag.name):
                self.tag_names[path] = tag.name
        for key, row in self.tables.users.items():
            path = as_path(f"/author/{row['slug']}") if isinstance(row["slug"], str) else None
            if path:
                self.author_places[path] = f"/authors/{self.people[key].username}"
        tags = {path: f"/tags/{slugify(name)}" for path, name in self.tag_names.items()}
        self.more_places = tags | self.author_places

    def _tell_of_tags(self, report: Report) -> None:
        used = Counter(key for tags in self.tables.tags_of.values() for _, key in tags)
        for key, tag in self.tables.tags.items():
            if tag.is_internal and used[key]:
                posts = f"{used[key]:,} post{'s' if used[key] != 1 else ''}"
                report.doubt(self.name, None, f"The tag “{tag.name}” was for the theme; {posts} came without it.")

    def _tell_of_code(self, report: Report) -> None:
        names = ("codeinjection_head", "codeinjection_foot", "ghost_head", "ghost_foot")
        if any(self.tables.settings.get(name, "").strip() for name in names):
            report.doubt(self.name, None, "The code injection of the site was left out.")
        for tag in self.tables.tags.values():
            if tag.has_code:
                report.doubt(self.name, None, f"The code injection of the tag “{tag.name}” was left out.")

    def _table_of_people(self) -> str:
        rows = [
            (person.name, person.username, person.email, self.tables.role_there(key), person.role.value)
            for key, person in self.people.items()
        ]
        return "".join(cells.line(row) for row in [("name", "username", "email", "role there", "role here"), *rows])

    def _proposal(self) -> str:
        """Say how the site was set up, for the admin who sets this one up."""
        settings = self.tables.settings
        told = ["How the site was set up; nothing of this was changed here.", ""]
        for name in ("title", "description", "locale", "lang", "timezone", "active_timezone", "accent_color"):
            if value := one_line(settings.get(name)):
                told.append(f"{name.replace('_', ' ').capitalize()}: {value}")
        for name in ("logo", "icon", "cover_image"):
            if value := one_line(settings.get(name)):
                told.append(f"{name.replace('_', ' ').capitalize()}: {value.removeprefix(GHOST_URL)}")
        for name in ("navigation", "secondary_navigation"):
            links = _links(settings.get(name, ""))
            if links:
                told += ["", f"{name.replace('_', ' ').capitalize()}:"]
            for label, address in links:
                told.append(f"  {label}: {self.place_of(address.removeprefix(GHOST_URL))}")
        return "\n".join(told) + "\n"


def _links(written: str) -> list[tuple[str, str]]:
    try:
        given = json.loads(written) if written else []
    except (ValueError, RecursionError):
        return []
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    return [(one_line(row.get("label")), key_of(row.get("url"))) for row in rows]
