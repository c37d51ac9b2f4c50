"""What the editor's form may say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from blog.content.slugs import is_slug
from blog.forms.fields import Errors, Fields
from blog.languages import OFFERED
from blog.languages import gettext as _
from blog.models import Post, Visibility
from blog.models.post import LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG

LONGEST_BODY = 900_000
MOST_TAGS = 30
MOST_AUTHORS = 20
LONGEST_ADDRESS = 1000
LONGEST_ALT = 1000


@dataclass(frozen=True, slots=True)
class PostForm:
    """A post as it was typed. `version` is the number of the revision that the writer began from.

    `published_at` is the text of the date field, which counts only when the post is to be published; None before
    anything was typed.
    """

    title: str = ""
    body: str = ""
    slug: str = ""
    excerpt: str = ""
    tags: str = ""
    authors: str = ""
    language: str = ""
    cover: str = ""
    cover_alt: str = ""
    visibility: Visibility = Visibility.PUBLIC
    version: int = 0
    published_at: str | None = None

    @property
    def tag_names(self) -> list[str]:
        return _split(self.tags)

    @property
    def usernames(self) -> list[str]:
        """The co-authors in their order, each once."""
        return list(dict.fromkeys(name.removeprefix("@") for name in _split(self.authors)))

    @classmethod
    def of(cls, post: Post) -> "PostForm":
        """Fill the form with a post as it is."""
        return cls(
            title=post.title,
            body=post.body,
            slug=post.slug,
            excerpt=post.excerpt,
            tags=", ".join(tag.name for tag in post.tags),
            authors=", ".join(user.username for user in post.others),
            language=post.language or "",
            cover=post.cover.url if post.cover else "",
            cover_alt=post.cover_alt,
            visibility=post.visibility,
            version=post.revision_number,
        )

    @classmethod
    def parse(cls, typed: Mapping[str, object]) -> tuple["PostForm", Errors]:
        """Read the form; what was typed is kept where it is wrong too."""
        fields = Fields(typed)
        form = cls(
            title=fields.text("title", longest=LONGEST_TITLE, missing=_("Give the post a title.")),
            body=fields.prose("body", longest=LONGEST_BODY),
            slug=fields.text("slug", longest=80),
            excerpt=fields.text("excerpt", longest=LONGEST_EXCERPT),
            tags=", ".join(fields.words("tags", longest=LONGEST_TAG, most=MOST_TAGS)),
            authors=", ".join(fields.words("authors", longest=80, most=MOST_AUTHORS)),
            language=fields.option("language", ("", *OFFERED)),
            cover=fields.text("cover", longest=LONGEST_ADDRESS),
            cover_alt=fields.text("cover_alt", longest=LONGEST_ALT),
            visibility=fields.choice("visibility", Visibility, Visibility.PUBLIC) or Visibility.PUBLIC,
            version=fields.number("version"),
            published_at=fields.text("published_at", longest=40),
        )
        if form.slug and not is_slug(form.slug):
            fields.errors.setdefault(
                "slug",
                _("An address has letters, digits, hyphens, dots and underscores, and does not end like a file."),
            )
        return form, fields.errors


def parse_publication(typed: Mapping[str, object], zone: ZoneInfo) -> tuple[datetime | None, Errors]:
    """Read when a post is to appear; None is now."""
    fields = Fields(typed)
    return fields.moment("published_at", zone), fields.errors


def parse_owner(typed: Mapping[str, object]) -> tuple[str, Errors]:
    """Read whom a post goes to."""
    fields = Fields(typed)
    return fields.text("username", longest=80, missing=_("Choose who owns the post from now on.")), fields.errors


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
