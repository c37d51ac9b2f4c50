"""A post, its states and what may happen to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from advanced_alchemy.types import DateTimeUTC
from markupsafe import Markup
from sqlalchemy import Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.content.markdown import Rendered
from blog.models.base import Base, RowId, stored_enum
from blog.models.event import Event
from blog.models.indexes import OF_POSTS, ending
from blog.models.kinds import Kind, Status, Visibility
from blog.models.media import Media, post_media
from blog.models.notice import News, Notice, authors_of, tell
from blog.models.review import Review, Step, decide
from blog.models.revision import Revision, Save
from blog.models.tag import Tag
from blog.models.user import User

if TYPE_CHECKING:
    from blog.models.redirect import Redirect

LONGEST_TITLE = 250
LONGEST_EXCERPT = 1000
LONGEST_DESCRIPTION = 300
LONGEST_ADDRESS = 1000
LATER = timedelta(days=1)
KEPT_IN_REVISIONS = ("title", "slug", "body", "excerpt", "language", "cover_alt", "canonical_url", "description")


post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    # When the post appears for readers, or NULL; triggers keep it, so that a tag's posts can be read in order.
    Column("live_at", DateTimeUTC(timezone=True)),
    # When it leaves them again, or NULL; kept in the same way.
    Column("live_until", DateTimeUTC(timezone=True)),
    Index("ix_post_tags_feed", "tag_id", "live_at", "post_id", "live_until"),
    ending("ix_post_tags_ends", "tag_id"),
)


class CoAuthor(Base):
    """A place in a post's byline after its owner."""

    __tablename__ = "post_authors"
    __table_args__ = (
        Index("ix_post_authors_feed", "user_id", "live_at", "post_id", "live_until"),
        ending("ix_post_authors_ends", "user_id"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int]
    live_at: Mapped[datetime | None] = mapped_column(deferred=True, deferred_raiseload=True)
    """When the post appears for readers; triggers keep it, as that of its tags. None for an owner who is named a second
    time: nobody has a post twice."""
    live_until: Mapped[datetime | None] = mapped_column(deferred=True, deferred_raiseload=True)
    """When it leaves them again, or None; kept in the same way."""

    user: Mapped[User] = relationship(lazy="raise")


FIRST_YEAR, LAST_YEAR = 1000, 9000
"""The years in which a post may be published: every zone, format and database can tell them."""


def path_of(kind: Kind, slug: str) -> str:
    """Give the path of a post's public page."""
    return f"/{slug}" if kind == Kind.PAGE else f"/posts/{slug}"


def teaser_of(excerpt: str, summary: str, visibility: Visibility) -> str:
    """Give what lists and feeds say of a post: the writer's excerpt, else its first sentences if all may read them."""
    return excerpt or (summary if visibility == Visibility.PUBLIC else "")


class Post(Base):
    """Something written. Its HTML, summary and reading time are made when it is saved, never while it is read."""

    __tablename__ = "posts"
    __table_args__ = (*OF_POSTS, {"sqlite_autoincrement": True})

    id: Mapped[RowId]
    version: Mapped[int] = mapped_column(default=1)
    revision_number: Mapped[int] = mapped_column(default=0)
    shown_revision: Mapped[int] = mapped_column(default=0)
    """The revision that this row holds. A newer one is a working copy: what readers are to see once it is published."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind), default=Kind.POST)
    status: Mapped[Status] = mapped_column(stored_enum(Status), default=Status.DRAFT)
    visibility: Mapped[Visibility] = mapped_column(stored_enum(Visibility), default=Visibility.PUBLIC)
    is_featured: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    language: Mapped[str | None] = mapped_column(String(35))
    """The language of the text as a tag of BCP 47, where it is not the site's."""
    excerpt: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_raiseload=True)
    html: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_raiseload=True)
    contents: Mapped[list[Any]] = mapped_column(deferred=True, deferred_raiseload=True)
    summary: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[int] = mapped_column(default=0)
    reading_minutes: Mapped[int] = mapped_column(default=1)
    source: Mapped[str | None] = mapped_column(String(255), unique=True)
    source_hash: Mapped[str | None] = mapped_column(String(64))
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"), index=True)
    cover_alt: Mapped[str] = mapped_column(Text, default="")
    canonical_url: Mapped[str] = mapped_column(String(LONGEST_ADDRESS), default="")
    """Where the post appeared first, if that is elsewhere; search engines are sent there."""
    description: Mapped[str] = mapped_column(Text, default="")
    """What search engines and other sites say of the post, where the excerpt will not do."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    """When words were saved last, shown to readers or not."""
    published_at: Mapped[datetime | None]
    first_published_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """When readers lose a published post again by itself; None: never."""
    trashed_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship(back_populates="posts", lazy="raise", innerjoin=True)
    cover: Mapped[Media | None] = relationship(lazy="raise")
    co_authors: Mapped[list[CoAuthor]] = relationship(
        lazy="raise",
        order_by=CoAuthor.position,
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    others: AssociationProxy[list[User]] = association_proxy(
        "co_authors", "user", creator=lambda user: CoAuthor(user=user)
    )
    tags: Mapped[list[Tag]] = relationship(
        secondary=post_tags, back_populates="posts", lazy="raise", order_by=Tag.key, passive_deletes=True
    )
    revisions: WriteOnlyMapped[Revision] = relationship(
        back_populates="post", order_by=Revision.number, cascade="all, delete-orphan", passive_deletes=True
    )
    media: WriteOnlyMapped[Media] = relationship(secondary=post_media, back_populates="posts", passive_deletes=True)
    reviews: WriteOnlyMapped[Review] = relationship(back_populates="post", passive_deletes=True)
    notices: WriteOnlyMapped[Notice] = relationship(back_populates="post", passive_deletes=True)
    redirects: WriteOnlyMapped["Redirect"] = relationship(back_populates="post", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads this from the class

    @property
    def authors(self) -> list[User]:
        """The byline: the owner, then the co-authors in their order."""
        return [self.owner, *self.others]

    @property
    def path(self) -> str:
        return path_of(self.kind, self.slug)

    @property
    def markup(self) -> Markup:
        """The body as HTML. It was sanitised when it was made, which is what makes this safe to print."""
        return Markup(self.html)  # noqa: S704 - only `revise` writes html, from content.markdown's sanitised output

    @property
    def teaser(self) -> str:
        return teaser_of(self.excerpt, self.summary, self.visibility)

    @property
    def about(self) -> str:
        """What search engines and other sites are told of the post."""
        return self.description or self.teaser

    @property
    def has_working_copy(self) -> bool:
        """Whether there is a newer text than this row holds."""
        return self.revision_number != self.shown_revision

    @property
    def was_edited_later(self) -> bool:
        """Whether the words changed so long after publication that readers should be told."""
        return self.published_at is not None and self.updated_at - self.published_at > LATER

    def is_live(self, now: datetime) -> bool:
        """Whether readers may find the post: published, its time has come and not yet gone."""
        is_begun = self.status == Status.PUBLISHED and self.published_at is not None and self.published_at <= now
        return is_begun and (self.expires_at is None or self.expires_at > now)

    def is_ended(self, now: datetime) -> bool:
        """Whether readers have lost the post by itself, at the time that was set for it."""
        return self.status == Status.PUBLISHED and self.expires_at is not None and self.expires_at <= now

    def is_scheduled(self, now: datetime) -> bool:
        return self.status == Status.PUBLISHED and not self.is_live(now) and not self.is_ended(now)

    def was_public(self, now: datetime) -> bool:
        """Whether readers have ever seen the post."""
        return self.first_published_at is not None and self.first_published_at <= now

    def is_by(self, user: User) -> bool:
        """Whether the user stands in the byline."""
        return self.owner_id == user.id or any(place.user_id == user.id for place in self.co_authors)

    def revise(
        self,
        *,
        title: str,
        slug: str,
        excerpt: str,
        body: str,
        rendered: Rendered,
        tags: Sequence[Tag],
        others: Sequence[User],
        now: datetime,
        by: User | None,
        save: Save | None = None,
    ) -> None:
        """Put new words in the place of the old ones, and keep them as a revision too."""
        self.title, self.slug, self.excerpt, self.body = title, slug, excerpt, body
        self.html = str(rendered.html)
        self.contents = [[heading.level, heading.id, heading.text] for heading in rendered.contents]
        self.summary, self.words, self.reading_minutes = rendered.summary, rendered.words, rendered.reading_minutes
        self.tags = list(tags)
        self.others = [user for user in others if user.id != self.owner_id]
        self.updated_at = now
        self.note(save or Save(now, by))

    def note(self, save: Save) -> None:
        """Keep the post as it is as a revision: for changes that `revise` does not make, or to drop a working copy."""
        words: dict[str, Any] = {name: getattr(self, name) or "" for name in KEPT_IN_REVISIONS}
        words["visibility"] = self.visibility or Visibility.PUBLIC
        words["tags"] = [tag.name for tag in self.tags]
        words["authors"] = [user.username for user in self.authors]
        words["cover"] = self.cover.url if self.cover else ""
        self._keep(words, save)
        self.shown_revision = self.revision_number

    def set_aside(self, words: Mapping[str, object], others: Sequence[str], save: Save) -> None:
        """Keep words as the working copy; readers see nothing of them."""
        self._keep({**words, "authors": [self.owner.username, *others]}, save)

    def _keep(self, words: Mapping[str, object], save: Save) -> None:
        self.saved_at = save.now
        self.revision_number = (self.revision_number or 0) + 1
        self.revisions.add(Revision.of(words, self.revision_number, save))

    def submit(self, *, now: datetime, by: User) -> Event:
        """Ask the editors to look at a draft."""
        self.status = Status.PENDING
        self.reviews.add(Review(step=Step.SUBMITTED, by_id=by.id, at=now))
        return Event.about("post.submitted", self, now, by)

    def send_back(self, note: str, *, now: datetime, by: User) -> Event:
        """Return what was submitted to its authors, as a draft, with what the editor has to say."""
        self.status = Status.DRAFT
        decide(self, Step.RETURNED, News.RETURNED, note=note, now=now, by=by)
        return Event.about("post.returned", self, now, by)

    def publish(self, *, now: datetime, by: User | None, at: datetime | None = None) -> Event:
        """Show the post to readers from `at` on; without it from its own date if that has passed, else from now.

        An end that was set before stays, unless it would have come by then.
        """
        if at is None:
            at = self.published_at if self.published_at and self.published_at <= now else now
        news = News.SCHEDULED if at > now else News.PUBLISHED
        if self.status == Status.PENDING:
            decide(self, Step.PUBLISHED, news, now=now, by=by)
        elif by is not None and not self.is_by(by) and not self._shows_the_same(at, now):
            tell(authors_of(self), news, self, now=now, by=by)
        self.status = Status.PUBLISHED
        self.published_at = at
        if self.expires_at is not None and self.expires_at <= max(at, now):
            self.expires_at = None
        if not self.was_public(now):
            self.first_published_at = max(at, now)
        until = self.expires_at.isoformat() if self.expires_at else None
        return Event.about(
            "post.scheduled" if at > now else "post.published", self, now, by, at=at.isoformat(), until=until
        )

    def end_at(self, moment: datetime | None) -> None:
        """Let readers lose the post at this moment by itself; None: never. `publish` records it."""
        self.expires_at = moment

    def withdraw(self, *, now: datetime, by: User) -> Event:
        """Take the post back from readers; it becomes a draft again and keeps its date if that has passed."""
        self._leave_public(now)
        self.status = Status.DRAFT
        return Event.about("post.withdrawn", self, now, by)

    def trash(self, *, now: datetime, by: User) -> Event:
        self._leave_public(now)
        self.status = Status.TRASHED
        self.trashed_at = now
        return Event.about("post.trashed", self, now, by)

    def restore(self, *, now: datetime, by: User) -> Event:
        """Bring the post back from the trash, as a draft so that nothing is published by surprise."""
        self.status = Status.DRAFT
        self.trashed_at = None
        return Event.about("post.restored", self, now, by)

    def transfer(self, owner: User, *, now: datetime, by: User) -> Event:
        """Give the post to another owner."""
        before = self.owner_id
        self.others = [user for user in self.others if user.id != owner.id]
        self.owner = owner
        return Event.about("post.transferred", self, now, by, before=before, after=owner.id)

    def feature(self, featured: bool, *, now: datetime, by: User) -> Event:
        self.is_featured = featured
        return Event.about("post.featured" if featured else "post.unfeatured", self, now, by)

    def _shows_the_same(self, at: datetime, now: datetime) -> bool:
        """Whether publishing from `at` on is nothing new: readers see the post already, or will at that very time."""
        if self.is_live(now):
            return at <= now
        return self.is_scheduled(now) and at == self.published_at

    def _leave_public(self, now: datetime) -> None:
        if not self.was_public(now):
            self.first_published_at = None
            if self.published_at and self.published_at > now:
                self.published_at = None
        if self.expires_at and self.expires_at <= now:
            self.expires_at = None
