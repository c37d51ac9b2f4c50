"""What the admin's forms about people may say."""

from collections.abc import Mapping

from blog.forms.fields import Errors, Fields
from blog.models import Role


def parse_role(typed: Mapping[str, object]) -> tuple[Role | None, Errors]:
    """Read a role."""
    fields = Fields(typed)
    return fields.choice("role", Role), fields.errors


def parse_heir(typed: Mapping[str, object]) -> tuple[str, Errors]:
    """Read who gets what a deleted person leaves; nobody is a choice."""
    fields = Fields(typed)
    return fields.text("heir", longest=80), fields.errors
