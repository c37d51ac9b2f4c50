"""Whether the events are as they were written."""

from datetime import datetime

from blog.checks.finding import Finding
from blog.database import Sessions
from blog.languages import mark
from blog.queries import chain
from blog.queries.chain import Break, Flaw, Progress, Verdict

EVENTS = mark("Events")
WORDS = {
    Flaw.ALTERED: mark("Event %(first)s is not what was recorded: it was altered, or the one before it was exchanged."),
    Flaw.MISSING: mark("The events from %(first)s to %(last)s were removed."),
    Flaw.ADDED: mark("The events from %(first)s to %(last)s were put in past the blog."),
    Flaw.ADDRESS: mark("The address of event %(first)s was changed, or removed before its time."),
    Flaw.HEAD: mark("The row that says which event is the last is gone or was changed."),
    Flaw.NOTED: mark("Event %(first)s does not have the hash that was noted."),
}
ONE_MISSING = mark("Event %(first)s was removed.")
ONE_ADDED = mark("Event %(first)s was put in past the blog.")
MORE = mark("%(others)s more places of events are not as they were recorded.")
ALL = mark("All events are as they were recorded; the last is %(number)s:%(hash)s.")
LAST = mark(
    "The last %(last)s events are as they were recorded. “Check the log” follows all of them, and “blog check” too."
)
MEND = mark("Somebody wrote to the database past the blog: find out who can, and compare with a backup from before.")


async def events(
    sessions: Sessions,
    now: datetime,
    *,
    only_last: int | None = None,
    noted: tuple[int, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> list[Finding]:
    """Follow the chain of events, or only its end; give a finding for each place where it is not whole."""
    async with sessions() as db:
        verdict = await chain.verify(db, now, only_last=only_last, noted=noted, progress=progress)
    return findings_of(verdict) or [Finding(EVENTS, ALL if only_last is None else LAST, values={
        "number": verdict.number, "hash": verdict.hash, "last": min(verdict.number, only_last or 0),
    })]  # fmt: skip


def findings_of(verdict: Verdict) -> list[Finding]:
    """Give a finding for each place where a chain is not whole."""
    findings = [_broken(one) for one in verdict.breaks]
    if verdict.more:
        findings.append(Finding(EVENTS, MORE, MEND, {"others": verdict.more}))
    return findings


def _broken(one: Break) -> Finding:
    words = WORDS[one.flaw]
    if one.first == one.last:
        words = {Flaw.MISSING: ONE_MISSING, Flaw.ADDED: ONE_ADDED}.get(one.flaw, words)
    return Finding(EVENTS, words, MEND, {"first": one.first, "last": one.last})
