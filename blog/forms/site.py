"""What an admin may say of the publication as a whole."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from blog.content.urls import clean_url
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.languages.offered import OFFERED
from blog.models import Opening, Role, Site, Visibility
from blog.models.site import LONGEST_TITLE, MOST_PER_PAGE, POSTS_PER_PAGE

LONGEST_TAGLINE = 255
LONGEST_DESCRIPTION = 500
LONGEST_FOOTER = 5000
LONGEST_LABEL = 40
LONGEST_ADDRESS = 500
MOST_LINKS = 12
SPARE_LINKS = 3
KEPT = (
    "title", "tagline", "description", "language", "timezone", "accent", "posts_per_page", "footer", "registration",
    "new_visibility",
)  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@lru_cache
def zones() -> tuple[str, ...]:
    """List the time zones to choose from."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return ("UTC", *places)


@dataclass(frozen=True, slots=True)
class SiteForm:
    """The publication's settings as they were typed. Each link of the navigation is its label and its address."""

    title: str = ""
    tagline: str = ""
    language: str = "en"
    timezone: str = "UTC"
    accent: str = ""
    navigation: tuple[tuple[str, str], ...] = ()
    description: str = ""
    posts_per_page: str = str(POSTS_PER_PAGE)
    footer: str = ""
    registration: Opening = Opening.CLOSED
    new_visibility: Visibility = Visibility.PUBLIC
    second_factor_roles: tuple[str, ...] = ()

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """The navigation with a few empty places for more."""
        return (*self.navigation, *[("", "")] * min(SPARE_LINKS, MOST_LINKS - len(self.navigation)))

    @classmethod
    def of(cls, site: Site) -> "SiteForm":
        """Fill the form with the settings as they are."""
        return cls(
            title=site.title,
            tagline=site.tagline,
            language=site.language,
            timezone=site.timezone,
            accent=site.accent,
            navigation=tuple((label, address) for label, address in site.navigation),
            description=site.description,
            posts_per_page=str(site.posts_per_page),
            footer=site.footer,
            registration=site.registration,
            new_visibility=site.new_visibility,
            second_factor_roles=tuple(site.second_factor_roles),
        )

    def unlike(self, before: "SiteForm") -> list[str]:
        """Name the settings that were other ones before."""
        return [one.name for one in dataclasses.fields(self) if getattr(self, one.name) != getattr(before, one.name)]

    def apply(self, site: Site) -> None:
        """Put what was typed into the row; the HTML of the footer is for the caller."""
        site.title, site.tagline, site.description = self.title, self.tagline, self.description
        site.language, site.timezone, site.accent = self.language, self.timezone, self.accent
        site.navigation = [list(link) for link in self.navigation]
        site.posts_per_page, site.footer = int(self.posts_per_page), self.footer
        site.registration, site.new_visibility = self.registration, self.new_visibility
        site.second_factor_roles = list(self.second_factor_roles)

    @classmethod
    def parse(cls, typed: Mapping[str, object], before: "SiteForm") -> tuple["SiteForm", Errors]:
        """Read the form; links without label and address are left out, and a field that did not come stays as it was."""
        fields = Fields({name: getattr(before, name) for name in KEPT} | dict(typed))
        links = [
            (
                fields.text(f"label_{number}", longest=LONGEST_LABEL),
                fields.text(f"address_{number}", longest=LONGEST_ADDRESS),
            )
            for number in range(1, MOST_LINKS + 1)
        ]
        form = cls(
            title=fields.text("title", longest=LONGEST_TITLE, missing=_("Give the publication a name.")),
            tagline=fields.text("tagline", longest=LONGEST_TAGLINE),
            language=fields.option("language", [*OFFERED]),
            timezone=fields.option("timezone", zones()),
            accent=fields.text("accent", longest=7).lower(),
            navigation=_ordered(links, [fields.number(f"place_{number}") for number in range(1, MOST_LINKS + 1)])
            if "label_1" in typed
            else before.navigation,
            description=fields.text("description", longest=LONGEST_DESCRIPTION),
            posts_per_page=fields.whole("posts_per_page", least=1, most=MOST_PER_PAGE),
            footer=fields.prose("footer", longest=LONGEST_FOOTER),
            registration=fields.choice("registration", Opening) or before.registration,
            new_visibility=fields.choice("new_visibility", Visibility) or before.new_visibility,
            second_factor_roles=tuple(role.value for role in Role if typed.get(f"second_factor_{role}"))
            if "second_factor" in typed
            else before.second_factor_roles,
        )
        for number, (label, address) in enumerate(form.navigation, 1):
            if not label:
                fields.errors.setdefault(f"label_{number}", _("Give this link a label."))
            if not _leads_somewhere(address):
                fields.errors.setdefault(
                    f"address_{number}", _("An address begins with / for this site, or with https://.")
                )
        if form.accent and not _COLOUR.fullmatch(form.accent):
            fields.errors.setdefault("accent", _("A colour looks like #8a2c18."))
        return form, fields.errors


def _ordered(links: list[tuple[str, str]], places: list[int]) -> tuple[tuple[str, str], ...]:
    """Put links into the places that were typed beside them; one that moves goes before or after who is there now."""
    moved = [
        (place or number, (place or number) > number, (place or number) == number, number, link)
        for number, (place, link) in enumerate(zip(places, links, strict=True), 1)
        if any(link)
    ]
    return tuple(link for _place, _down, _stays, _number, link in sorted(moved))


def _leads_somewhere(address: str) -> bool:
    if not address.startswith(("/", "https://", "http://", "mailto:")) or address.startswith("//"):
        return False
    return clean_url(address) is not None
