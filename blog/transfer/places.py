"""Where the posts of an import were on their old site, and where they are here."""

from dataclasses import dataclass, field
from datetime import datetime

from blog.content.slugs import slugify
from blog.content.tree import words
from blog.models import Kind
from blog.models.post import path_of
from blog.transfer.addresses import as_path
from blog.transfer.source import SourcePost

OWN_PAGES = frozenset(
    {"/", "/archive", "/tags", "/feed.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/llms.txt"}
)
SITES_OWN = words(
    "account admin api appearance archive authors feed health invitations login logout media metrics new-password",
    "password-reset posts register rss search setup shared sitemap static studio tags unsubscribe",
)
"""What stands first in the addresses of the site itself, so that no page can have it."""
OLD_TAGS = ("tags", "tag", "categories", "category")
OLD_AUTHORS = ("authors", "author")


@dataclass(slots=True)
class Places:
    """The path here of every file and of every old path; `shown` are the paths that readers can open at `now`."""

    now: datetime
    files: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    shown: set[str] = field(default_factory=lambda: set(OWN_PAGES))

    def add(self, post: SourcePost, slug: str) -> None:
        """Note a post with its tags and authors; of two that claim one old path the first has it."""
        here = path_of(Kind.PAGE if post.is_page else Kind.POST, slug)
        self.files[post.file] = here
        for path in (here, *post.aliases, *post.permalinks):
            self.paths.setdefault(path, here)
        pages = {here}
        pages |= {self._page("tags", OLD_TAGS, name) for name in post.tags}
        pages |= {self._page("authors", OLD_AUTHORS, name) for name in post.authors}
        if not post.is_draft and (post.date is None or post.date <= self.now):
            self.shown |= pages

    def of_file(self, file: str) -> str | None:
        """Give the path of the post in a file, named by its path or, as Jekyll does, by its name alone."""
        if file in self.files:
            return self.files[file]
        return next((here for known, here in self.files.items() if known.endswith("/" + file)), None)

    def of_path(self, address: str) -> str | None:
        """Give the path here of what an old address showed."""
        path = as_path(address)
        if path is None:
            return None
        for tried in (path, path.removesuffix(".html"), path.removesuffix("/index.html"), path + ".html"):
            if here := self.paths.get(tried):
                return here
        return None

    def file_at(self, here: str) -> str | None:
        """Give the file of the post at a path here."""
        return next((file for file, known in self.files.items() if known == here), None)

    def _page(self, kind: str, old_kinds: tuple[str, ...], name: str) -> str:
        slug = slugify(name)
        here = f"/{kind}/{slug}"
        for old in old_kinds:
            self.paths.setdefault(f"/{old}/{slug}", here)
        return here
