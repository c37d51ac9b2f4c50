"""What the forms of second factors may say. Codes are never given back to a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from blog.auth.passkeys import LONGEST_ANSWER
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models.factor import LONGEST_PASSKEY_NAME

LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class SecondStepForm:
    """A code of an app, a recovery code, or what a passkey answered: whichever was given."""

    code: str = field(default="", repr=False)
    recovery_code: str = field(default="", repr=False)
    passkey: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["SecondStepForm", Errors]:
        fields = Fields(typed)
        form = cls(
            code=fields.text("code", longest=LONGEST_CODE),
            recovery_code=fields.text("recovery_code", longest=LONGEST_CODE),
            passkey=fields.text("passkey", longest=LONGEST_ANSWER),
        )
        if not (form.code or form.recovery_code or form.passkey):
            which = "recovery_code" if "recovery_code" in typed else "code"
            fields.errors.setdefault(which, _("Type the code."))
        return form, fields.errors


def parse_code(typed: Mapping[str, object]) -> tuple[str, Errors]:
    """Read the code that confirms an app."""
    fields = Fields(typed)
    return fields.text("code", longest=LONGEST_CODE, missing=_("Type the code.")), fields.errors


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    """A passkey that was made, and what its owner calls it."""

    name: str = ""
    passkey: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["PasskeyForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_PASSKEY_NAME, missing=_("Give the passkey a name.")),
            passkey=fields.text("passkey", longest=LONGEST_ANSWER),
        )
        return form, fields.errors
