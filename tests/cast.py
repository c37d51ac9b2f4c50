"""The people and posts that every test may name. They are on stage in both databases before the first test."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.auth.tokens import token_hash
from blog.content.markdown import render
from blog.models import Kind, Login, Post, Role, Status, Tag, User, UserStatus, Visibility

TODAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

PEOPLE: dict[str, tuple[str, Role]] = {
    "vera": ("Vera Viewer", Role.VIEWER),
    "carl": ("Carl Contributor", Role.CONTRIBUTOR),
    "anna": ("Anna Author", Role.AUTHOR),
    "ben": ("Ben Byline", Role.AUTHOR),
    "ed": ("Ed Editor", Role.EDITOR),
    "ada": ("Ada Admin", Role.ADMIN),
}
SECRET = "zebrafish"
"""Stands in the words of every post that readers must not see."""


@dataclass(slots=True)
class Clock:
    """A clock that tests move."""

    moment: datetime = field(default=TODAY)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, step: timedelta) -> None:
        self.moment += step

    def reset(self) -> None:
        self.moment = TODAY


def cookie_of(username: str) -> str:
    """Give the session cookie of somebody of the cast."""
    return f"cookie-of-{username}"


async def enter(db: AsyncSession, now: datetime) -> None:
    """Put everybody and everything on stage."""
    people = {name: person(name, full_name, role, now) for name, (full_name, role) in PEOPLE.items()}
    people["sam"] = person("sam", "Sam Suspended", Role.AUTHOR, now)
    people["sam"].status = UserStatus.SUSPENDED
    people["greta"] = User(name="Greta Guest", username="greta", role=Role.AUTHOR, created_at=now)
    db.add_all(people.values())
    await db.flush()
    for name in people:
        db.add(
            Login(
                user_id=people[name].id,
                token_hash=token_hash(cookie_of(name)),
                created_at=now,
                expires_at=now + 365 * DAY,
            )
        )
    await _posts(db, people, now)


async def _posts(db: AsyncSession, people: dict[str, User], now: datetime) -> None:
    anna, ben, carl, ed = (people[name] for name in ("anna", "ben", "carl", "ed"))
    python, cooking = (
        Tag(name="Python", key="python", slug="python"),
        Tag(name="Cooking", key="cooking", slug="cooking"),
    )
    hidden = Tag(name=f"{SECRET} only", key=f"{SECRET} only", slug=f"{SECRET}-only")

    hello = written(anna, "Hello, world", "hello", now - 10 * DAY, tags=[python, cooking])
    hello.publish(now=now - 9 * DAY, by=anna)
    shared = written(anna, "Written together", "together", now - 8 * DAY, others=[ben, people["greta"]], tags=[python])
    shared.publish(now=now - 8 * DAY, by=anna)
    members = written(ed, "For members", "for-members", now - 7 * DAY, body="Only members read of the okapi.")
    members.visibility = Visibility.MEMBERS
    members.publish(now=now - 7 * DAY, by=ed)
    carls = written(carl, "Carl in print", "carl-in-print", now - 6 * DAY)
    carls.publish(now=now - 6 * DAY, by=None)

    def secret(owner: User, slug: str, others: list[User] | None = None) -> Post:
        title, body = f"The {SECRET} {slug}", f"Nobody may read of the {SECRET} yet."
        return written(owner, title, f"{SECRET}-{slug}", now - 5 * DAY, body=body, tags=[hidden], others=others)

    draft, carls_draft, shared_draft = secret(anna, "draft"), secret(carl, "carls"), secret(anna, "shared", [ben, carl])
    scheduled = secret(anna, "scheduled")
    scheduled.publish(now=now, by=anna, at=now + 3 * DAY)
    withdrawn = secret(anna, "withdrawn")
    withdrawn.publish(now=now - 4 * DAY, by=anna)
    withdrawn.withdraw(now=now - 3 * DAY, by=anna)
    trashed = secret(anna, "trashed")
    trashed.publish(now=now - 4 * DAY, by=anna)
    trashed.trash(now=now - 3 * DAY, by=anna)
    pending = secret(carl, "pending")
    pending.submit(now=now - 4 * DAY, by=carl)
    about = written(ed, "About us", "about", now - 9 * DAY, body="We write about pangolins.")
    about.kind = Kind.PAGE
    about.publish(now=now - 9 * DAY, by=ed)
    secret_page = secret(ed, "page")
    secret_page.kind = Kind.PAGE
    secret_page.tags = []
    everything = [
        hello,
        shared,
        members,
        carls,
        draft,
        carls_draft,
        shared_draft,
        scheduled,
        withdrawn,
        trashed,
        pending,
    ]
    everything += [about, secret_page]
    db.add_all(everything)
    await db.flush()
    for post in everything:
        text = str(post.markup.striptags())
        await search.take_in(db, post, text, search.document_of(post, text, "en"))


def person(username: str, name: str, role: Role, now: datetime) -> User:
    """Make a person who can sign in, with a password hash that fits no password."""
    made = User(name=name, username=username, role=role, created_at=now, password_hash="!")
    made.set_email(f"{username}@example.org")
    return made


def written(
    owner: User,
    title: str,
    slug: str,
    now: datetime,
    *,
    body: str = "",
    tags: list[Tag] | None = None,
    others: list[User] | None = None,
) -> Post:
    """Make a draft as its owner would have saved it."""
    body = body or f"This is what *{title}* says."
    post = Post(owner=owner, owner_id=owner.id, created_at=now, status=Status.DRAFT, co_authors=[], tags=[])
    post.revise(
        title=title,
        slug=slug,
        excerpt="",
        body=body,
        rendered=render(body),
        tags=tags or [],
        others=others or [],
        now=now,
        by=owner,
    )
    return post
