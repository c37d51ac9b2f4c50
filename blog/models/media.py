"""Files that posts show."""

import re
from datetime import datetime
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.models.base import Base, RowId
from blog.models.event import Event

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

post_media = Table(
    "post_media",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("media_id", ForeignKey("media.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_post_media_media_id", "media_id"),
)


_MARKS = re.compile(r"([\\\[\]*_`<>~!&])")
_BACKSLASH = r"\\\1"
MIDDLE = 50
FOCUS_STEP = 10
LONGEST_ALT = 1000


class MediaKind(StrEnum):
    """What a file is to those who use it."""

    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"
    DOCUMENT = "document"


TYPES = {
    MediaKind.PICTURE: "image/",
    MediaKind.SOUND: "audio/",
    MediaKind.FILM: "video/",
    MediaKind.DOCUMENT: "application/",
}
"""How the content types of each kind begin."""


class Media(Base):
    """An uploaded or imported file, stored under a random name that nobody can guess."""

    __tablename__ = "media"
    __table_args__ = (Index("ix_media_created_at", "created_at", "id"),)

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    """The end of its address, which stays when the file is replaced."""
    stored: Mapped[str] = mapped_column(String(80))
    """The name of its bytes in the storage, which is another for other bytes."""
    original_name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    """The SHA-256 of who sent it and its bytes."""
    variants: Mapped[list[Any]] = mapped_column(default=list)
    """Smaller copies for narrow screens, each a list of its width in pixels and its format ("webp" or "avif")."""
    colour: Mapped[str] = mapped_column(String(7), default="")
    """What the picture looks like from afar, as #rrggbb; empty for what has no one colour."""
    alt: Mapped[str] = mapped_column(Text, default="")
    focus_x: Mapped[int] = mapped_column(default=MIDDLE)
    """Where the point is that must stay in sight when the picture is cropped, in percent from the left."""
    focus_y: Mapped[int] = mapped_column(default=MIDDLE)
    """The same in percent from the top."""
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    uploaded_by: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[uploaded_by_id])
    posts: WriteOnlyMapped["Post"] = relationship(secondary=post_media, back_populates="media", passive_deletes=True)

    @property
    def url(self) -> str:
        return f"/media/{self.name}"

    @property
    def kind(self) -> MediaKind:
        return next(kind for kind, begin in TYPES.items() if self.content_type.startswith(begin))

    @property
    def thumbnail(self) -> str:
        """The address of the smallest picture that there is of it."""
        smallest = min(([width, kind] for width, kind in self.variants if kind == "webp"), default=None)
        return f"/media/{copy_name(self.name, *smallest)}" if smallest else self.url

    def copy_url(self, width: int, kind: str) -> str:
        """Give the address of one of its smaller copies."""
        return f"/media/{copy_name(self.name, width, kind)}"

    @property
    def focus(self) -> str:
        """The classes that keep its focal point in sight where a picture is cropped; none for the middle."""
        places = [("x", self.focus_x), ("y", self.focus_y)]
        steps = [(way, round(place / FOCUS_STEP)) for way, place in places]
        return " ".join(f"focus-{way}-{step}" for way, step in steps if step != MIDDLE // FOCUS_STEP)

    @property
    def markdown(self) -> str:
        """What a writer puts into a text to show the file there."""
        words = " ".join(self.alt.split()) or ("" if self.kind == MediaKind.PICTURE else self.original_name)
        if self.kind in {MediaKind.SOUND, MediaKind.FILM}:
            tag = "audio" if self.kind == MediaKind.SOUND else "video"
            return f'<{tag} src="{self.url}" title="{escape(words)}"></{tag}>'
        link = f"[{_MARKS.sub(_BACKSLASH, words)}]({self.url})"
        return f"!{link}" if self.kind == MediaKind.PICTURE else link

    def describe(self, *, name: str, alt: str, focus: tuple[int, int], now: datetime, by: "User") -> Event:
        """Say what it is called, what it shows, and where its focal point is."""
        self.original_name, self.alt = name, alt
        return self.focus_on(focus, now=now, by=by)

    def focus_on(self, focus: tuple[int, int], *, now: datetime, by: "User") -> Event:
        self.focus_x, self.focus_y = focus
        return Event.about("media.changed", self, now, by, name=self.original_name)

    def srcset(self, kind: str) -> str:
        """List the smaller copies in a format, as `srcset` wants them."""
        copies = [(width, copy_name(self.name, width, kind)) for width, made in self.variants if made == kind]
        return ", ".join(f"/media/{name} {width}w" for width, name in copies)


def copy_name(name: str, width: int, kind: str) -> str:
    """Name the file of a smaller copy, beside the file itself."""
    return f"{name.partition('.')[0]}-{width}.{kind}"
