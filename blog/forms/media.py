"""What may be said of a file."""

from collections.abc import Mapping
from dataclasses import dataclass

from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.models import Media
from blog.models.media import LONGEST_ALT, MIDDLE

LONGEST_NAME = 255
MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class MediaForm:
    """A file as it was described; the focal point as it was typed."""

    name: str = ""
    alt: str = ""
    focus_x: str = str(MIDDLE)
    focus_y: str = str(MIDDLE)

    @classmethod
    def of(cls, media: Media) -> "MediaForm":
        return cls(media.original_name, media.alt, str(media.focus_x), str(media.focus_y))

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["MediaForm", Errors]:
        fields = Fields(typed)
        form = cls(
            name=fields.text("name", longest=LONGEST_NAME, missing=_("Give the file a name.")),
            alt=fields.text("alt", longest=LONGEST_ALT),
            focus_x=fields.text("focus_x", longest=LONGEST_NAME) or str(MIDDLE),
            focus_y=fields.text("focus_y", longest=LONGEST_NAME) or str(MIDDLE),
        )
        for name in ("focus_x", "focus_y"):
            if _percent(getattr(form, name)) is None:
                fields.errors.setdefault(name, _("The focal point is a whole number from 0 to 100."))
        return form, fields.errors

    @property
    def focus(self) -> tuple[int, int]:
        return _percent(self.focus_x) or 0, _percent(self.focus_y) or 0


def clicked(typed: Mapping[str, object], width: int, height: int) -> tuple[int, int] | None:
    """Read where a picture that is shown in this size was clicked, in percent; None when it was not.

    Who presses a key on it instead sends 0 for both.
    """
    places = [str(typed.get(f"focus.{way}", "")) for way in "xy"]
    if not all(place.isascii() and place.isdigit() and len(place) < 6 for place in places) or places == ["0", "0"]:
        return None
    x, y = (round(int(place) * MOST_PERCENT / size) for place, size in zip(places, (width, height), strict=True))
    return min(x, MOST_PERCENT), min(y, MOST_PERCENT)


def _percent(text: str) -> int | None:
    fine = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PERCENT)) and int(text) <= MOST_PERCENT
    return int(text) if fine else None
