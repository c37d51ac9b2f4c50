"""Posts as lists show them: the few columns that a card prints, in one statement however many cards there are.

Making whole posts of the rows is most of what a list costs; a card is read once and thrown away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from blog.database.gathering import Gathered
from blog.models import CoAuthor, Media, Post, Tag, User, Visibility
from blog.models.post import path_of, post_tags, teaser_of

# The tags of each post that a statement selects, as lists of key, name and slug.
TAGS = (
    select(Gathered(Tag.key, Tag.name, Tag.slug))
    .join(post_tags, post_tags.c.tag_id == Tag.id)
    .where(post_tags.c.post_id == Post.id)
    .correlate(Post)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody in a byline, or a tag: a name and where it leads."""

    name: str
    slug: str

    @property
    def username(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True)
class Card:
    """A post in a list, with the same names as the post itself has."""

    path: str
    title: str
    teaser: str
    language: str | None
    visibility: Visibility
    reading_minutes: int
    published_at: datetime
    is_featured: bool
    cover: Media | None
    authors: Sequence[Named]
    tags: Sequence[Named]


def cards_of(places: Select[int] | CompoundSelect[int]) -> Select[Any]:
    """Select what the cards of the posts with these ids print, newest first."""
    query = select(*_PRINTED).join(User, User.id == Post.owner_id).outerjoin(Media, Media.id == Post.cover_id)
    return query.where(Post.id.in_(places)).order_by(Post.published_at.desc(), Post.id.desc())


async def fetch_cards(
    db: AsyncSession, statement: Select[Any], values: dict[str, object] | None = None
) -> Sequence[Card]:
    """Fetch cards by a statement of `cards_of`."""
    return [_card(row) for row in await db.execute(statement, values)]


def _card(row: Row[Any]) -> Card:
    cover = None
    if row.cover is not None:
        cover = Media(
            name=row.cover,
            width=row.width,
            height=row.height,
            variants=row.variants or [],
            colour=row.colour or "",
            focus_x=row.focus_x,
            focus_y=row.focus_y,
        )
    return Card(
        path_of(row.kind, row.slug),
        row.title,
        teaser_of(row.excerpt, row.summary, row.visibility),
        row.language,
        row.visibility,
        row.reading_minutes,
        row.published_at,
        row.is_featured,
        cover,
        [Named(row.name, row.username), *(Named(name, username) for _, name, username in sorted(row.others))],
        [Named(name, slug) for _, name, slug in sorted(row.tags)],
    )


_person = aliased(User)
_OTHERS = (
    select(Gathered(CoAuthor.position, _person.name, _person.username))
    .join(_person, _person.id == CoAuthor.user_id)
    .where(CoAuthor.post_id == Post.id)
    .correlate(Post)
    .scalar_subquery()
)
_PRINTED = (
    Post.id, Post.kind, Post.slug, Post.title, Post.excerpt, Post.summary, Post.language, Post.visibility,
    Post.reading_minutes, Post.published_at, Post.is_featured, User.name, User.username,
    Media.name.label("cover"), Media.width, Media.height, Media.variants, Media.colour, Media.focus_x,
    Media.focus_y, _OTHERS.label("others"), TAGS.label("tags"),
)  # fmt: skip
