"""What may be said of a tag, and which tags are to become one."""

from collections.abc import Mapping
from dataclasses import dataclass

from blog.content.slugs import is_slug, tag_key
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import Tag
from blog.models.tag import LONGEST_TAG

LONGEST_DESCRIPTION = 2000
MOST_MERGED = 100


@dataclass(frozen=True, slots=True)
class TagForm:
    """A tag as it was typed."""

    name: str = ""
    slug: str = ""
    description: str = ""

    @classmethod
    def of(cls, tag: Tag) -> "TagForm":
        return cls(name=tag.name, slug=tag.slug, description=tag.description)

    @classmethod
    def parse(cls, typed: Mapping[str, object], tag: Tag) -> tuple["TagForm", Errors]:
        """Read the form of a tag; without an address it keeps the one it has."""
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_TAG, missing=_("Give the tag a name.")),
            slug=fields.text("slug", longest=80) or tag.slug,
            description=fields.prose("description", longest=LONGEST_DESCRIPTION),
        )
        if form.name and not is_tag(form.name):
            fields.errors.setdefault("name", _("A tag is a word or a few, without a comma."))
        if form.slug != tag.slug and not is_slug(form.slug):
            fields.errors.setdefault(
                "slug",
                _("An address has letters, digits, hyphens, dots and underscores, and does not end like a file."),
            )
        return form, fields.errors


def parse_tag_name(typed: Mapping[str, object], name: str) -> tuple[str, Errors]:
    """Read the name of one tag from the field `name`."""
    fields = Fields(typed)
    tag = fields.text(name, longest=LONGEST_TAG, missing=_("Name the tag."))
    if tag and not is_tag(tag):
        fields.errors.setdefault(name, _("A tag is a word or a few, without a comma."))
    return tag, fields.errors


def is_tag(name: str) -> bool:
    """Tell whether this can be the name of a tag."""
    return "," not in name and tag_key(name) != ""
