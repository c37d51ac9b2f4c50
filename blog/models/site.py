"""The one row that says what this publication is called and how often its pages changed."""

from enum import StrEnum
from typing import Any

from markupsafe import Markup
from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.models.base import Base, RowId, stored_enum
from blog.models.kinds import Visibility
from blog.models.media import Media

LONGEST_TITLE = 100
POSTS_PER_PAGE = 10
MOST_PER_PAGE = 100


class Opening(StrEnum):
    """Who may make themselves an account: nobody; whom an admin lets in; who proves their address by mail."""

    CLOSED = "closed"
    APPROVAL = "approval"
    MAIL = "mail"


class Site(Base):
    """The publication's own settings; `version` grows with every change that readers can see."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[RowId]
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    tagline: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="")
    """What search engines and feed readers are told of the publication; without it, the tagline."""
    language: Mapped[str] = mapped_column(String(35))
    timezone: Mapped[str] = mapped_column(String(64))
    accent: Mapped[str] = mapped_column(String(7), default="")
    """The colour of links and buttons as #rrggbb; empty for the theme's own."""
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    icon_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    posts_per_page: Mapped[int] = mapped_column(default=POSTS_PER_PAGE)
    navigation: Mapped[list[Any]] = mapped_column(default=list)
    """The links beside the site's name, each a list of its label and its address."""
    footer: Mapped[str] = mapped_column(Text, default="")
    """What stands below every page, in Markdown."""
    footer_html: Mapped[str] = mapped_column(Text, default="")
    registration: Mapped[Opening] = mapped_column(stored_enum(Opening), default=Opening.CLOSED)
    new_visibility: Mapped[Visibility] = mapped_column(stored_enum(Visibility), default=Visibility.PUBLIC)
    """For whom a new post is, unless its writer says otherwise."""
    first_steps: Mapped[bool] = mapped_column(default=False)
    """Whether the admins' desk still says what may be done first."""
    second_factor_roles: Mapped[list[Any]] = mapped_column(default=list)
    """The roles that need a second factor to do anything here."""
    version: Mapped[int]

    logo: Mapped[Media | None] = relationship(lazy="raise", foreign_keys=[logo_id])
    icon: Mapped[Media | None] = relationship(lazy="raise", foreign_keys=[icon_id])

    @property
    def about(self) -> str:
        """What the publication says of itself to search engines and feed readers."""
        return self.description or self.tagline

    @property
    def footer_markup(self) -> Markup:
        """The footer as HTML, sanitised when it was made."""
        return Markup(self.footer_html)  # noqa: S704 - only the settings' form writes it, from content.markdown
