"""What the forms of sign-in, set-up and one's own account may say. Passwords are never given back to a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import name

from blog.auth.passwords import problem_with
from blog.content.slugs import LONGEST_SLUG, slugify
from blog.content.urls import clean_url
from blog.forms.fields import Errors, Fields
from blog.forms.site import zones
from blog.languages import gettext as _
from blog.languages import translated
from blog.languages.offered import OFFERED
from blog.models import User
from blog.models.site import LONGEST_TITLE
from blog.models.user import LONGEST_EMAIL, LONGEST_NAME

LONGEST_BIO = 2000
LONGEST_LINKS = 2000
MOST_LINKS = 8
LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
"""Alphabets of which letters look like those of another, as Unicode names them."""
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
class RegistrationForm:
    """Somebody who wants an account."""

    name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object], site: str) -> tuple["RegistrationForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            email=fields.text("email", longest=LONGEST_EMAIL, missing=_("Type your e-mail address.")),
            password=fields.secret("password", missing=_("Choose a password.")),
        )
        check_email(form.email, fields.errors)
        check_password(form.password, fields.errors, name=form.name, email=form.email, site=site)
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class SetupForm:
    """The first admin, the name of the publication and its language; without one, that which the site has."""

    site_title: str = ""
    language: str = ""
    name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["SetupForm", Errors]:
        fields = Fields(typed)
        form = cls(
            site_title=fields.text("site_title", longest=LONGEST_TITLE, missing=_("Give the publication a name.")),
            language=fields.option("language", ("", *OFFERED)),
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            email=fields.text("email", longest=LONGEST_EMAIL, missing=_("Type your e-mail address.")),
            password=fields.secret("password", missing=_("Choose a password.")),
        )
        check_email(form.email, fields.errors)
        check_password(form.password, fields.errors, name=form.name, email=form.email, site=form.site_title)
        return form, fields.errors


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """What a person says of themselves."""

    name: str = ""
    bio: str = ""
    links: tuple[str, ...] = ()
    username: str = ""
    language: str = ""
    timezone: str = ""

    @classmethod
    def of(cls, user: User) -> "ProfileForm":
        return cls(user.name, user.bio, tuple(user.links), user.username, user.language, user.timezone)

    @classmethod
    def parse(cls, typed: Mapping[str, object], user: User) -> tuple["ProfileForm", Errors]:
        """Read the form; a username, language or time zone that did not come stays as it is."""
        fields = Fields({name: getattr(user, name) for name in ("username", "language", "timezone")} | dict(typed))
        form = cls(
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Type your name, as readers will see it.")),
            bio=fields.prose("bio", longest=LONGEST_BIO),
            links=tuple(fields.prose("links", longest=LONGEST_LINKS).split()),
            username=fields.text("username", longest=LONGEST_SLUG, missing=_("Choose a username.")),
            language=fields.option("language", ("", *translated())),
            timezone=fields.option("timezone", ("", *zones())),
        )
        if form.username and form.username != user.username and (problem := _problem_with_username(form.username)):
            fields.errors.setdefault("username", problem)
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
    def parse(
        cls, typed: Mapping[str, object], user: User, site: str = "", *, has_one: bool = True
    ) -> tuple["PasswordForm", Errors]:
        """Read the form of somebody who has a password, or has none yet; `site` is what the publication is called."""
        fields = Fields(typed)
        form = cls(
            current=fields.secret("current_password", missing=_("Type the password you have now.")) if has_one else "",
            new=fields.secret("password", missing=_("Choose a new password.")),
        )
        check_password(form.new, fields.errors, name=user.name, email=user.email or "", site=site)
        return form, fields.errors


def _problem_with_username(username: str) -> str:
    """Say why a username cannot be chosen: it must be its own address, and not look like another's."""
    if slugify(username) != username:
        return _("A username has small letters, digits and hyphens, as in mei-lin.")
    scripts = {name(letter, "").split(" ")[0] for letter in username} & LOOK_ALIKE
    if len(scripts) > 1:
        return _("The letters of a username are of one alphabet: those of another may look the same.")
    return ""


def check_email(address: str, errors: Errors) -> None:
    """Note an error when this cannot be an e-mail address."""
    if address and not _EMAIL.fullmatch(address):
        errors.setdefault("email", _("An e-mail address looks like name@example.org."))


def check_password(password: str, errors: Errors, *, name: str, email: str, site: str = "") -> None:
    """Note an error when this cannot be a password here."""
    if password and (problem := problem_with(password, name=name, email=email, site=site)):
        errors.setdefault("password", problem)
