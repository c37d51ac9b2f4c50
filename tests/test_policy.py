"""The rules agree: for each role, status and ownership the form for a row and the form for SQL say the same."""

from collections.abc import Callable

import pytest
from cast import PEOPLE, Clock
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from blog import policy
from blog.models import Media, Post, User
from blog.policy import Action

RowRule = Callable[[User | None, Post], bool]
SqlRule = Callable[[User | None], ColumnElement[bool]]
PAIRS: dict[str, tuple[RowRule, SqlRule]] = {
    "see": (policy.may_see, policy.seen_by),
    "edit": (policy.may_edit, policy.editable_by),
    "submit": (policy.may_submit, policy.submittable_by),
    "publish": (policy.may_publish, policy.publishable_by),
    "delete": (policy.may_delete, policy.deletable_by),
    "transfer": (policy.may_transfer, policy.transferable_by),
}
EVERYBODY = [None, *PEOPLE, "sam"]


async def one(db: AsyncSession, who: str | None) -> User | None:
    return await db.scalar(select(User).where(User.username == who)) if who else None


async def all_posts(db: AsyncSession) -> list[Post]:
    return list(await db.scalars(select(Post).options(selectinload(Post.co_authors))))


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("rule", PAIRS)
async def test_each_rule_and_its_sql_twin_agree(db: AsyncSession, who: str | None, rule: str) -> None:
    viewer, (may, allowed_by) = await one(db, who), PAIRS[rule]
    by_row = {post.slug for post in await all_posts(db) if may(viewer, post)}
    assert by_row == set(await db.scalars(select(Post.slug).where(allowed_by(viewer))))


@pytest.mark.parametrize("who", EVERYBODY)
async def test_reading_and_listing_agree_with_their_twins(db: AsyncSession, clock: Clock, who: str | None) -> None:
    viewer, now = await one(db, who), clock()
    posts = await all_posts(db)
    for may, allowed_by in ((policy.may_read, policy.readable_by), (policy.may_open, policy.openable_by)):
        by_row = {post.slug for post in posts if may(viewer, post, now)}
        assert by_row == set(await db.scalars(select(Post.slug).where(allowed_by(viewer, now))))
    listed = {post.slug for post in posts if policy.may_find(post, now)}
    assert listed == set(await db.scalars(select(Post.slug).where(policy.listed(now))))


@pytest.mark.parametrize("who", EVERYBODY)
async def test_governing_people_agrees_with_its_twin(db: AsyncSession, who: str | None) -> None:
    viewer = await one(db, who)
    by_row = {user.username for user in await db.scalars(select(User)) if policy.may_govern(viewer, user)}
    assert by_row == set(await db.scalars(select(User.username).where(policy.governable_by(viewer))))


@pytest.mark.parametrize("who", EVERYBODY)
async def test_managing_files_agrees_with_its_twin(db: AsyncSession, clock: Clock, who: str | None) -> None:
    viewer = await one(db, who)
    for sender in (None, "carl", "anna", "ed", "sam"):
        by = await one(db, sender)
        fields = {
            "name": f"{sender}.png",
            "stored": f"{sender}.png",
            "original_name": "a.png",
            "content_type": "image/png",
        }
        sent_by = by.id if by else None
        db.add(Media(**fields, size=1, fingerprint=str(sender), uploaded_by_id=sent_by, created_at=clock()))
    await db.flush()
    by_row = {media.name for media in await db.scalars(select(Media)) if policy.may_manage(viewer, media)}
    assert by_row == set(await db.scalars(select(Media.name).where(policy.manageable_by(viewer))))


def test_the_role_table_is_the_agreed_one() -> None:
    table = {action: [role in allowed for role in (None, *policy.Role)] for action, allowed in policy.ALLOWED.items()}
    no, yes = False, True
    assert table == {
        Action.READ: [yes, yes, yes, yes, yes, yes],
        Action.READ_MEMBERS: [no, yes, yes, yes, yes, yes],
        Action.OWN_ACCOUNT: [no, yes, yes, yes, yes, yes],
        Action.WRITE: [no, no, yes, yes, yes, yes],
        Action.PUBLISH: [no, no, no, yes, yes, yes],
        Action.EDIT_ALL: [no, no, no, no, yes, yes],
        Action.ADMINISTER: [no, no, no, no, no, yes],
    }
