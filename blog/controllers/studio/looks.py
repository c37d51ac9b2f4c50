"""What readers would get of a post once it is published or updated: of its working copy, if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from blog.controllers.studio import keeping, saving
from blog.controllers.studio.tagging import with_present_tags
from blog.forms.posts import PostForm
from blog.models import Kind, Media, Post, User, Visibility
from blog.models.post import path_of, teaser_of
from blog.queries import media, users


@dataclass(frozen=True, slots=True)
class Looks:
    """A post as it is to be. `html` is empty where the text cannot be rendered."""

    kind: Kind
    slug: str
    title: str
    body: str
    html: str
    words: int
    reading_minutes: int
    excerpt: str
    description: str
    summary: str
    language: str
    visibility: Visibility
    tags: Sequence[str]
    authors: Sequence[User]
    cover: Media | None
    cover_alt: str
    version: int

    @property
    def path(self) -> str:
        return path_of(self.kind, self.slug)

    @property
    def is_page(self) -> bool:
        return self.kind == Kind.PAGE

    @property
    def about(self) -> str:
        """What search engines and other sites are told of it."""
        return self.description or teaser_of(self.excerpt, self.summary, self.visibility)

    @property
    def picture(self) -> str | None:
        """The address of the cover, if it stands for the post where that is shared."""
        is_shown = self.visibility == Visibility.PUBLIC and self.cover is not None and self.cover.width
        return self.cover.url if is_shown and self.cover is not None else None


async def looks_of(db: AsyncSession, post: Post) -> Looks:
    """Tell what readers would get of a post, with its Markdown loaded."""
    if post.has_working_copy:
        form = await with_present_tags(db, await keeping.form_of(db, post))
        return await _of_form(db, post, form)
    return Looks(
        post.kind, post.slug, post.title, post.body, post.html, post.words, post.reading_minutes, post.excerpt,
        post.description, post.summary, post.language or "", post.visibility, [tag.name for tag in post.tags],
        post.authors, post.cover, post.cover_alt, post.revision_number,
    )  # fmt: skip


async def _of_form(db: AsyncSession, post: Post, form: PostForm) -> Looks:
    rendered = await saving.render(db, form, {})
    people = await users.by_usernames(db, form.usernames)
    covers = await media.at_urls(db, [form.cover])
    html, words, minutes, summary = "", 0, 1, ""
    if rendered is not None:
        html, summary = str(rendered.html), rendered.summary
        words, minutes = rendered.words, rendered.reading_minutes
    return Looks(
        post.kind, form.slug or post.slug, form.title, form.body, html, words, minutes, form.excerpt,
        form.description, summary, form.language, form.visibility, form.tag_names,
        list(dict.fromkeys([post.owner, *(people[name] for name in form.usernames if name in people)])), covers.get(form.cover), form.cover_alt, form.version,
    )  # fmt: skip
