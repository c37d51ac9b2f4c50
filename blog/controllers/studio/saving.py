"""What saving a post takes beside its form: people and tags by name, a free address, HTML made off the event loop."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.markdown import ContentRefused, Rendered
from blog.content.slugs import slugify
from blog.content.worker import render_off_loop
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.models import Post, Tag, User
from blog.policy import Action, may
from blog.queries import media, posts, redirects, site, tags, users

NAMELESS = "post"


@dataclass(frozen=True, slots=True)
class Ready:
    """A form that can be saved: its text rendered, its people and tags found, its address free."""

    rendered: Rendered
    others: list[User]
    slug: str
    tags: list[Tag]


async def prepare(
    db: AsyncSession, form: PostForm, rendered: Rendered | None, errors: Errors, post: Post | None
) -> Ready | None:
    """Do everything that may still refuse a form; the reasons are added to `errors`, and then it gives None."""
    others = await _co_authors(db, form, errors)
    slug = await _address(db, form, post, errors)
    if errors or rendered is None:
        return None
    return Ready(rendered, others, slug, await tags.named(db, form.tag_names))


async def write(db: AsyncSession, post: Post, form: PostForm, ready: Ready, *, now: datetime, by: User) -> None:
    """Put a prepared form into the post with everything that hangs on it; the caller commits."""
    old_path, was_public = post.path if post.id else "", post.was_public(now)
    post.visibility = form.visibility
    post.revise(
        title=form.title,
        slug=ready.slug,
        excerpt=form.excerpt,
        body=form.body,
        rendered=ready.rendered,
        tags=ready.tags,
        others=ready.others,
        now=now,
        by=by,
    )
    db.add(post)
    await db.flush()  # a new post gets its id, which the rows below name
    await media.link(db, post, ready.rendered.pictures)
    if post.path != old_path:
        await redirects.forget(db, post.path)
        if was_public:
            await redirects.remember(db, old_path, post, now)
    await site.touch(db)


async def render(db: AsyncSession, body: str, errors: Errors) -> Rendered | None:
    """Make HTML of a text, with the sizes of the pictures that we hold; a text that cannot be is an error of `body`."""
    try:
        rendered = await render_off_loop(body)
        known = await media.at_urls(db, rendered.pictures)
        if not known:
            return rendered

        def size(url: str) -> tuple[int, int] | None:
            found = known.get(url)
            return (found.width, found.height) if found and found.width and found.height else None

        return await render_off_loop(body, size)
    except ContentRefused as refused:
        errors.setdefault("body", str(refused))
        return None


async def _co_authors(db: AsyncSession, form: PostForm, errors: Errors) -> list[User]:
    found = await users.by_usernames(db, form.usernames)
    unknown = [name for name in form.usernames if name not in found or not may(found[name], Action.WRITE)]
    if unknown:
        errors.setdefault("authors", "Nobody writes here under the name " + ", ".join(unknown) + ".")
        return []
    return [found[name] for name in form.usernames]


async def _address(db: AsyncSession, form: PostForm, post: Post | None, errors: Errors) -> str:
    """Choose the address: what was typed if it is free; else, until first publication, it follows the title."""
    kept = post is not None and form.slug == post.slug and not _follows_title(post, form)
    if kept:
        return form.slug
    if form.slug and (post is None or form.slug != post.slug):
        if await posts.has_slug(db, form.slug, but=post):
            errors.setdefault("slug", "Another post has this address. Choose a different one.")
        return form.slug
    return await posts.free_slug(db, slugify(form.title) or NAMELESS, but=post)


def _follows_title(post: Post, form: PostForm) -> bool:
    made_from_title = post.slug.startswith(slugify(post.title) or NAMELESS)
    return post.first_published_at is None and made_from_title and form.title != post.title
