"""Saving so that nothing is lost: what somebody else saved meanwhile is merged in, and what clashes is kept.

Texts are merged and rendered while no transaction is open. Only then the one begins that writes; when the post is no
longer as it was read, everything is done again with what it is now.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from blog import policy
from blog.content.worker import off_loop
from blog.controllers.studio import saving
from blog.controllers.studio.tagging import with_present_tags
from blog.forms.fields import Errors
from blog.forms.merging import Merged, merge_forms
from blog.forms.posts import PostForm
from blog.models import Kind, Post, Revision, User, Visibility
from blog.models.revision import Save
from blog.queries import posts, revisions, site
from blog.web.errors import NotFound, Refusal
from blog.web.guards import begin_writing
from blog.web.rendering import Asked
from blog.web.state import house, site_of

TRIES = 30
"""How often a save begins again because another process saved while its text was rendered."""
_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
"""Who saves the same post in this process waits for their turn, or short texts would outrun long ones for ever."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to save: whether the page did it by itself, and whether what readers see is to stay as it is.

    `folds` is whether the writer's automatic saves before it may be folded into it.
    """

    is_automatic: bool = False
    is_aside: bool = False
    folds: bool = True


BY_HAND, ASIDE, AUTOMATIC = Way(), Way(is_aside=True), Way(is_automatic=True, is_aside=True)
RESTORED = Way(is_aside=True, folds=False)


@dataclass(frozen=True, slots=True)
class Saved:
    """A form that was saved: what it said in the end, which fields somebody else changed, and which were left out."""

    post: Post
    form: PostForm
    message: str = ""
    merged: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that cannot be saved as it is."""

    post: Post | None
    form: PostForm
    errors: Errors


@dataclass(frozen=True, slots=True)
class Clashed:
    """A form of which some parts were changed by somebody else too; it is kept."""

    post: Post
    merged: Merged


Outcome = Saved | Refused | Clashed
Deed = Callable[[Post], Awaitable[str]]
"""What is to happen in the transaction of the save; it gives the key of the message that tells of it."""


async def nothing_more(_: Post) -> str:
    """Only save."""
    return "saved"


async def form_of(db: AsyncSession, post: Post) -> PostForm:
    """Give what the editor shows of a post: its working copy if there is one."""
    newest = await revisions.newest(db, post) if post.has_working_copy else None
    return PostForm.of_revision(newest, post) if newest else PostForm.of(post)


async def save(
    request: Asked, db: AsyncSession, post: Post, form: PostForm, errors: Errors, way: Way, deed: Deed = nothing_more
) -> Outcome:
    """Save a form over whatever the post says now, and commit; `errors` are those that parsing found."""
    post_id = post.id
    await db.commit()  # nothing is held while others have their turn
    async with _turns.setdefault(post_id, asyncio.Lock()):
        if not await posts.is_unchanged(db, post):
            post = await _again(request, db, post_id)
        return await _save_now(request, db, post, form, errors, way, deed)


async def _save_now(
    request: Asked, db: AsyncSession, post: Post, form: PostForm, errors: Errors, way: Way, deed: Deed
) -> Outcome:
    viewer, now, typed, post_id = _viewer(request), house(request).clock(), form, post.id
    for _attempt in range(TRIES):
        problems = dict(errors)
        form, merged = (typed, None) if errors else await _met(db, post, typed)
        if merged is not None and merged.conflicts:
            await _keep_clash(request, db, post, typed, now)
            return Clashed(post, merged)
        is_aside = way.is_aside and post.is_live(now)
        met, form = form, await with_present_tags(db, form)
        has_other_tags = form.tags != met.tags
        taken_over = merged.taken_over(form) if merged else {"tags": form.tags} if has_other_tags else {}
        if way.is_automatic and _says_nothing_new(form, await form_of(db, post)):
            await _begin_from(request, db, post, typed)
            return Saved(post, form, merged=taken_over)
        if way.is_automatic and post.was_public(now) and not is_aside:
            form = replace(form, slug=post.slug)  # half-typed addresses lead nowhere
        await db.commit()
        words = None if is_aside else await saving.read(db, form, site_of(request.scope).language, problems)
        await begin_writing(request)
        if await posts.is_unchanged(db, post):
            ready = None
            if not is_aside:
                ready, form = await _ready(db, form, words, problems, post, post.kind, way)
                if ready is None:
                    await db.commit()  # nothing was changed, and nothing is to be held
                    return Refused(post, form, problems)
            try:
                message = await _write(db, post, form, ready, await _save(db, post, typed, viewer, now, way), deed)
                await revisions.forget_clash(db, post, viewer, version=typed.version)
                await db.commit()
            except (StaleDataError, IntegrityError):
                pass  # on PostgreSQL two may come this far, and a tag may have been merged in this moment
            else:
                message = "merged" if merged and message == "saved" else message
                message += ".tags-renamed" if message and has_other_tags else ""
                return Saved(post, form, message, taken_over, problems)
        post = await _again(request, db, post_id)
    raise Refusal(503)


