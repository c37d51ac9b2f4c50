"""What the forms of sign-in, set-up and one's own account may say. Passwords are never given back to a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from blog.auth.passwords import problem_with
from blog.content.urls import clean_url
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import User
from blog.models.site import LONGEST_TITLE
from blog.models.user import LONGEST_EMAIL, LONGEST_NAME

LONGEST_BIO = 2000
LONGEST_LINKS = 2000
MOST_LINKS = 8
# As much as can be said without sending a mail (WHATWG HTML, valid e-mail address, plus a dot in the domain's place).
_EMAIL = re.compile(r"[^\s@,;<>()\"\\]{1,64}@[^\s@,;<>()\"\\.]+(\.[^\s@,;<>()\"\\.]+)*")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """Who wants to come in."""

    email: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["SignInForm", Errors]:
        fields = Fields(typed)
        form = cls(
            email=fields.text("email", longest=LONGEST_EMAIL, missing=_("Type your e-mail address.")),
            password=fields.secret("password", missing=_("Type your password.")),
        )
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class SetupForm:
    """The first admin and the name of the publication."""

    site_title: str = ""
    name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["SetupForm", Errors]:
        fields = Fields(typed)
        form = cls(
            site_title=fields.text("site_title", longest=LONGEST_TITLE, missing=_("Give the publication a name.")),
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            email=fields.text("email", longest=LONGEST_EMAIL, missing=_("Type your e-mail address.")),
            password=fields.secret("password", missing=_("Choose a password.")),
        )
        check_email(form.email, fields.errors)
        check_password(form.password, fields.errors, name=form.name, email=form.email)
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """What a person says of themselves."""

    name: str = ""
    bio: str = ""
    links: tuple[str, ...] = ()

    @classmethod
    def of(cls, user: User) -> "ProfileForm":
        return cls(name=user.name, bio=user.bio, links=tuple(user.links))

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["ProfileForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            bio=fields.prose("bio", longest=LONGEST_BIO),
            links=tuple(fields.prose("links", longest=LONGEST_LINKS).split()),
        )
        if len(form.links) > MOST_LINKS:
            fields.errors.setdefault("links", _("At most %(most)s links fit here.") % {"most": MOST_LINKS})
        for link in form.links:
            if not link.startswith(("https://", "http://")) or clean_url(link) is None:
                fields.errors.setdefault("links", _("%(link)s is not the address of a page.") % {"link": link[:80]})
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class PasswordForm:
    """A change of one's own password."""

    current: str = field(default="", repr=False)
    new: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object], user: User) -> tuple["PasswordForm", Errors]:
        fields = Fields(typed)
        form = cls(
            current=fields.secret("current_password", missing=_("Type the password you have now.")),
            new=fields.secret("password", missing=_("Choose a new password.")),
        )
        check_password(form.new, fields.errors, name=user.name, email=user.email or "")
        return form, fields.errors


def check_email(address: str, errors: Errors) -> None:
    """Note an error when this cannot be an e-mail address."""
    if address and not _EMAIL.fullmatch(address):
        errors.setdefault("email", _("An e-mail address looks like name@example.org."))


def check_password(password: str, errors: Errors, *, name: str, email: str) -> None:
    """Note an error when this cannot be a password here."""
    if password and (problem := problem_with(password, name=name, email=email)):
        errors.setdefault("password", problem)
