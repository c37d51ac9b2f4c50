"""What is counted in memory and written down now and then: followed redirects, and who was here when."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, or_, update

from blog.database import Sessions, begin_write
from blog.models import Redirect, User

MOST_KNOWN = 10_000
"""Redirects and people that are counted before something is left out; nobody fills the memory with guesses."""


class Tally:
    """The counts of one process since it last wrote them down."""

    def __init__(self) -> None:
        self.hits: Counter[int] = Counter()
        self.seen: dict[int, datetime] = {}
        self._hit_at: datetime | None = None

    def hit(self, redirect_id: int, now: datetime) -> None:
        """Count that somebody followed a redirect."""
        if redirect_id in self.hits or len(self.hits) < MOST_KNOWN:
            self.hits[redirect_id] += 1
            self._hit_at = now

    def see(self, user_id: int, now: datetime) -> None:
        """Note that a person is here."""
        if user_id in self.seen or len(self.seen) < MOST_KNOWN:
            self.seen[user_id] = now

    async def write_down(self, sessions: Sessions) -> None:
        """Add what was counted to the rows; what cannot be written is counted again.

        Rows are locked in the order of their ids and of one table at a time, so that nobody waits in a circle.
        """
        hits, seen, at = self.hits, self.seen, self._hit_at
        self.hits, self.seen = Counter(), {}
        try:
            if hits:
                rows = [{"its_id": row, "more": more, "at": at} for row, more in sorted(hits.items())]
                await _written(sessions, _HIT, rows)
                hits = Counter()
            if seen:
                await _written(sessions, _SEEN, [{"its_id": row, "at": then} for row, then in sorted(seen.items())])
                seen = {}
        finally:
            self.hits.update(hits)
            self.seen = seen | self.seen


async def _written(sessions: Sessions, statement: Update, rows: list[dict[str, Any]]) -> None:
    async with sessions() as db:
        await begin_write(db)
        await (await db.connection()).execute(statement, rows)
        await db.commit()


_HIT = (
    update(Redirect)
    .where(Redirect.id == bindparam("its_id"))
    .values(hits=Redirect.hits + bindparam("more"), last_hit_at=bindparam("at"))
)
_AT = bindparam("at", type_=User.last_seen_at.type)
_SEEN = (
    update(User)
    .where(User.id == bindparam("its_id"), or_(User.last_seen_at.is_(None), User.last_seen_at < _AT))
    .values(last_seen_at=_AT)
)