async def create(
    request: Asked, db: AsyncSession, form: PostForm, errors: Errors, kind: Kind, way: Way, deed: Deed = nothing_more
) -> Saved | Refused:
    """Save a new post or page as a draft, and commit."""
    viewer, now, typed = _viewer(request), house(request).clock(), form
    form = await with_present_tags(db, typed)
    words = await saving.read(db, form, site_of(request.scope).language, errors)
    await begin_writing(request)
    ready, form = await _ready(db, form, words, errors, None, kind, way)
    if ready is None:
        await db.commit()
        return Refused(None, form, errors)
    new = Post(kind=kind, owner=viewer, owner_id=viewer.id, created_at=now, co_authors=[], tags=[])
    message = await _write(db, new, form, ready, Save(now, viewer, way.is_automatic), deed)
    await db.commit()
    if form.tags != typed.tags:
        message += ".tags-renamed" if message else ""
        return Saved(new, form, message, {"tags": form.tags}, errors)
    return Saved(new, form, message, errors=errors)


def without(form: PostForm, errors: Errors, kept: PostForm) -> PostForm:
    """Take the fields that cannot be saved from another form, so that the others can be."""
    names = {name for name in errors if name in PostForm.__dataclass_fields__}
    return replace(form, **{name: getattr(kept, name) for name in names})


def begin_from(form: PostForm, post: Post) -> PostForm:
    """Let a form replace whatever a post says now."""
    return replace(form, version=post.revision_number)


def typed_form(stored: dict[str, Any]) -> PostForm:
    """Read a form that was kept."""
    return PostForm(**{**stored, "visibility": Visibility(stored["visibility"])})


async def merge_from(db: AsyncSession, post: Post, form: PostForm, newest: Revision) -> Merged:
    """Merge a form with a revision that somebody saved since the form was opened."""
    base = await revisions.common(db, post, form.version)
    began = PostForm.of_revision(base, post) if base else PostForm()
    await db.commit()
    return await off_loop(merge_forms, began, form, PostForm.of_revision(newest, post))


async def _met(db: AsyncSession, post: Post, form: PostForm) -> tuple[PostForm, Merged | None]:
    """Bring a form together with what was saved since it was opened; unchanged when that is nothing."""
    newest = await revisions.newest(db, post) if form.version != post.revision_number else None
    if newest is None:
        return form, None
    merged = await merge_from(db, post, form, newest)
    return (form if merged.conflicts else merged.form()), merged


def _says_nothing_new(form: PostForm, last: PostForm) -> bool:
    is_untouched = form.slug in {"", form.opened_slug}
    same = {"version": last.version, "opened_slug": last.opened_slug, "published_at": last.published_at}
    same |= {"expires_at": last.expires_at, "knows": last.knows}
    return replace(form, **same, slug=last.slug if is_untouched else form.slug) == last  # type: ignore[arg-type]  # of several types, by name


async def _begin_from(request: Asked, db: AsyncSession, post: Post, typed: PostForm) -> None:
    """Let the form go on from the newest revision, which somebody else made."""
    if typed.version != post.revision_number:
        await begin_writing(request)
        await revisions.keep(db, post, post.revision_number)
        await db.commit()


async def _save(db: AsyncSession, post: Post, typed: PostForm, viewer: User, now: datetime, way: Way) -> Save:
    """Say who saves; their own automatic save before this one folds into it, but not what readers go on seeing."""
    shown = post.shown_revision if way.is_aside and post.is_live(now) else 0
    begun_at, also_by = None, list[int]()
    if way.folds:
        begun_at, also_by = await revisions.fold(
            db, post, typed.version, viewer, now, but=shown, length=len(typed.body)
        )
    if typed.version != post.revision_number:
        also_by += await revisions.savers_since(db, post, typed.version)
    others = [saver for saver in dict.fromkeys(also_by) if saver != viewer.id]
    return Save(now, viewer, way.is_automatic, begun_at, others)


async def _write(
    db: AsyncSession, post: Post, form: PostForm, ready: saving.Ready | None, save: Save, deed: Deed
) -> str:
    """Write a form into the post, or beside it when nothing was made ready for readers."""
    was_live = post.is_live(save.now)
    if ready is None:
        post.set_aside(form.words, form.usernames, save)
        await db.flush()  # the version of the row is compared now
        return await deed(post)
    await saving.write(db, post, form, ready, save)
    message = await deed(post)
    if was_live or post.is_live(save.now):
        await site.touch(db)
    return message


async def _ready(
    db: AsyncSession,
    form: PostForm,
    words: saving.Words | None,
    errors: Errors,
    post: Post | None,
    kind: Kind,
    way: Way,
) -> tuple[saving.Ready | None, PostForm]:
    """Prepare a form. What the page saves by itself goes without the fields that cannot be saved yet."""
    ready = await saving.prepare(db, form, words, errors, post, kind)
    if ready is None and way.is_automatic and words is not None:
        form = without(form, errors, PostForm.of(post) if post else PostForm())
        ready = await saving.prepare(db, form, words, {}, post, kind)
    return ready, form


async def _keep_clash(request: Asked, db: AsyncSession, post: Post, typed: PostForm, now: datetime) -> None:
    await begin_writing(request)
    await revisions.keep_clash(db, post, _viewer(request), asdict(typed), typed.version, now)
    await revisions.keep(db, post, typed.version)
    await revisions.keep(db, post, post.revision_number)
    await db.commit()


async def _again(request: Asked, db: AsyncSession, post_id: int) -> Post:
    """Undo what was begun, and read again who is asking and what the post is now."""
    await db.rollback()
    for row in (request.user, request.auth):
        await db.refresh(row)
    post = await posts.for_desk(db, post_id, _viewer(request))
    if post is None:
        raise NotFound
    if not policy.may_edit(_viewer(request), post):
        raise Refusal(403)
    return post


def _viewer(request: Asked) -> User:
    assert request.user is not None  # noqa: S101 - the guard let in only who is signed in
    return request.user
