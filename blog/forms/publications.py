"""When a post is to appear and to end, as it was typed on the clocks of the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import Post

LONGEST_TIME = 40


class Deed(StrEnum):
    """What publishing would do; the button says it, and what it said is compared with what was typed since."""

    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Times:
    """When a post appears (None: its own date if that has passed, else now) and when it ends (None: never).

    `names_end` tells whether the end was asked for at all; if not, the post keeps the one that it has.
    """

    at: datetime | None = None
    until: datetime | None = None
    names_end: bool = False

    def apply(self, post: Post) -> None:
        """Give the post its end, before it is published."""
        if self.names_end:
            post.end_at(self.until)

    def deed(self, post: Post, now: datetime) -> Deed:
        """Tell what publishing the post with these times does."""
        if self.at is not None and self.at > now:
            return Deed.SCHEDULE
        return Deed.UPDATE if post.is_live(now) else Deed.PUBLISH


def parse_times(
    typed: Mapping[str, object], zone: ZoneInfo, now: datetime, post: Post | None = None
) -> tuple[Times, Errors]:
    """Read when a post is to appear and to end.

    The fields know minutes. A time that was not changed stays what the post has, to the second. Emptied, a post that
    readers do not see appears now, whatever date it had.
    """
    fields = Fields(typed)
    at = _unchanged(fields.moment("published_at", zone), post.published_at if post else None)
    if typed.get("published_at") == "" and post is not None and not post.is_live(now):
        at = now
    until = _unchanged(fields.moment("expires_at", zone), post.expires_at if post else None)
    if until is not None and until <= now:
        sentence = _("This time has passed. To take the post down now, withdraw it; left empty, it never ends.")
        fields.errors.setdefault("expires_at", sentence)
    elif until is not None and at is not None and until <= at:
        fields.errors.setdefault("expires_at", _("The post would end before it appears."))
    return Times(at, until, "expires_at" in typed), fields.errors


def shown_times(post: Post | None, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """Give what the fields say of the times that a post has; what has ended is no plan any more."""
    ends = post is not None and not post.is_ended(now)
    moments = {
        "published_at": post.published_at if post else None,
        "expires_at": post.expires_at if post and ends else None,
    }
    return {name: f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else "" for name, at in moments.items()}


def unkept_times(typed: Mapping[str, object], post: Post | None, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """Give the fields of times that are not those of the post: saving its words does not keep them."""
    shown = shown_times(post, zone, now)
    given = {name: str(typed.get(name, shown[name]))[:LONGEST_TIME] for name in shown}
    if given == shown:
        return {}
    return given | {name: "1" for name in (f"{time}_fold" for time in shown) if typed.get(name) == "1"}


def comes_twice(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Give both moments, in UTC, at which the clocks of a zone show this one's time; None when there is only the one."""
    local = moment.astimezone(zone)
    # As times of the zone they would equal no moment of another, not even themselves (PEP 495).
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return (first, second) if first < second else None


def _unchanged(typed: datetime | None, stored: datetime | None) -> datetime | None:
    is_same = typed is not None and stored is not None and typed == stored.replace(second=0, microsecond=0)
    return stored if is_same else typed
