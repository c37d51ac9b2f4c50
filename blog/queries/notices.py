"""What somebody is told on their desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Mail, MailStatus, News, Notice, Post, Registration, Role, User
from blog.queries import registrations
from blog.queries.page import Page, fetch_page

LIST_SIZE = 30
MOST_ON_DESK = 5
MOST_AT_ONCE = 100
_ON_DESK = Notice.news.not_in([News.SUBMITTED, News.REGISTRATION])
"""What was submitted, and who asks for an account, stands in a queue already; that it came is only told by mail."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for somebody: news that they have not read, for editors posts to review, for admins lost mail
    and people who want to be let in.
    """

    news: int = 0
    reviews: int = 0
    mails: int = 0
    people: int = 0


async def pending(db: AsyncSession, viewer: User, now: datetime) -> Pending:
    """Count what waits for somebody, in one statement: every page of the desk says it."""
    unread = select(func.count(Notice.id)).outerjoin(Notice.post).where(*_unread(viewer)).scalar_subquery()
    reviews = select(func.count(Post.id)).where(policy.reviewable_by(viewer)).scalar_subquery()
    lost = select(func.count(Mail.id)).where(Mail.status == MailStatus.FAILED).scalar_subquery()
    people = select(func.count(Registration.id)).where(registrations.waiting(now)).scalar_subquery()
    counted = [unread, reviews] + ([lost, people] if policy.may(viewer, policy.Action.ADMINISTER) else [])
    return Pending(*(await db.execute(select(*counted))).one())


async def page(db: AsyncSession, viewer: User, number: int) -> Page[Notice] | None:
    """Fetch a page of somebody's news, unread and then newest first: of their account and posts they still work on."""
    query = select(Notice).outerjoin(Notice.post).where(Notice.user_id == viewer.id, _ON_DESK, _theirs(viewer))
    query = query.order_by(Notice.read_at.is_not(None), Notice.id.desc())
    return await fetch_page(db, query.options(joinedload(Notice.post), joinedload(Notice.by)), number, LIST_SIZE)


async def unread(db: AsyncSession, viewer: User) -> Sequence[Notice]:
    """Fetch the newest news that somebody has not read."""
    query = select(Notice).outerjoin(Notice.post).where(*_unread(viewer)).order_by(Notice.id.desc()).limit(MOST_ON_DESK)
    return (await db.scalars(query.options(joinedload(Notice.post), joinedload(Notice.by)))).all()


async def unread_of_account(db: AsyncSession, viewer: User) -> Sequence[Notice]:
    """Fetch what somebody was told of their account and has not read; readers too, who have no desk."""
    mine = (Notice.user_id == viewer.id, Notice.read_at.is_(None), Notice.post_id.is_(None), _ON_DESK)
    query = select(Notice).where(*mine).order_by(Notice.id.desc()).limit(MOST_ON_DESK)
    return (await db.scalars(query.options(joinedload(Notice.by)))).all()


async def read_of_account(db: AsyncSession, viewer: User, now: datetime) -> None:
    """Note that somebody has read what they were told of their account."""
    await _read(db, viewer, now, and_(Notice.post_id.is_(None), _ON_DESK))


async def read(db: AsyncSession, viewer: User, notice_id: int, now: datetime) -> None:
    """Note that somebody has read one of their notices."""
    await _read(db, viewer, now, Notice.id == notice_id)


async def read_up_to(db: AsyncSession, viewer: User, notice_id: int, now: datetime) -> None:
    """Note that somebody has read all their notices up to this one; what came later they have not seen."""
    await _read(db, viewer, now, Notice.id <= notice_id)


async def answer_registrations(db: AsyncSession, now: datetime) -> None:
    """Note that somebody looks after those who wait to be let in: the next one is told of anew."""
    admins = select(User.id).where(User.role == Role.ADMIN)
    open_ = (Notice.user_id.in_(admins), Notice.read_at.is_(None), Notice.news == News.REGISTRATION)
    await db.execute(update(Notice).where(*open_).values(read_at=now).execution_options(synchronize_session=False))


async def people_to_mail(db: AsyncSession) -> Sequence[int]:
    """Name those by their ids who have news that were not looked at for a letter yet."""
    return (await db.scalars(select(Notice.user_id).where(_UNMAILED).distinct().limit(MOST_AT_ONCE))).all()


async def take_to_mail(db: AsyncSession, person: User) -> Sequence[Notice]:
    """Fetch what there is to write to a person, oldest first, and note that it was looked at.

    What they have read, or may no longer see, is not written; nor is anything to who cannot sign in.
    """
    # Two senders at once: one takes the rows, the other passes over them.
    new = select(Notice.id).where(Notice.user_id == person.id, _UNMAILED).with_for_update(skip_locked=True)
    ids = (await db.scalars(new)).all()
    looked_at = update(Notice).where(Notice.id.in_(ids)).values(is_mailed=True)
    await db.execute(looked_at.execution_options(synchronize_session=False))
    if not person.is_active:
        return []
    theirs = and_(Notice.post_id.is_not(None), policy.seen_by(person))
    if policy.may(person, policy.Action.ADMINISTER):
        theirs = or_(theirs, Notice.news == News.REGISTRATION)
    query = select(Notice).outerjoin(Notice.post).where(Notice.id.in_(ids), Notice.read_at.is_(None), theirs)
    query = query.options(joinedload(Notice.post), joinedload(Notice.by)).order_by(Notice.id)
    return (await db.scalars(query)).all()


async def _read(db: AsyncSession, viewer: User, now: datetime, which: ColumnElement[bool]) -> None:
    mine = (Notice.user_id == viewer.id, Notice.read_at.is_(None), which)
    await db.execute(update(Notice).where(*mine).values(read_at=now).execution_options(synchronize_session=False))


def _unread(viewer: User) -> tuple[ColumnElement[bool], ...]:
    return Notice.user_id == viewer.id, Notice.read_at.is_(None), _ON_DESK, _theirs(viewer)


def _theirs(viewer: User) -> ColumnElement[bool]:
    return or_(Notice.post_id.is_(None), policy.seen_by(viewer))


_UNMAILED = ~Notice.is_mailed
