"""What the editor's form may say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from blog.content.slugs import is_slug
from blog.content.text import clean_text
from blog.content.urls import clean_url, is_page_address
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.languages.offered import OFFERED
from blog.models import Post, Revision, Visibility
from blog.models.post import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_EXCERPT, LONGEST_TITLE
from blog.models.tag import LONGEST_TAG

LONGEST_BODY = 900_000
MOST_TAGS = 30
MOST_AUTHORS = 20
LONGEST_ALT = 1000


@dataclass(frozen=True, slots=True)
class PostForm:
    """A post as it was typed. `version` is the number of the revision that the writer began from.

    `opened_slug` is the address that the form was opened with, which tells whether the writer chose another; None
    when nothing is known of that. `published_at` and `expires_at` are the texts of the fields for dates, which count
    only when the post is to be published; None before anything was typed. `knows` is the number of the last change of a
    tag's name when the form was opened; None when nothing is known of that.
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
    canonical_url: str = ""
    description: str = ""
    visibility: Visibility = Visibility.PUBLIC
    version: int = 0
    opened_slug: str | None = None
    published_at: str | None = None
    expires_at: str | None = None
    knows: int | None = 0

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
            canonical_url=post.canonical_url,
            description=post.description,
            visibility=post.visibility,
            version=post.shown_revision,
            opened_slug=post.slug,
        )

    @classmethod
    def of_revision(cls, revision: Revision, post: Post) -> "PostForm":
        """Fill the form with what was saved once; whoever owned the post then, its owner now does."""
        others = [name for name in revision.authors[1:] if name != post.owner.username]
        return cls(
            title=revision.title,
            body=revision.body,
            slug=revision.slug,
            excerpt=revision.excerpt,
            tags=", ".join(revision.tags),
            authors=", ".join(others),
            language=revision.language,
            cover=revision.cover,
            cover_alt=revision.cover_alt,
            canonical_url=revision.canonical_url,
            description=revision.description,
            visibility=Visibility(revision.visibility),
            version=revision.number,
            opened_slug=revision.slug,
        )

    def planned_for(self, asked: Mapping[str, str]) -> "PostForm":
        """Fill in times that somebody typed and that are kept nowhere yet."""
        times = {name: clean_text(asked[name])[:40] for name in ("published_at", "expires_at") if name in asked}
        return replace(self, **times)  # type: ignore[arg-type]  # all fields of times are text

    @property
    def words(self) -> dict[str, Any]:
        """What a revision holds of the form, but for its authors."""
        return {
            "title": self.title,
            "slug": self.slug,
            "body": self.body,
            "excerpt": self.excerpt,
            "tags": self.tag_names,
            "language": self.language,
            "visibility": self.visibility,
            "cover": self.cover,
            "cover_alt": self.cover_alt,
            "canonical_url": self.canonical_url,
            "description": self.description,
        }

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
            canonical_url=_as_written_in_pages(fields.text("canonical_url", longest=LONGEST_ADDRESS)),
            description=fields.text("description", longest=LONGEST_DESCRIPTION),
            visibility=fields.choice("visibility", Visibility, Visibility.PUBLIC) or Visibility.PUBLIC,
            version=fields.number("version"),
            opened_slug=fields.text("opened_slug", longest=80) if "opened_slug" in typed else None,
            published_at=fields.text("published_at", longest=40),
            expires_at=fields.text("expires_at", longest=40) if "expires_at" in typed else None,
            knows=fields.number("knows") if "knows" in typed else None,
        )
        if form.slug and not is_slug(form.slug):
            fields.errors.setdefault(
                "slug",
                _("An address has letters, digits, hyphens, dots and underscores, and does not end like a file."),
            )
        if form.canonical_url and not is_page_address(form.canonical_url):
            fields.errors.setdefault("canonical_url", _("Write a whole address, with https:// before it."))
        return form, fields.errors


def parse_owner(typed: Mapping[str, object]) -> tuple[str, Errors]:
    """Read whom a post goes to."""
    fields = Fields(typed)
    return fields.text("username", longest=80, missing=_("Choose who owns the post from now on.")), fields.errors


def _as_written_in_pages(address: str) -> str:
    return clean_url(address) or address if is_page_address(address) else address


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
