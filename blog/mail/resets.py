"""The letter with a link to a new password, written only when it is sent.

Whoever asks names an address; whether anybody has it is looked up here, beside the request. So a page cannot tell, not
even by its time, who has an account, and the link is never in the database at all.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import new_token, token_hash
from blog.database import begin_write
from blog.mail.letters import Letter, compose
from blog.mail.office import Office, post_for_later
from blog.models import Event, Mail, Purpose, Site
from blog.models.token import LIFETIMES
from blog.queries import mails, tokens, users
from blog.web import routes

TEMPLATE = "password-reset"


async def ask_for_reset(db: AsyncSession, address: str) -> None:
    """Have a link sent to an address, if anybody has it; an older letter that still waits is not sent any more."""
    await mails.drop_waiting(db, TEMPLATE, address)
    post_for_later(db, to=address, template=TEMPLATE, lasts=LIFETIMES[Purpose.PASSWORD])


async def reset_letter(
    db: AsyncSession, office: Office, mail: Mail, site: Site, now: datetime
) -> tuple[str, Letter] | None:
    """Make a link and the letter with it, and say to which address; None when nobody who may sign in has this one.

    Nobody may who never could and whom no admin gave the address, such as those of an imported archive: whoever made
    the archive would make themselves an admin. It goes to the address that the account has: the one that was typed may only look like it (RFC 8264, section 12.5).
    """
    await begin_write(db)
    person = await users.by_email(db, mail.address)
    if person is None or person.email is None or not await users.may_reset(db, person):
        return None
    token = new_token()
    made = await tokens.make(db, Purpose.PASSWORD, person, token_hash(token), now)
    if mail.tries == 1:
        db.add(Event.about("user.reset_asked", person, now, None))
    await db.commit()
    # Built from BASE_URL: a Host header that somebody made up must not become the address in a letter.
    base_url = office.settings.base_url
    link = base_url + routes.url("resets.open", token=token)
    letter = compose(
        TEMPLATE, site, site.language, base_url=base_url, name=person.name, link=link, expires=made.expires_at
    )
    return person.email, letter
