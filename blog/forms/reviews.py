"""What may be said of a text before it is published: comments, the note of a review, a guest's word."""

from collections.abc import Mapping
from dataclasses import dataclass

from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models.comment import LONGEST_COMMENT
from blog.models.share import LIFETIMES
from blog.models.user import LONGEST_NAME

LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class CommentForm:
    """A comment as it was typed: on a paragraph, given by its number and its key, or an answer, or on the whole.

    `is_for_guest` is whether the guest whom it answers may read it; unless that is said it stays at the desk.
    """

    text: str = ""
    paragraph: int = 0
    key: str = ""
    answers: int = 0
    is_for_guest: bool = False

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["CommentForm", Errors]:
        fields = Fields(typed)
        form = cls(
            text=fields.prose("text", longest=LONGEST_COMMENT).strip(),
            paragraph=fields.number("paragraph"),
            key=fields.text("key", longest=64),
            answers=fields.number("answers"),
            is_for_guest=typed.get("to") == "guest",
        )
        if not form.text:
            fields.errors.setdefault("text", _("Write what you want to say."))
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class GuestForm:
    """What somebody without an account says: their name, and a comment or nothing more than that."""

    name: str = ""
    text: str = ""
    paragraph: int = 0
    answers: int = 0

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["GuestForm", Errors]:
        """Read a comment."""
        form, errors = cls.parse_name(typed)
        fields = Fields(typed)
        text = fields.prose("text", longest=LONGEST_COMMENT).strip()
        if not text:
            fields.errors.setdefault("text", _("Write what you want to say."))
        place = {name: fields.number(name) for name in ("paragraph", "answers")}
        return cls(name=form.name, text=text, **place), errors | fields.errors

    @classmethod
    def parse_name(cls, typed: Mapping[str, object]) -> tuple["GuestForm", Errors]:
        """Read who approves."""
        fields = Fields(typed)
        name = fields.text("name", longest=LONGEST_NAME, missing=_("Tell us your name."))
        return cls(name=name), fields.errors


def parse_note(typed: Mapping[str, object]) -> tuple[str, Errors]:
    """Read the note with which a post is returned."""
    fields = Fields(typed)
    note = fields.prose("note", longest=LONGEST_NOTE).strip()
    if not note:
        fields.errors.setdefault("note", _("Say what should be different; the authors read it above the editor."))
    return note, fields.errors


def parse_days(typed: Mapping[str, object]) -> tuple[int, Errors]:
    """Read for how many days a link is to open the draft."""
    fields = Fields(typed)
    chosen = fields.option("days", [str(days) for days in LIFETIMES])
    return 0 if fields.errors else int(chosen), fields.errors
