"""Categories and tags of the old site: where their pages were, and which tags they are here."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from blog.content.slugs import slugify
from blog.transfer.addresses import as_path
from blog.transfer.places import Places
from blog.transfer.wordpress.plain import plain
from blog.transfer.wordpress.reading import Term

DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Known:
    base: str
    slug: str
    parent: str
    name: str


@dataclass(slots=True)
class Terms:
    """The categories and tags that an export lists, and those that only its posts name."""

    known: dict[tuple[str, str], _Known] = field(default_factory=dict)
    by_number: dict[str, _Known] = field(default_factory=dict)

    def take_in(self, parts: dict[str, str]) -> None:
        """Note a category or a tag that the export lists."""
        taxonomy = parts.get("term_taxonomy", "")
        if "tag_slug" in parts or taxonomy == "post_tag":
            base, slug, name = "tag", parts.get("tag_slug") or parts.get("term_slug"), parts.get("tag_name")
        elif "category_nicename" in parts or taxonomy == "category":
            base, slug, name = (
                "category",
                parts.get("category_nicename") or parts.get("term_slug"),
                parts.get("cat_name"),
            )
        else:
            return
        parent = parts.get("category_parent") or parts.get("term_parent") or ""
        self._note(base, slug or "", parent, name or parts.get("term_name", ""), parts.get("term_id", ""))

    def use(self, term: Term) -> None:
        """Note a category or a tag that a post names."""
        if term.domain in {"category", "post_tag", "tag"} and term.slug:
            self._note("category" if term.domain == "category" else "tag", term.slug, "", term.name, "")

    def paths(self) -> dict[str, str]:
        """Give the old paths of all categories and tags, and the names of their tags here."""
        found: dict[str, str] = {}
        for one in self.known.values():
            above = self._above(one)
            for parts in ([one.slug], [*above, one.slug]):
                if path := as_path(f"/{one.base}/{'/'.join(parts)}"):
                    found[path] = one.name
        return found

    def odd_paths(self) -> dict[str, str]:
        """Give those of the old paths that do not lead here by themselves: of another slug, or below another term."""
        return {path: name for path, name in self.paths().items() if path not in _own_paths(name)}

    def tell(self, places: Places) -> None:
        """Let links to the old pages of categories and tags find the tags."""
        for path, name in self.paths().items() if self.known else ():
            places.paths.setdefault(path, f"/tags/{slugify(name)}")

    def path_here(self, number: str) -> str:
        one = self.by_number.get(number)
        return f"/tags/{slugify(one.name)}" if one else ""

    def name_of(self, number: str) -> str:
        one = self.by_number.get(number)
        return one.name if one else ""

    def _note(self, base: str, slug: str, parent: str, name: str, number: str) -> None:
        slug, name = unquote(slug.strip()), plain(name)
        if slug and slugify(name):
            one = self.known.setdefault((base, slug), _Known(base, slug, unquote(parent.strip()), name))
            if number:
                self.by_number[number.strip()] = one

    def _above(self, one: _Known) -> list[str]:
        above: list[str] = []
        while one.parent and len(above) < DEEPEST and (parent := self.known.get((one.base, one.parent))):
            above.insert(0, parent.slug)
            one = parent
        return above


def _own_paths(name: str) -> set[str]:
    """Give the old paths that every blog answers, whether posts came to it or not."""
    return {f"/{base}/{slugify(name)}" for base in ("category", "tag")}
