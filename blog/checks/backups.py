"""When everything was last put aside, and whether that was ever tried out. Nothing is wrong with a site without that, as
long as somebody else keeps copies of it; so this only says what would be wise.
"""

from datetime import datetime, timedelta

from blog.checks.finding import Finding
from blog.database import Sessions
from blog.languages import mark
from blog.queries import backups

MADE_WITHIN, PROVEN_WITHIN = timedelta(days=8), timedelta(days=92)
"""A backup a week and a proof in three months, and a little time to be late."""
BACKUPS = mark("Backups")
NEVER = mark("“blog backup” never made one.")
MADE = mark("One was made last on %(made)s; none was ever proven.")
PROVEN = mark("One was proven last on %(proven)s; none was made here.")
BOTH = mark("One was made last on %(made)s and proven last on %(proven)s.")
MAKE = mark("Unless something else keeps copies of database and uploads, run: blog backup FILE")
PROVE = mark("To see whether one can be restored, run: blog backup --prove FILE")


async def last(sessions: Sessions, now: datetime) -> Finding:
    """Tell when a backup was made and proven last, and what to do when that is long ago."""
    async with sessions() as db:
        found = await backups.last(db)
    words = {(False, False): NEVER, (True, False): MADE, (False, True): PROVEN, (True, True): BOTH}
    values = {"made": _day(found.made_at), "proven": _day(found.proven_at)}
    hint = ""
    if found.made_at is None or now - found.made_at > MADE_WITHIN:
        hint = MAKE
    elif found.proven_at is None or now - found.proven_at > PROVEN_WITHIN:
        hint = PROVE
    return Finding(BACKUPS, words[found.made_at is not None, found.proven_at is not None], hint=hint, values=values)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
