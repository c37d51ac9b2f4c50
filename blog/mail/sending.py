"""Sending what the outbox holds, beside the requests: part of the application's life.

Every process has a sender. A letter is taken row by row in a transaction of its own and held for some minutes, so two
senders never have the same one; should a process die over it, the hold ends and another tries again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any

from litestar import Litestar

from blog import languages
from blog.database import Sessions, begin_write
from blog.languages import gettext as _
from blog.mail.delivery import Away, NotTaken, Refused, deliver
from blog.mail.letters import Letter
from blog.mail.message import message_of, sender_of, with_plain_domain
from blog.mail.news import write_news
from blog.mail.office import Office
from blog.mail.resets import reset_letter
from blog.models import Mail
from blog.models.mail import KEPT_FOR
from blog.queries import mails
from blog.queries import site as sites

LOOK_SECONDS = 10.0
CLOSING_SECONDS = 2.5
TIDY_EVERY = timedelta(hours=1)

log = logging.getLogger("blog.mail")


def sending(office: Office | None, sessions: Sessions) -> Any:
    """Make the part of the application's life in which it sends mail; without a mail server it does nothing."""

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(_run(office, sessions)) if office else None
        try:
            yield
        finally:
            if task is not None and office is not None:
                # The letter that is under way gets a moment to be finished: cut off, it might go out twice.
                office.is_closing = True
                office.posted.set()
                await asyncio.wait({task}, timeout=CLOSING_SECONDS)
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return life


async def _run(office: Office, sessions: Sessions) -> None:
    tidied_at: datetime | None = None
    while not office.is_closing:
        try:
            office.posted.clear()
            await send_due(office, sessions)
            now = office.clock()
            if tidied_at is None or now - tidied_at >= TIDY_EVERY:
                await _tidy(sessions, now)
                tidied_at = now
        except Exception as error:
            log.warning("mail could not be sent: %s", error)
        with suppress(TimeoutError):
            await asyncio.wait_for(office.posted.wait(), LOOK_SECONDS)


async def send_due(office: Office, sessions: Sessions) -> None:
    """Send everything whose time has come; stop when the server takes nothing at all."""
    await write_news(office, sessions)
    while not office.is_closing and (mail := await _claim(sessions, office.clock())) is not None:
        try:
            await _send(office, sessions, mail)
        except Away as away:
            await _settle(sessions, mail, office.clock(), away)
            return
        except NotTaken as refused:
            await _settle(sessions, mail, office.clock(), refused)


async def _claim(sessions: Sessions, now: datetime) -> Mail | None:
    async with sessions() as db:
        if not await mails.any_due(db, now):
            return None  # SQLite has one writer at a time; nobody queues for nothing
        await db.commit()
        await begin_write(db)
        mail = await mails.next_due(db, now)
        if mail is not None:
            mail.claim(now)
            await db.commit()
        return mail


async def _send(office: Office, sessions: Sessions, mail: Mail) -> None:
    """Write the letter if it is not written yet, hand it to the server, and note that it went out."""
    now, base_host = office.clock(), office.settings.base_host
    if mail.expires_at <= now:
        raise Refused(mail.reason or _("It could not be sent before its link ended."))
    async with sessions() as db:
        site = await sites.current(db)
        await db.commit()
        languages.speak(site.language)
        letter = Letter(mail.subject, mail.text, mail.html)
        to = mail.address
        if not mail.text:
            written = await reset_letter(db, office, mail, site, now)
            if written is None:
                await mails.delete_one(db, mail.id)
                await db.commit()
                return
            to, letter = written
    sender = sender_of(office.server.sender, base_host)
    try:
        message = message_of(mail, letter, to=to, sender=sender, site_title=site.title)
    except (ValueError, MessageError) as error:
        raise Refused(_("This e-mail cannot be sent: %(why)s") % {"why": str(error)}) from error
    await deliver(office.server, message, sender=sender, to=with_plain_domain(to))
    await _settle(sessions, mail, office.clock(), None)


async def _settle(sessions: Sessions, claimed: Mail, now: datetime, failure: NotTaken | None) -> None:
    """Note what became of a letter; if its hold ended meanwhile, it is another sender's."""
    async with sessions() as db:
        await begin_write(db)
        mail = await mails.held(db, claimed)
        if mail is None:
            return
        if failure is None:
            mail.mark_sent(now)
        elif isinstance(failure, Refused):
            db.add(mail.give_up(failure.reason, now))
        else:
            mail.put_off(failure.reason, now)
        await db.commit()
    if failure is not None:
        log.warning("letter %d was not taken: %s", claimed.id, failure.reason)


async def _tidy(sessions: Sessions, now: datetime) -> None:
    async with sessions() as db:
        await begin_write(db)
        await mails.forget_before(db, now - KEPT_FOR)
        await db.commit()
