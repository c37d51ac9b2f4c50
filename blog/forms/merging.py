"""Two people's forms of one post brought together, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from blog.content.merge import FIELDS, PROSE, Conflict, Part, both, merge_fields
from blog.forms.posts import PostForm
from blog.models import Visibility

Choice = Literal["mine", "theirs", "both"]
Place = tuple[str, int]
"""A field, and which of its parts."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of two forms: each field in parts, of which some may be conflicts."""

    mine: PostForm
    theirs: PostForm
    parts: dict[str, list[Part]]
    differing: frozenset[str]
    """The fields that were not the same in both forms."""

    @property
    def conflicts(self) -> dict[Place, Conflict]:
        """What somebody must choose, and where it stands."""
        return {
            (field, number): part
            for field, parts in self.parts.items()
            for number, part in enumerate(parts)
            if isinstance(part, Conflict)
        }

    def form(self, choices: Mapping[Place, Choice] | None = None) -> PostForm:
        """Give the form as it is with these choices; it begins from their version then."""
        texts = {
            field: "".join(
                part if isinstance(part, str) else _chosen(field, part, (choices or {})[field, number])
                for number, part in enumerate(parts)
            )
            for field, parts in self.parts.items()
        }
        cover, _, cover_alt = texts.pop("cover").partition("\n")
        visibility = Visibility(texts.pop("visibility"))
        told = {"cover": cover, "cover_alt": cover_alt, "visibility": visibility, "version": self.theirs.version}
        return replace(self.mine, **texts, **told)  # type: ignore[arg-type]  # all fields of texts are text

    def taken_over(self, form: PostForm) -> dict[str, str]:
        """Name the fields of a merged form that are not as mine were, with what they hold now."""
        names = (*FIELDS, "cover_alt")
        return {name: str(getattr(form, name)) for name in names if getattr(form, name) != getattr(self.mine, name)}


def merge_forms(base: PostForm, mine: PostForm, theirs: PostForm) -> Merged:
    """Merge what two people made of a form that both began from; a long text takes a while."""
    was, here, there = _texts(base), _texts(mine), _texts(theirs)
    if not mine.title:
        here["title"] = was["title"]
    if mine.slug in {"", mine.opened_slug}:
        here["slug"] = was["slug"]
    parts = merge_fields(was, here, there)
    return Merged(mine, theirs, parts, frozenset(field for field in FIELDS if here[field] != there[field]))


def _texts(form: PostForm) -> dict[str, str]:
    texts = {field: str(getattr(form, field)) for field in FIELDS}
    texts["cover"] = f"{form.cover}\n{form.cover_alt}"
    texts["authors"] = ", ".join(form.usernames)
    texts["tags"] = ", ".join(form.tag_names)
    return texts


def _chosen(field: str, conflict: Conflict, choice: Choice) -> str:
    if choice == "both":
        return both(conflict, PROSE[field])
    return conflict.mine if choice == "mine" else conflict.theirs
