"""The rules agree: for each role, status and ownership the form for a row and the form for SQL say the same."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import DAY, PEOPLE, TODAY, Clock, written
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from blog import policy
from blog.forms.publications import comes_twice, parse_times
from blog.models import Kind, Media, Post, Share, Status, Tag, User
from blog.models.post import post_tags
from blog.policy import Action
from blog.queries.days import days

RowRule = Callable[[User | None, Post], bool]
SqlRule = Callable[[User | None], ColumnElement[bool]]
PAIRS: dict[str, tuple[RowRule, SqlRule]] = {
    "see": (policy.may_see, policy.seen_by),
    "edit": (policy.may_edit, policy.editable_by),
    "submit": (policy.may_submit, policy.submittable_by),
    "review": (policy.may_review, policy.reviewable_by),
    "comment": (policy.may_comment, policy.commentable_by),
    "share": (policy.may_share, policy.shareable_by),
    "publish": (policy.may_publish, policy.publishable_by),
    "delete": (policy.may_delete, policy.deletable_by),
    "transfer": (policy.may_transfer, policy.transferable_by),
}
TICK = timedelta(microseconds=1)
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


async def test_opening_a_secret_link_agrees_with_its_twin(db: AsyncSession, clock: Clock) -> None:
    now = clock()
    people = list(await db.scalars(select(User).where(User.username.in_(["anna", "sam"]))))
    rows = [
        Share(
            post_id=post.id, token_hash=f"{number}", revision_number=1, title=post.slug, html="", text_hash="",
            files=[], made_by=maker, created_at=now, expires_at=expires_at, revoked_at=revoked_at,
        )
        for number, (post, maker, expires_at, revoked_at) in enumerate(
            itertools.product(await all_posts(db), [None, *people], [now - DAY, now, now + DAY], [None, now])
        )
    ]  # fmt: skip
    db.add_all(rows)
    await db.flush()
    query = select(Share).options(joinedload(Share.post), joinedload(Share.made_by))
    stored = list(await db.scalars(query.execution_options(populate_existing=True)))
    by_row = {share.id for share in stored if policy.may_follow(share, now)}
    assert by_row == set(await db.scalars(select(Share.id).where(policy.followable(now))))
    assert 0 < len(by_row) < len(rows)


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


MOMENTS = [None, *(TODAY + step * DAY for step in (-3, -1, 0, 1, 3))]
STATES = list(itertools.product(Status, Kind, MOMENTS, MOMENTS))


async def test_the_times_of_a_post_mean_the_same_in_both_forms_at_every_moment(db: AsyncSession) -> None:
    """Every status and kind with each order of appearing and ending, looked at before, between, after, and just then."""
    anna = await one(db, "anna")
    assert anna is not None
    python = (await db.scalars(select(Tag).where(Tag.slug == "python"))).one()
    await db.execute(delete(Post))
    for number, (status, kind, at, until) in enumerate(STATES):
        post = written(anna, "T", f"state-{number}", TODAY, body="b", tags=[python])
        post.status, post.kind, post.published_at, post.expires_at = status, kind, at, until
        db.add(post)
    await db.commit()
    posts = await all_posts(db)
    assert len(posts) == len(STATES)

    async def found(*where: ColumnElement[bool]) -> set[int]:
        return set(await db.scalars(select(Post.id).where(*where)))

    for now in sorted({moment + step for moment in filter(None, MOMENTS) for step in (-TICK, 0 * TICK, TICK)}):
        assert {post.id for post in posts if post.is_live(now)} == await found(policy.live(now))
        assert {post.id for post in posts if post.is_ended(now)} == await found(policy.ended(now))
        listed = {post.id for post in posts if policy.may_find(post, now)}
        assert listed == await found(policy.listed(now))
        assert listed == set(await db.scalars(select(post_tags.c.post_id).where(policy.listed_under_tags(now))))
        assert (await days(db, now)).live == len(listed)
        assert not any(post.is_live(now) and (post.is_ended(now) or post.is_scheduled(now)) for post in posts)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(Status), st.none() | st.datetimes(), st.none() | st.datetimes(), st.datetimes(), st.booleans())
def test_a_post_is_at_most_one_of_live_scheduled_and_ended(
    status: Status, at: datetime | None, until: datetime | None, now: datetime, publishes: bool
) -> None:
    post = Post(status=status, kind=Kind.POST, published_at=at, expires_at=until)
    if publishes:
        post.id = 1
        post.publish(now=now, by=None)
        assert post.is_live(now)
    assert post.is_live(now) + post.is_scheduled(now) + post.is_ended(now) == (post.status == Status.PUBLISHED)


@settings(deadline=None, max_examples=500)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]),
)
def test_a_time_is_read_as_the_site_s_clocks_show_it_and_both_of_two_can_be_meant(local: datetime, name: str) -> None:
    zone, shown = ZoneInfo(name), local.replace(second=0, microsecond=0)
    for fold in ("0", "1"):
        typed = {"published_at": f"{shown:%Y-%m-%dT%H:%M}", "published_at_fold": fold}
        times, errors = parse_times(typed, zone, datetime(1980, 1, 1, tzinfo=UTC))
        if errors:  # the clocks are put forward over it
            assert times.at is None
            assert "does not exist" in errors["published_at"]
            continue
        assert times.at is not None
        assert times.at.astimezone(zone).replace(tzinfo=None, fold=0) == shown
        twice = comes_twice(times.at, zone)
        assert twice is None or twice[int(fold)] == times.at
