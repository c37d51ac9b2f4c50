"""What the lists of an archive tell, checked: people, tags, redirects, files and settings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from blog.content.hops import clean_target
from blog.content.slugs import tag_key
from blog.content.urls import clean_url
from blog.languages import translated
from blog.languages.offered import OFFERED
from blog.models import Opening, Role, UserStatus, Visibility
from blog.models.media import LONGEST_ALT, MIDDLE
from blog.models.redirect import CODES, GONE, LONGEST_TARGET
from blog.models.site import LONGEST_TITLE, MOST_PER_PAGE, POSTS_PER_PAGE
from blog.models.tag import LONGEST_TAG
from blog.models.user import LONGEST_EMAIL, LONGEST_NAME
from blog.transfer.archive.facts import MEDIA_NAME, Facts, Unfit

LONGEST_TEXT = 5000
LONGEST_LINE = 255
LONGEST_LINK = 500
MOST_LINKS = 50
MOST_PERCENT = 100
_EMAIL = re.compile(r"[^\s@,;<>()\"\\]{1,64}@[^\s@,;<>()\"\\]+")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class ToldPerson:
    username: str
    name: str
    email: str
    role: Role
    status: UserStatus
    bio: str
    links: Sequence[str]
    picture: str
    language: str
    timezone: str
    wants_mail: bool
    created_at: datetime | None
    aliases: Sequence[str]


@dataclass(frozen=True, slots=True)
class ToldTag:
    name: str
    slug: str
    description: str
    former_names: Sequence[str]
    aliases: Sequence[str]


@dataclass(frozen=True, slots=True)
class ToldRedirect:
    path: str
    target: str
    code: int


@dataclass(frozen=True, slots=True)
class ToldMedia:
    name: str
    original_name: str
    alt: str
    focus_x: int
    focus_y: int
    uploaded_by: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldSite:
    title: str
    tagline: str
    description: str
    language: str
    timezone: str
    accent: str
    logo: str
    icon: str
    posts_per_page: int
    navigation: Sequence[tuple[str, str]]
    footer: str
    registration: Opening
    new_visibility: Visibility
    second_factor_roles: Sequence[Role]


def person(facts: Facts) -> ToldPerson:
    """Read a person. There is no password in an archive, and nothing in it could be one."""
    email = facts.exactly("email", longest=LONGEST_EMAIL)
    if email and not _EMAIL.fullmatch(email):
        raise Unfit(f"“{email[:80]}” is no e-mail address.")
    language = facts.text("language", longest=35)
    return ToldPerson(
        username=facts.slug("username"),
        name=facts.text("name", longest=LONGEST_NAME, needed=True),
        email=email,
        role=facts.choice("role", Role, Role.AUTHOR),
        status=facts.choice("status", UserStatus, UserStatus.ACTIVE),
        bio=facts.text("bio", longest=LONGEST_TEXT),
        links=[link for link in facts.texts("links", longest=LONGEST_LINK) if _is_page(link)][:MOST_LINKS],
        picture=facts.media("picture"),
        language=language if language in translated() else "",
        timezone=_zone(facts),
        wants_mail=not facts.flag("no_mail"),
        created_at=facts.moment("created"),
        aliases=facts.paths("aliases"),
    )


def tag(facts: Facts) -> ToldTag:
    name = facts.text("name", longest=LONGEST_TAG, needed=True)
    if not tag_key(name):
        raise Unfit(f"“{name}” cannot be a tag.")
    return ToldTag(
        name=name,
        slug=facts.slug("slug"),
        description=facts.text("description", longest=LONGEST_TEXT),
        former_names=[key for one in facts.texts("former_names", longest=LONGEST_TAG * 3) if (key := tag_key(one))],
        aliases=facts.paths("aliases"),
    )


def redirect(facts: Facts) -> ToldRedirect:
    path, target = facts.path("from"), facts.text("to", longest=LONGEST_TARGET)
    code = 0 if facts.flag("gone") else facts.whole("code", least=0, most=999, otherwise=CODES[0])
    leads = bool(target)
    if code not in (0, *CODES) or leads != (code not in (0, GONE)) or (leads and clean_target(target) != target):
        raise Unfit(f"It is not clear where “{path[:120]}” leads.")
    return ToldRedirect(path, target, code)


def media(facts: Facts) -> ToldMedia:
    name = facts.text("file", longest=80, needed=True)
    if not MEDIA_NAME.fullmatch(name):
        raise Unfit(f"“{name}” is not the name of a file of an archive.")
    return ToldMedia(
        name=name,
        original_name=facts.text("original_name", longest=255) or name,
        alt=facts.text("alt", longest=LONGEST_ALT),
        focus_x=facts.whole("focus_x", least=0, most=MOST_PERCENT, otherwise=MIDDLE),
        focus_y=facts.whole("focus_y", least=0, most=MOST_PERCENT, otherwise=MIDDLE),
        uploaded_by=facts.text("uploaded_by", longest=80),
        created_at=facts.moment("created"),
    )


def site(facts: Facts) -> ToldSite:
    accent, language = facts.text("accent", longest=7), facts.text("language", longest=35)
    links = [
        (one.text("label", longest=LONGEST_LINE, needed=True), one.text("address", longest=LONGEST_LINK, needed=True))
        for one in facts.records("navigation")
    ]
    if bad := next((address for _, address in links if not _leads_somewhere(address)), None):
        raise Unfit(f"“{bad}” among “navigation” is no address.")
    if language not in OFFERED:
        raise Unfit(f"“{language}” is not a language that is known here.")
    if accent and not _COLOUR.fullmatch(accent):
        raise Unfit(f"“{accent}” is no colour such as #8a2c18.")
    return ToldSite(
        title=facts.text("title", longest=LONGEST_TITLE, needed=True),
        tagline=facts.text("tagline", longest=LONGEST_LINE),
        description=facts.text("description", longest=LONGEST_TEXT),
        language=language,
        timezone=_zone(facts) or "UTC",
        accent=accent,
        logo=facts.media("logo"),
        icon=facts.media("icon"),
        posts_per_page=facts.whole("posts_per_page", least=1, most=MOST_PER_PAGE, otherwise=POSTS_PER_PAGE),
        navigation=links[:MOST_LINKS],
        footer=facts.text("footer", longest=LONGEST_TEXT),
        registration=facts.choice("registration", Opening, Opening.CLOSED),
        new_visibility=facts.choice("new_visibility", Visibility, Visibility.PUBLIC),
        second_factor_roles=[Role(one) for one in facts.texts("second_factor_roles", longest=20) if one in {*Role}],
    )


def _zone(facts: Facts) -> str:
    name = facts.text("timezone", longest=64)
    try:
        return name and ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        raise Unfit(f"“{name}” is not a time zone that is known here.") from error


def _is_page(link: str) -> bool:
    return link.startswith(("https://", "http://")) and clean_url(link) is not None


def _leads_somewhere(address: str) -> bool:
    if not address.startswith(("/", "https://", "http://", "mailto:")) or address.startswith("//"):
        return False
    return clean_url(address) is not None
