"""A draft behind a secret link: read, commented on and approved by somebody without an account.

The address is the only key. No cookie is set, and the outer layer keeps these pages out of caches and search engines.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.auth.tokens import token_hash
from blog.content import paragraphs
from blog.content.lent import lent
from blog.content.paragraphs import Paragraph
from blog.controllers.public import files
from blog.controllers.studio.comments import said
from blog.controllers.studio.reviewing import chosen
from blog.database import begin_write
from blog.forms.fields import Errors
from blog.forms.reviews import GuestForm
from blog.languages import gettext as _
from blog.models import Approval, Comment, Event, News, Share
from blog.models.media import copy_name
from blog.models.notice import authors_of, tell
from blog.queries import comments, media, shares
from blog.queries.comments import Thread
from blog.web import routes
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see

HOUR = timedelta(hours=1)
PER_HOUR = 20
"""How often something can be said through one link within an hour."""
TOO_MUCH = "limit"
MOST_SAID = 500
"""How often something can be said through one link at all."""


@dataclass(slots=True)
class Part:
    """A paragraph as the guest sees it, with what was said of it through this link."""

    paragraph: Paragraph
    html: Markup
    threads: list[Thread] = field(default_factory=list)


class Shared(Controller):
    path = "/shared/{token:str}"
    opt = serves(policy.Action.READ)

    @get("/", name="shared.show")
    async def show(self, request: Asked, db: Db, token: PathText, viewer: Visitor, now: Now) -> Response[Any]:
        """Show the draft."""
        share = await _opened(db, token, now)
        if share.is_use_to_note(now) and not policy.may_see(viewer, share.post):
            await db.commit()
            await begin_write(db)
            await shares.note_use(db, share, now)
            await db.commit()
        return await _read(request, db, share, token, GuestForm(), {})

    @get("/media/{name:str}", name="shared.media")
    async def media(self, request: Asked, db: Db, token: PathText, name: PathText, now: Now) -> Response[Any]:
        """Give a file that the draft shows, and no other."""
        share = await _opened(db, token, now)
        if name not in _files(share):
            raise NotFound
        names, copy = files.stored_names(name)
        found = await media.at_urls(db, [f"/media/{one}" for one in names])
        await db.close()
        return await files.give(request, next(iter(found.values()), None), copy, is_public=False)

    @post("/comments", name="shared.comments.create", status_code=200)
    async def comment(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Say something about the draft or one of its paragraphs, or in answer to what was said through this link."""
        form, errors = GuestForm.parse(await read_form(request))
        share = await _opened_to_write(request, db, token, now)
        new = Comment(post_id=share.post_id, share_id=share.id, name=form.name, text=form.text, created_at=now)
        new.quote, new.place = "", 0
        if form.answers:
            begun = await comments.begun_through(db, share, row_id(form.answers))
            if begun is None:
                raise NotFound
            new.answers_id = begun.id
        elif form.paragraph:
            seen = next((one for one in paragraphs.split(share.markup) if one.number == form.paragraph), None)
            if seen is None or not seen.text:
                raise NotFound
            new.quote, new.place = seen.text, seen.number
        if errors or await _is_too_much(db, share, now, errors):
            return await _read(request, db, share, token, form, errors)
        await said(db, share.post, new, now=now, by=None, also=_maker(share))
        await db.commit()
        place = f"comment-{new.answers_id}" if new.answers_id else f"p-{new.place}" if new.place else "said"
        return see(f"{routes.url('shared.show', token=token)}?done=comment#{place}")

    @post("/approval", name="shared.approvals.create", status_code=200)
    async def approve(self, request: Asked, db: Db, token: PathText, now: Now) -> Response[Any]:
        """Take the guest's word that the text may appear as they see it."""
        form, errors = GuestForm.parse_name(await read_form(request))
        share = await _opened_to_write(request, db, token, now)
        if errors or await _is_too_much(db, share, now, errors):
            return await _read(request, db, share, token, form, {f"approval-{key}": why for key, why in errors.items()})
        if form.name not in {one.name for one in await shares.approvals_through(db, share)}:
            approval = Approval(
                post_id=share.post_id, share_id=share.id, name=form.name, text_hash=share.text_hash, created_at=now
            )
            db.add(approval)
            await db.flush()  # the event names the approval
            db.add(Event.about("approval.created", approval, now, None, name=form.name))
            people = [*authors_of(share.post), *_maker(share)]
            tell(people, News.APPROVAL, share.post, now=now, by=None, name=form.name)
            await db.commit()
        return see(f"{routes.url('shared.show', token=token)}?done=approval#approval")


async def _opened(db: AsyncSession, token: str, now: datetime) -> Share:
    """Give what a link opens; one that nobody made, that ended or was revoked are all the same: nothing is there."""
    share = await shares.by_token_hash(db, token_hash(token), now)
    if share is None:
        raise NotFound
    return share


async def _opened_to_write(request: Asked, db: AsyncSession, token: str, now: datetime) -> Share:
    if request.auth is None:
        # For who is signed in the guard has begun the transaction already.
        await begin_write(db)
    share = await _opened(db, token, now)
    await shares.held(db, share)
    return share


async def _is_too_much(db: AsyncSession, share: Share, now: datetime, errors: Errors) -> bool:
    """Say in `errors` when too much was said through this link already."""
    lately = await comments.count_through(db, share, now - HOUR) + await shares.count_approvals(db, share, now - HOUR)
    if lately >= PER_HOUR or await comments.count_through(db, share) >= MOST_SAID:
        errors[TOO_MUCH] = _("Much has been said through this link already. Please try again in an hour.")
    return bool(errors)


async def _read(
    request: Asked, db: AsyncSession, share: Share, token: str, form: GuestForm, errors: Errors
) -> Response[Any]:
    """Show the draft; with what was typed when it was refused."""
    folder, names = f"{routes.url('shared.show', token=token)}/media", _files(share)
    parts = [Part(one, lent(one.html, names, folder)) for one in paragraphs.split(share.markup)]
    whole: list[Thread] = []
    for thread in await comments.through(db, share):
        (parts[thread.comment.place - 1].threads if thread.comment.place else whole).append(thread)
    is_limited = any(key.endswith(TOO_MUCH) for key in errors)
    response = page(
        request,
        "public/shared/show.html",
        status=429 if is_limited else 422 if errors else 200,
        share=share,
        token=token,
        folder=folder,
        parts=parts,
        whole=whole,
        approvals=await shares.approvals_through(db, share),
        form=form,
        errors=errors,
        chosen=chosen(request, form.paragraph, [part.paragraph for part in parts]),
        done=request.query_params.get("done", ""),
    )
    if is_limited:
        response.headers["retry-after"] = str(int(HOUR.total_seconds()))
    return response


def _maker(share: Share) -> list[int]:
    """Name who made a link: they hear of what is said through it, even if they are no author."""
    return [share.made_by_id] if share.made_by_id else []


def _files(share: Share) -> set[str]:
    """Name the files that a link opens: those in the text, and the cover with its smaller copies."""
    if share.cover is None:
        return set(share.files)
    copies = {copy_name(share.cover.name, width, kind) for width, kind in share.cover.variants}
    return {*share.files, share.cover.name, *copies}
