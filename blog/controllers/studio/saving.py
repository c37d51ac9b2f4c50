"""What saving a post takes beside its form: people and tags by name, a free address, HTML made off the event loop."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from blog import media as media_files
from blog import search
from blog.content.markdown import ContentRefused, Rendered
from blog.content.slugs import slugify
from blog.content.worker import off_loop, render_off_loop
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.languages import gettext as _
from blog.models import Kind, Media, Post, Tag, User
from blog.models.revision import Save
from blog.policy import Action, may
from blog.queries import media, posts, redirects, tags, users
from blog.search import Document
from blog.web import routes
from blog.web.elsewhere import leads_to

NAMELESS = "post"


@dataclass(frozen=True, slots=True)
class Words:
    """What a form's text became: its HTML, and its words for search."""

    rendered: Rendered
    document: Document


@dataclass(frozen=True, slots=True)
class Ready:
    """A form that can be saved: its text rendered, its people and tags found, its address free."""

    rendered: Rendered
    document: Document
    cover: Media | None
    others: list[User]
    slug: str
    tags: list[Tag]


async def prepare(
    db: AsyncSession, form: PostForm, words: Words | None, errors: Errors, post: Post | None, kind: Kind
) -> Ready | None:
    """Do everything that may still refuse a form; the reasons are added to `errors`, and then it gives None."""
    others = await _co_authors(db, form, errors)
    cover = await _cover(db, form, errors)
    slug = await _address(db, form, post, kind, errors)
    if errors or words is None:
        return None
    return Ready(words.rendered, words.document, cover, others, slug, await tags.named(db, form.tag_names))


async def write(db: AsyncSession, post: Post, form: PostForm, ready: Ready, save: Save) -> None:
    """Put a prepared form into the post with everything that hangs on it; the caller commits."""
    old_path, was_public = post.path if post.id else "", post.was_public(save.now)
    post.visibility, post.language = form.visibility, form.language or None
    post.cover, post.cover_alt = ready.cover, form.cover_alt
    post.canonical_url, post.description = form.canonical_url, form.description
    post.revise(
        title=form.title,
        slug=ready.slug,
        excerpt=form.excerpt,
        body=form.body,
        rendered=ready.rendered,
        tags=ready.tags,
        others=ready.others,
        now=save.now,
        by=save.by,
        save=save,
    )
    db.add(post)
    await db.flush()  # a new post gets its id, which the rows below name
    await media.link(db, post, [*ready.rendered.files, *([ready.cover.url] if ready.cover else [])])
    await search.take_in(db, post, ready.rendered.text, ready.document)
    if post.path != old_path and not save.is_automatic:
        await redirects.forget(db, post.path)
        if was_public:
            await redirects.remember(db, old_path, post, save.now)


async def read(db: AsyncSession, form: PostForm, language: str, errors: Errors) -> Words | None:
    """Make of a form's text what is stored beside it; `language` is the site's, for a text that names none."""
    rendered = await render(db, form, errors)
    if rendered is None:
        return None
    about = " ".join([form.excerpt, *form.tag_names])
    document = await off_loop(Document.of, form.title, about, rendered.text, form.language or language)
    return Words(rendered, document)


async def render(db: AsyncSession, form: PostForm, errors: Errors) -> Rendered | None:
    """Make HTML of a text, with the sizes of the pictures that we hold; a text that cannot be is an error of `body`."""
    try:
        rendered = await render_off_loop(form.body, language=form.language)
        known = await media.at_urls(db, rendered.pictures)
        if not known:
            return rendered

        shown = {url: media_files.shown(found) for url, found in known.items()}
        return await render_off_loop(form.body, shown.get, language=form.language)
    except ContentRefused as refused:
        errors.setdefault("body", str(refused))
        return None


async def _cover(db: AsyncSession, form: PostForm, errors: Errors) -> Media | None:
    if not form.cover:
        return None
    found = (await media.at_urls(db, [form.cover])).get(form.cover)
    if found is None:
        errors.setdefault("cover", _("There is no such picture here. Upload it first, and copy its address."))
    return found


async def _co_authors(db: AsyncSession, form: PostForm, errors: Errors) -> list[User]:
    found = await users.by_usernames(db, form.usernames)
    unknown = [name for name in form.usernames if name not in found or not may(found[name], Action.WRITE)]
    if unknown:
        sentence = _("Nobody writes here under the name %(names)s.")
        errors.setdefault("authors", sentence % {"names": ", ".join(unknown)})
        return []
    # One person may be named twice, by the username that they had and by that which they have.
    return list(dict.fromkeys(found[name] for name in form.usernames))


async def _address(db: AsyncSession, form: PostForm, post: Post | None, kind: Kind, errors: Errors) -> str:
    """Choose the address: what was typed if it is free; else, until first publication, it follows the title."""
    if post is not None and form.slug and (form.slug == post.slug or _is_untouched(post, form)):
        if form.title == post.title or not _follows_title(post):
            return post.slug
        return await posts.free_slug(db, _from_title(form, kind), but=post)
    if kind == Kind.PAGE and form.slug and _is_the_sites(form.slug):
        errors.setdefault("slug", _("This address belongs to the site itself. Choose a different one."))
        return form.slug
    if form.slug:
        if await posts.has_slug(db, form.slug, but=post):
            errors.setdefault("slug", _("Another post has this address. Choose a different one."))
        return form.slug
    return await posts.free_slug(db, _from_title(form, kind), but=post)


def _from_title(form: PostForm, kind: Kind) -> str:
    wanted = slugify(form.title) or NAMELESS
    return f"{wanted}-page" if kind == Kind.PAGE and _is_the_sites(wanted) else wanted


def _is_the_sites(slug: str) -> bool:
    """Tell whether a page cannot have this address, because something else answers there or leads elsewhere."""
    return routes.is_taken(f"/{slug}") or leads_to(f"/{slug}") is not None


def _is_untouched(post: Post, form: PostForm) -> bool:
    """Tell whether the form still has the address that it was opened with, which has followed the title since."""
    return form.slug == form.opened_slug and _follows_title(post)


def _follows_title(post: Post) -> bool:
    return post.first_published_at is None and post.slug.startswith(slugify(post.title) or NAMELESS)
