"""Which events are looked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from blog.forms.fields import Errors, Fields, day_begin
from blog.languages import gettext as _
from blog.models.user import LONGEST_NAME
from blog.queries.events import Wanted

NAMES = ("person", "action", "subject", "number", "since", "until")


@dataclass(frozen=True, slots=True)
class EventForm:
    """The filter as it was typed, and what it means."""

    typed: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def query(self) -> dict[str, object]:
        """What goes into addresses of the same list."""
        return {name: text for name, text in self.typed.items() if text}

    @classmethod
    def parse(
        cls, given: Mapping[str, object], zone: ZoneInfo, actions: tuple[str, ...], subjects: tuple[str, ...]
    ) -> tuple["EventForm", Errors]:
        """Read a filter; days are those of the site's clock, and the last one counts as a whole."""
        fields = Fields(given)
        typed = {name: fields.text(name, longest=LONGEST_NAME) for name in NAMES}
        if typed["number"] and not fields.number("number"):
            fields.errors.setdefault("number", _("Write a number, such as 17."))
        until = fields.day("until")
        wanted = Wanted(
            person=typed["person"],
            action=fields.option("action", ("", *actions)),
            subject=fields.option("subject", ("", *subjects)),
            subject_id=fields.number("number") or None,
            since=day_begin(fields.day("since"), zone),
            until=day_begin(until + timedelta(days=1) if until else None, zone),
        )
        return cls(typed, wanted), fields.errors
