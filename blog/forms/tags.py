"""What may be said of a tag."""

from collections.abc import Mapping
from dataclasses import dataclass

from blog.content.slugs import tag_key
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import Tag
from blog.models.tag import LONGEST_TAG

LONGEST_DESCRIPTION = 2000


@dataclass(frozen=True, slots=True)
class TagForm:
    """A tag as it was typed."""

    name: str = ""
    description: str = ""

    @classmethod
    def of(cls, tag: Tag) -> "TagForm":
        return cls(name=tag.name, description=tag.description)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["TagForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_TAG, missing=_("Give the tag a name.")),
            description=fields.prose("description", longest=LONGEST_DESCRIPTION),
        )
        if "," in form.name or (form.name and not tag_key(form.name)):
            fields.errors.setdefault("name", _("A tag is a word or a few, without a comma."))
        return form, fields.errors
