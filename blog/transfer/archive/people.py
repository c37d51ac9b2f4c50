"""The people and the settings of an archive, brought in.

Nobody can sign in because of a file. An archive can name anybody as admin with any address, so whoever it brings has no
password, no passkey and no link, and what does not need one of these does not count them: they get no reset by mail
(mail/resets.py), no news by mail, they are not the last admin, and the set-up stays open beside them
(`queries.users.can_enter`). An admin opens an account by hand, seeing its address and its role; the first admin, who
proved to run the machine, takes over the account with their own address. Into a blog that has people and content of its
own they come as authors at most: a role there is given by those who know whom they give it to.

Who is here already stays as they are. The same address is the same person; the same username is, where not both have
an address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import numbered
from blog.models import Event, Role, Site, User
from blog.models.user import email_key
from blog.queries import archives
from blog.transfer.archive import names
from blog.transfer.archive.lists import ToldPerson, ToldSite
from blog.transfer.report import Report

MOST_AS_GUEST = (Role.VIEWER, Role.CONTRIBUTOR, Role.AUTHOR)


@dataclass(slots=True)
class Company:
    """Who is meant here by the usernames of an archive; `made` are those who were not here before."""

    ids: dict[str, int] = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)


async def bring_people(
    db: AsyncSession, people: Sequence[ToldPerson], *, is_empty: bool, now: datetime, report: Report
) -> Company:
    """Find or make everybody; the caller commits."""
    here = await archives.accounts(db)
    by_key = {one.email_key: one for one in here if one.email_key}
    by_username = {one.username: one for one in here}
    taken = set(by_username)
    company = Company()
    fresh: list[tuple[ToldPerson, User]] = []
    for one in people:
        key = email_key(one.email) if one.email else None
        known = by_key.get(key) if key else None
        if known is None and (same := by_username.get(one.username)) and not (key and same.email_key):
            known = same
        if known is not None:
            company.ids[one.username], company.usernames[one.username] = known.id, known.username
            continue
        username = numbered(one.username, taken)
        if username != one.username:
            report.doubt(
                names.PEOPLE, None, f"Somebody else is “{one.username}” here; {one.name} came as “{username}”."
            )
        taken.add(username)
        fresh.append((one, _made(one, username, is_empty, now, report)))
        company.usernames[one.username] = username
    db.add_all(user for _, user in fresh)
    await db.flush()  # the events and the posts need their ids
    for one, user in fresh:
        company.ids[one.username] = user.id
        company.made.add(user.id)
        db.add(Event.about("user.added", user, now, None, role=user.role, by_import=True))
    report.authors_made += len(fresh)
    return company


def apply_site(row: Site, told: ToldSite, footer_html: str) -> None:
    """Set the publication up as the archive tells; its pictures come later."""
    row.title, row.tagline, row.description = told.title, told.tagline, told.description
    row.language, row.timezone, row.accent = told.language, told.timezone, told.accent
    row.posts_per_page, row.navigation = told.posts_per_page, [list(link) for link in told.navigation]
    row.footer, row.footer_html = told.footer, footer_html
    row.registration, row.new_visibility = told.registration, told.new_visibility
    row.second_factor_roles = [role.value for role in told.second_factor_roles]


def shown_by(people: Sequence[ToldPerson]) -> Mapping[str, str]:
    """Give the pictures of people by username, for those who have one."""
    return {one.username: one.picture for one in people if one.picture}


def _made(one: ToldPerson, username: str, is_empty: bool, now: datetime, report: Report) -> User:
    role = one.role if is_empty or one.role in MOST_AS_GUEST else Role.AUTHOR
    if role != one.role:
        report.doubt(names.PEOPLE, None, f"{one.name} is {one.role} in the archive and came as {role}.")
    user = User(
        name=one.name,
        username=username,
        role=role,
        status=one.status,
        bio=one.bio,
        links=list(one.links),
        language=one.language,
        timezone=one.timezone,
        wants_mail=one.wants_mail,
        created_at=one.created_at or now,
    )
    if one.email:
        user.set_email(one.email)
    return user
