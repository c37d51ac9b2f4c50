"""What the forms of invitations, new passwords and new addresses may say. Passwords are never given back to a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from blog.forms.account import check_email, check_password
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import Role, User
from blog.models.user import LONGEST_EMAIL, LONGEST_NAME


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """Whom to invite, and as what."""

    email: str = ""
    role: Role = Role.AUTHOR

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["InvitationForm", Errors]:
        fields = Fields(typed)
        email = fields.text(
            "email", longest=LONGEST_EMAIL, missing=_("Type the e-mail address of the person you invite.")
        )
        form = cls(email, fields.choice("role", Role) or Role.AUTHOR)
        check_email(email, fields.errors)
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class JoinForm:
    """What somebody who was invited says of themselves; address and role stand in the invitation."""

    name: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object], email: str, site: str) -> tuple["JoinForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            password=fields.secret("password", missing=_("Choose a password.")),
        )
        check_password(form.password, fields.errors, name=form.name, email=email, site=site)
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class AddressForm:
    """An e-mail address, and the password of who wants to have it where that is asked for."""

    email: str = ""
    current: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["AddressForm", Errors]:
        fields = Fields(typed)
        form = cls(email=fields.text("email", longest=LONGEST_EMAIL, missing=_("Type an e-mail address.")))
        check_email(form.email, fields.errors)
        return form, fields.errors

    @classmethod
    def parse_with_password(cls, typed: Mapping[str, object]) -> tuple["AddressForm", Errors]:
        form, errors = cls.parse(typed)
        fields = Fields(typed)
        current = fields.secret("current_password", missing=_("Type the password you have now."))
        return cls(form.email, current), errors | fields.errors


def parse_new_password(typed: Mapping[str, object], person: User, site: str) -> tuple[str, Errors]:
    """Read a new password for somebody; `site` is what the publication is called."""
    fields = Fields(typed)
    password = fields.secret("password", missing=_("Choose a new password."))
    check_password(password, fields.errors, name=person.name, email=person.email or "", site=site)
    return password, fields.errors
