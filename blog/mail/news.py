"""News of the desk by mail: made from the notices that people find on their desks, and from nothing else."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import unsubscribe_token
from blog.database import Sessions, begin_write
from blog.languages import gettext as _
from blog.languages import mark, ngettext, speak
from blog.mail.office import Office, post_mail
from blog.models import News, Notice, Status, User
from blog.queries import notices, registrations, users
from blog.queries import site as sites
from blog.web import routes

NEWS_FOR = timedelta(days=1)
"""What nobody could be told for so long is no news any more; it still stands on their desk."""
SENTENCES = {
    News.SUBMITTED: mark("%(name)s submitted “%(title)s” for review."),
    News.RETURNED: mark("%(name)s returned “%(title)s” with a note."),
    News.PUBLISHED: mark("%(name)s published “%(title)s”."),
    News.SCHEDULED: mark("%(name)s scheduled “%(title)s”."),
    News.COMMENT: mark("%(name)s commented on “%(title)s”."),
    News.APPROVAL: mark("%(name)s approved the text of “%(title)s”."),
}
TO_READ = {News.SUBMITTED, News.COMMENT}


async def write_news(office: Office, sessions: Sessions) -> None:
    """Post one letter to everybody who has news: what came together is told together."""
    async with sessions() as db:
        people = await notices.people_to_mail(db)
        await db.commit()
        for person_id in people:
            await begin_write(db)
            person = await users.by_id(db, person_id)
            if person is not None:
                await _write_to(db, office, person, office.clock())
            await db.commit()


async def _write_to(db: AsyncSession, office: Office, person: User, now: datetime) -> None:
    fresh = [
        notice
        for notice in await notices.take_to_mail(db, person)
        if notice.at > now - NEWS_FOR and not (notice.news == News.SUBMITTED and notice.post.status != Status.PENDING)
    ]
    asking = [notice for notice in fresh if notice.news == News.REGISTRATION]
    waiting = await registrations.count(db, now) if asking else 0
    told = [notice for notice in fresh if notice not in asking]
    if not (told or waiting) or person.email is None or not person.wants_mail or not await users.may_reset(db, person):
        # An address that came with an archive may be anybody's: it is told nothing.
        return
    speak((await sites.current(db)).language)
    items = [(_waiting(waiting), routes.url("registrations.index"))] if waiting else []
    items += [(_sentence(notice), _path(notice)) for notice in told]
    secret = unsubscribe_token(office.settings.secret_key, person.id)
    base_url = office.settings.base_url
    await post_mail(
        db,
        to=person.email,
        template="news",
        name=person.name,
        items=[(sentence, base_url + path) for sentence, path in items],
        account=base_url + routes.url("account.mail"),
        unsubscribe=base_url + routes.url("unsubscribe.show", token=f"{person.id}-{secret}"),
    )


def _sentence(notice: Notice) -> str:
    return _(SENTENCES[notice.news]) % {"name": notice.who or _("Somebody"), "title": notice.post.title}


def _waiting(number: int) -> str:
    """Say how many wait, and nothing that strangers typed: an account is asked for by anybody, in any name."""
    sentence = ngettext("%(num)d person asks for an account.", "%(num)d people ask for an account.", number)
    return sentence % {"num": number}


def _path(notice: Notice) -> str:
    return routes.url("reviews.show" if notice.news in TO_READ else "studio.posts.edit", post_id=notice.post.id)
