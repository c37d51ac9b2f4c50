"""When things happened, as WordPress writes it: the site's own time, and mostly the same in Greenwich's."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

from blog.models.post import FIRST_YEAR, LAST_YEAR

FARTHEST = timedelta(hours=15)
"""No zone is farther from Greenwich; a greater difference is a mistake."""


def read_moment(text: str) -> datetime | None:
    """Read `2010-07-26 02:40:01`, without a zone; None for `0000-00-00 00:00:00` and whatever is no date."""
    try:
        moment = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment.year < LAST_YEAR else None


class Clock:
    """Knows how far the site's time was from Greenwich's in each month, from all items that tell both."""

    def __init__(self) -> None:
        self.months: dict[tuple[int, int], Counter[timedelta]] = {}
        self.ever: Counter[timedelta] = Counter()

    def learn(self, local: str, greenwich: str) -> None:
        """Note what one item says."""
        here, there = read_moment(local), read_moment(greenwich)
        if here and there and abs(here - there) < FARTHEST:
            self.months.setdefault((here.year, here.month), Counter())[here - there] += 1
            self.ever[here - there] += 1

    def moment(self, local: str, greenwich: str) -> datetime | None:
        """Give the moment of an item: Greenwich's time where it is told, else the site's by its zone in that month."""
        if there := read_moment(greenwich):
            return there.replace(tzinfo=UTC)
        here = read_moment(local)
        if here is None:
            return None
        seen = self.months.get((here.year, here.month)) or self.ever
        offset = seen.most_common(1)[0][0] if seen else timedelta()
        return here.replace(tzinfo=timezone(offset)).astimezone(UTC)
