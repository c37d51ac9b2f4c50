"""Posting a letter: a row in the outbox, written in the transaction of what the letter tells.

Nothing is sent in a request. What was rolled back is never mailed, and what was committed is, after a restart too.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import Sessions
from blog.mail.letters import compose
from blog.models import Mail
from blog.models.mail import GIVEN_UP_AFTER
from blog.queries import site as sites
from blog.settings import Settings
from blog.smtp import SmtpServer, parse_smtp_url
from blog.web.state import Clock

_OFFICE = "post office"


@dataclass(slots=True, eq=False)
class Office:
    """What posting and sending need of this process; there is none where mail is not set up."""

    settings: Settings
    clock: Clock
    server: SmtpServer
    posted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something was posted, so that it need not wait until the sender looks again."""
    is_closing: bool = False


def open_office(settings: Settings, sessions: Sessions, clock: Clock) -> Office | None:
    """Let the sessions of this process post mail, if there is a server that takes it."""
    if not settings.smtp_url:
        return None
    office = Office(settings, clock, parse_smtp_url(settings.smtp_url))
    sessions.configure(info={_OFFICE: office})
    return office


async def post_mail(
    db: AsyncSession,
    *,
    to: str,
    template: str,
    language: str = "",
    lasts: timedelta = GIVEN_UP_AFTER,
    unsubscribe: str = "",
    **context: object,
) -> bool:
    """Put a letter into the outbox, in the caller's transaction; False where mail is not set up.

    `template` names `templates/mail/NAME.txt` and `.html`, which are given `context`; `lasts` is for how long it is of
    any use. The caller then shows links to whoever may pass them on.
    """
    office: Office | None = db.info.get(_OFFICE)
    if office is None:
        return False
    site = await sites.current(db)
    letter = compose(template, site, language or site.language, base_url=office.settings.base_url, **context)
    mail = _mail(to, template, office.clock(), lasts)
    mail.subject, mail.text, mail.html, mail.unsubscribe = letter.subject, letter.text, letter.html, unsubscribe
    _post(db, office, mail)
    return True


def post_for_later(db: AsyncSession, *, to: str, template: str, lasts: timedelta) -> None:
    """Put a letter into the outbox that the sender writes itself when its turn comes (`blog/mail/resets.py`)."""
    office: Office | None = db.info.get(_OFFICE)
    if office is not None:
        _post(db, office, _mail(to, template, office.clock(), lasts))


def _mail(to: str, template: str, now: datetime, lasts: timedelta) -> Mail:
    expires_at = now + min(lasts, GIVEN_UP_AFTER)
    return Mail(address=to, template=template, created_at=now, next_try_at=now, expires_at=expires_at)


def _post(db: AsyncSession, office: Office, mail: Mail) -> None:
    db.add(mail)
    event.listen(db.sync_session, "after_commit", lambda _: office.posted.set(), once=True)
